"""The import page, as managers, colleagues and strangers meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from csplatform.models import Import, Membership

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]

LIST = "/dashboard/imports"
SAMPLES = Path(settings.BASE_DIR) / "static" / "samples"
PASTED = "Account Name\tNPS\tdate\nAcme\t500\t2026-01-05\n<b>Beta</b>\t40\t2026-01-05\n"


def bring(client: Client, member: Membership, **fields: object) -> Import:
    response = client.post(LIST, fields)
    of = member.organization.imports.first()
    assert of is not None
    assert (response.status_code, response["Location"]) == (302, of.get_absolute_url())
    return of


def test_the_sample_file_imports_without_a_complaint(client_for: ClientFor, mona: Membership) -> None:
    sample = SimpleUploadedFile("metrics-sample.csv", (SAMPLES / "metrics-sample.csv").read_bytes())

    of = bring(client_for(mona), mona, file=sample)

    assert (of.rows, of.created, of.rejected, of.notices) == (40, 40, 0, [])
    assert of.details["accounts_created"] == 8


def test_template_and_sample_have_the_same_headings() -> None:
    first_lines = [
        (SAMPLES / name).read_text().splitlines()[0] for name in ("metrics-template.csv", "metrics-sample.csv")
    ]

    assert first_lines[0] == first_lines[1]


def test_pasted_rows_are_imported_and_their_errors_shown_as_text(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)

    of = bring(client, mona, text=PASTED)
    page = client.get(of.get_absolute_url()).content.decode()

    assert (of.upload.filename, of.rows, of.rejected, of.created) == ("pasted.csv", 2, 1, 1)
    assert "must lie between -100 and 100" in page
    assert mona.organization.accounts.get().name == "<b>Beta</b>"


def test_the_error_file_holds_the_rows_to_correct(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = bring(client, mona, text=PASTED.replace("Acme", "=cmd|calc"))

    response = client.get(reverse("csplatform:import_errors", args=[of.uuid]))

    assert b"".join(response.streaming_content).decode("utf-8-sig").splitlines() == [
        "row,column,value,reason,Account Name,NPS,date",
        "2,NPS,500,must lie between -100 and 100,'=cmd|calc,500,2026-01-05",
    ]


def test_a_dry_run_is_followed_by_the_real_one_from_the_same_file(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    tried = bring(client, mona, text=PASTED, dry_run="on")
    assert not mona.organization.accounts.exists()

    client.post(reverse("csplatform:import_run", args=[tried.uuid]))

    done = mona.organization.imports.first()
    assert (done.dry_run, done.upload, done.created) == (False, tried.upload, tried.created)
    assert mona.organization.daily_metrics.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a file, or paste rows below."),
        ({"text": "a,b\n1,2"}, "The file has no column account_name or external_id."),
        ({"file": SimpleUploadedFile("book.xlsx", b"PK")}, "Choose a file whose name ends in .csv, .tsv or .txt."),
    ],
)
def test_what_cannot_be_imported_is_said_in_the_form(
    client_for: ClientFor, mona: Membership, fields: dict[str, object], sentence: str
) -> None:
    response = client_for(mona).post(LIST, fields)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not mona.organization.imports.exists()


def test_everyone_reads_the_list_and_only_managers_bring_files(
    client_for: ClientFor, mona: Membership, alice: Membership, farah: Membership, rita: Membership
) -> None:
    of = bring(client_for(mona), mona, text=PASTED)

    for member in (alice, farah, rita):
        client = client_for(member)
        page = client.get(LIST).content.decode()
        assert "pasted.csv" in page
        assert "New import" not in page
        assert client.get(of.get_absolute_url()).status_code == 200
        assert client.post(LIST, {"text": PASTED}).status_code == 403
        assert client.post(reverse("csplatform:import_run", args=[of.uuid])).status_code == 403
        assert client.post(reverse("csplatform:import_cancel", args=[of.uuid])).status_code == 403
    assert mona.organization.imports.count() == 1


def test_another_organisations_imports_do_not_exist(
    client_for: ClientFor, mona: Membership, mallory: Membership
) -> None:
    of = bring(client_for(mona), mona, text=PASTED)
    stranger = client_for(mallory)

    assert "pasted.csv" not in stranger.get(LIST).content.decode()
    assert stranger.get(of.get_absolute_url()).status_code == 404
    assert stranger.get(reverse("csplatform:import_errors", args=[of.uuid])).status_code == 404
    assert stranger.post(reverse("csplatform:import_cancel", args=[of.uuid])).status_code == 404
    assert stranger.post(reverse("csplatform:import_run", args=[of.uuid])).status_code == 404


def test_an_import_under_way_shows_its_progress_and_can_be_stopped(
    client_for: ClientFor, mona: Membership, settings: object
) -> None:
    settings.JOB_INLINE_LIMIT = 0  # type: ignore[attr-defined]  # pytest-django's own object
    client = client_for(mona)
    of = bring(client, mona, text=PASTED)

    page = client.get(of.get_absolute_url()).content.decode()
    client.post(reverse("csplatform:import_cancel", args=[of.uuid]))

    of.job.refresh_from_db()
    assert f'data-job="/api/jobs/{of.job.uuid}"' in page
    assert of.job.status == "cancelled"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    client_for: ClientFor, mona: Membership, rows: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_for(mona)
    for _ in range(rows):
        bring(client, mona, text=PASTED)

    with django_assert_max_num_queries(12):
        client.get(LIST)
