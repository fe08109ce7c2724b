"""The import page, as managers, colleagues and strangers meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from csplatform.imports.enums import DateOrder
from csplatform.models import Import, Membership
from csplatform.services.imports import (
    AlreadyImported,
    ImportOptions,
    PreviewChoices,
    import_preview,
    run_import_now,
    start_import,
)
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]

LIST = "/dashboard/imports"
SAMPLES = Path(settings.BASE_DIR) / "static" / "samples"
PASTED = "Account Name\tNPS\tdate\nAcme\t500\t2026-01-05\n<b>Beta</b>\t40\t2026-01-05\n"


def look_at(client: Client, member: Membership, **fields: object) -> Import:
    """Hand a file in; the page that follows shows what would come of it."""
    response = client.post(LIST, fields)
    of = member.organization.imports.first()
    assert of is not None
    assert (response.status_code, response["Location"]) == (302, of.get_absolute_url())
    return of


def bring(client: Client, member: Membership, **fields: object) -> Import:
    """Hand a file in and import it as it was found."""
    of = look_at(client, member, **fields)
    return press(client, of, "import_run")


def press(client: Client, of: Import, button: str, **changes: object) -> Import:
    """Press a button of the preview with its form as it is filled in, but for some changes."""
    page = client.get(of.get_absolute_url())
    filled = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    response = client.post(reverse(f"csplatform:{button}", args=[of.uuid]), filled | changes)
    assert (response.status_code, response["Location"]) == (302, of.get_absolute_url())
    of.refresh_from_db()
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


def test_a_preview_writes_nothing_and_shows_what_would_come_of_it(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    page = client.get(of.get_absolute_url())

    assert not mona.organization.accounts.exists()
    assert (of.is_preview, of.dry_run, of.rows, of.created, of.rejected) == (True, True, 2, 1, 1)
    assert of.preview == {
        "encoding": "utf-8",
        "delimiter": "\t",
        "columns": [
            {"heading": "Account Name", "column": "account_name", "how": "name"},
            {"heading": "NPS", "column": "nps_score", "how": "alias"},
            {"heading": "date", "column": "date", "how": "name"},
        ],
        "first_rows": [
            {"row": 2, "cells": ["Acme", "500", "2026-01-05"]},
            {"row": 3, "cells": ["<b>Beta</b>", "40", "2026-01-05"]},
        ],
        "columns_left_out": 0,
    }
    html = page.content.decode()
    for text in ("UTF-8, divided by tab", "Import 1 row", "must lie between -100 and 100", "&lt;b&gt;Beta&lt;/b&gt;"):
        assert text in html


def test_a_preview_becomes_the_import(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    done = press(client, of, "import_run")

    assert (done.pk, done.dry_run, done.is_preview, done.created) == (of.pk, False, False, 1)
    assert mona.organization.imports.count() == 1
    assert mona.organization.daily_metrics.count() == 1


def test_columns_are_matched_by_hand_and_remembered(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text="Kunde,Wert,date\nAcme,40,2026-01-05")
    page = client.get(of.get_absolute_url()).content.decode()
    assert "The file has no column account_name or external_id." in page
    assert of.job.status == "failed"

    of = press(client, of, "import_preview", **{"column-0": "account_name", "column-1": "nps_score"})
    assert (of.is_preview, of.created, mona.organization.accounts.count()) == (True, 1, 0)
    press(client, of, "import_run")
    again = look_at(client, mona, text="wert,KUNDE,date\n50,Acme,2026-01-06")

    assert mona.organization.daily_metrics.get().nps == 40
    assert again.mapping == {"KUNDE": "account_name", "wert": "nps_score"}
    assert again.created == 1
    assert "Matched as Mona chose on " in client.get(again.get_absolute_url()).content.decode()

    client.post(reverse("csplatform:import_forget", args=[again.uuid]))
    again.refresh_from_db()

    assert (again.mapping, mona.organization.import_mappings.count()) == ({}, 0)
    assert look_at(client, mona, text="Kunde,Wert,date\nAcme,1,2026-01-05").mapping == {}


def test_a_column_can_be_left_out(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    done = press(client, press(client, of, "import_preview", **{"column-1": ""}), "import_run")

    assert (done.mapping, done.rejected, done.created) == ({"NPS": None}, 0, 2)


def test_two_headings_for_one_column_are_refused_in_words(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    of = press(client, of, "import_preview", **{"column-1": "account_name"})

    assert of.job.error == "The columns “Account Name” and “NPS” both mean account_name; keep one of them."
    assert of.job.error in client.get(of.get_absolute_url()).content.decode()


def test_dates_that_fit_both_orders_are_asked_about(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text="account_name,date\nAcme,03/04/2026\nBeta,05/04/2026")
    page = client.get(of.get_absolute_url()).content.decode()
    assert "Which number is the day?" in page

    of = press(client, of, "import_run", date_order="dmy")

    assert of.question == ""
    days = mona.organization.daily_metrics.order_by("date").values_list("date", flat=True)
    assert [day.isoformat() for day in days] == ["2026-04-03", "2026-04-05"]


def test_the_organisation_may_have_settled_the_order_of_dates(client_for: ClientFor, mona: Membership) -> None:
    mona.organization.import_date_order = "mdy"
    mona.organization.save()

    of = bring(client_for(mona), mona, text="account_name,date\nAcme,03/04/2026")

    assert of.date_order == "mdy"
    assert mona.organization.daily_metrics.get().date.isoformat() == "2026-03-04"


def test_many_new_accounts_are_named_before_they_are_made(
    client_for: ClientFor, mona: Membership, settings: object
) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 2  # type: ignore[attr-defined]  # pytest-django's own object
    AccountFactory(organization=mona.organization, name="Sahyadri Logistics Pvt. Ltd.")
    client = client_for(mona)
    names = ["Sahyadri Logistcs", "Kaveri Foods", "Deccan Steel"]

    of = look_at(client, mona, text="account_name\n" + "\n".join(names))
    page = client.get(of.get_absolute_url()).content.decode()

    assert of.newcomers == {
        "count": 3,
        "names": names,
        "look_alikes": [["Sahyadri Logistcs", "Sahyadri Logistics Pvt. Ltd."]],
        "known": 1,
    }
    assert "Create 3 accounts and import" in page
    assert (of.job.status, of.question, " disabled" in page) == ("succeeded", "", False)
    press(client, of, "import_run")
    assert mona.organization.accounts.count() == 4


def test_an_import_that_asks_on_its_way_is_answered_on_its_page(
    client_for: ClientFor, mona: Membership, settings: object
) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 1  # type: ignore[attr-defined]
    AccountFactory(organization=mona.organization)
    client = client_for(mona)
    of = start_import(
        organization=mona.organization,
        by=mona.user,
        filename="metrics.csv",
        blocks=[b"account_name\nAcme\nBeta\n"],
        options=ImportOptions(),
    )
    of = run_import_now(of)
    page = client.get(of.get_absolute_url()).content.decode()
    assert (of.job.status, of.question) == ("failed", "new_accounts")
    assert "would create 2 accounts" in page
    assert mona.organization.accounts.count() == 1

    client.post(reverse("csplatform:import_run", args=[of.uuid]), {"confirm_new": "1"})

    of = mona.organization.imports.for_list().get()
    assert (of.job.status, of.question, mona.organization.accounts.count()) == ("succeeded", "", 3)


def test_a_preview_can_be_discarded(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    response = client.post(reverse("csplatform:import_discard", args=[of.uuid]))

    assert (response.status_code, response["Location"]) == (302, LIST)
    assert not mona.organization.imports.exists()
    assert not mona.organization.uploads.exists()


def test_what_is_imported_cannot_be_discarded(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = bring(client, mona, text=PASTED)

    client.post(reverse("csplatform:import_discard", args=[of.uuid]))

    assert mona.organization.imports.get() == of


def test_a_second_press_of_the_button_imports_nothing_more(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)
    stale = mona.organization.imports.for_list().get()
    press(client, of, "import_run")

    with pytest.raises(AlreadyImported):
        import_preview(
            of=stale,
            by=mona.user,
            choices=PreviewChoices(mapping={}, date_order=DateOrder.AUTO, strict=False),
        )

    assert mona.organization.imports.count() == 1


def test_all_or_nothing_is_chosen_on_the_preview(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

    of = press(client, of, "import_run", strict="on")

    assert (of.strict, of.rejected, of.created) == (True, 1, 0)
    assert not mona.organization.accounts.exists()


def test_a_file_of_five_thousand_columns_is_shown_with_those_that_are_read(
    client_for: ClientFor, mona: Membership
) -> None:
    headings = [f"x{n}" for n in range(4_999)] + ["account_name"]

    of = look_at(client_for(mona), mona, text=",".join(headings) + "\n" + ",".join(["1"] * 5_000))

    assert len(of.preview["columns"]) == 100
    assert of.preview["columns"][-1] == {"heading": "account_name", "column": "account_name", "how": "name"}
    assert of.preview["columns_left_out"] == 4_900


def test_a_dry_run_of_the_api_is_followed_by_the_real_one_from_the_same_file(
    client_for: ClientFor, mona: Membership
) -> None:
    tried = run_import_now(
        start_import(
            organization=mona.organization,
            by=mona.user,
            filename="metrics.csv",
            blocks=[PASTED.encode()],
            options=ImportOptions(dry_run=True),
        )
    )
    assert not mona.organization.accounts.exists()

    client_for(mona).post(reverse("csplatform:import_run", args=[tried.uuid]))

    done = mona.organization.imports.first()
    assert (done.dry_run, done.upload, done.created) == (False, tried.upload, tried.created)
    assert mona.organization.daily_metrics.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a file, or paste rows below."),
        ({"text": "%PDF-1.7 and more"}, "This is a PDF, not a CSV file."),
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


def test_everyone_reads_the_list_and_only_those_who_may_bring_files(
    client_for: ClientFor, mona: Membership, alice: Membership, farah: Membership, rita: Membership
) -> None:
    of = bring(client_for(mona), mona, text=PASTED)

    for member in (alice, farah, rita):
        client = client_for(member)
        page = client.get(LIST).content.decode()
        assert "pasted.csv" in page
        # Finance brings documents, which this is not.
        assert ("New import" in page) == (member is farah)
        assert client.get(of.get_absolute_url()).status_code == 200
        refusal = client.post(LIST, {"text": PASTED, "kind": "metrics"}).status_code
        assert refusal == (422 if member is farah else 403)
        assert client.post(reverse("csplatform:import_run", args=[of.uuid])).status_code == 403
        for button in ("cancel", "run", "preview", "discard", "forget", "undo"):
            assert client.post(reverse(f"csplatform:import_{button}", args=[of.uuid])).status_code == 403
    assert mona.organization.imports.count() == 1


def test_another_organisations_imports_do_not_exist(
    client_for: ClientFor, mona: Membership, mallory: Membership
) -> None:
    of = bring(client_for(mona), mona, text=PASTED)
    stranger = client_for(mallory)

    assert "pasted.csv" not in stranger.get(LIST).content.decode()
    assert stranger.get(of.get_absolute_url()).status_code == 404
    assert stranger.get(reverse("csplatform:import_errors", args=[of.uuid])).status_code == 404
    for button in ("cancel", "run", "preview", "discard", "forget", "undo"):
        assert stranger.post(reverse(f"csplatform:import_{button}", args=[of.uuid])).status_code == 404


def test_an_import_under_way_shows_its_progress_and_can_be_stopped(
    client_for: ClientFor, mona: Membership, settings: object
) -> None:
    settings.JOB_INLINE_LIMIT = 0  # type: ignore[attr-defined]  # pytest-django's own object
    client = client_for(mona)
    of = look_at(client, mona, text=PASTED)

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

    with django_assert_max_num_queries(20):
        client.get(LIST)


def test_an_import_is_undone_on_its_page(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = bring(client, mona, text=PASTED)
    url = reverse("csplatform:import_undo", args=[of.uuid])
    assert f'action="{url}"' in client.get(of.get_absolute_url()).content.decode()

    client.post(url)

    assert not mona.organization.accounts.exists()
    page = client.get(of.get_absolute_url()).content.decode()
    assert f'action="{url}"' not in page
    assert "Everything is as it was before this import." in page
    assert "Undone" in client.get(LIST).content.decode()


def test_what_forbids_an_undo_is_said_on_the_page(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = bring(client, mona, text=PASTED)
    bring(client, mona, text=PASTED.replace("40", "50"))

    client.post(reverse("csplatform:import_undo", args=[of.uuid]))

    assert "were written again on" in client.get(of.get_absolute_url()).content.decode()
    assert mona.organization.daily_metrics.get().nps == 50
