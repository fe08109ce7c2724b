"""Files that are meant to hurt, or too large to keep beside the tests: refused fast, or taken row by row."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from csplatform.imports import runner
from csplatform.models import Membership
from tests.health.imports.corpus import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

HEADING = "account_name,date,daily_active_users\n"
MEGABYTE = 1024 * 1024


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0)  # nobody else writes here
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


def upload(client: APIClient, content: str | bytes, name: str = "metrics.csv", url: str = "/api/imports") -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("metrics.csv", data, content_type="text/csv")
    file._name = name  # Django's own class would cut a path or a long name off before it is sent
    return client.post(url, {"file": file}, format="multipart")


def names(member: Membership) -> list[str]:
    return list(member.organization.accounts.order_by("number").values_list("name", flat=True))


def test_a_cell_of_ten_megabytes_costs_its_row(api_for: Callable[..., APIClient], amir: Membership) -> None:
    text = f"{HEADING}Acme,2026-11-01,1\n{'x' * 10 * MEGABYTE},2026-11-01,2\nBeta,2026-11-01,3\n"

    answer = upload(api_for(amir), text).json()

    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (3, 2, 1)
    assert [(error["row"], error["column"], error["value"], error["reason"]) for error in answer["errors"]] == [
        (3, "", "x" * 200, "holds a cell that is too long")
    ]
    assert names(amir) == ["Acme", "Beta"]


def test_five_thousand_columns_are_read_and_all_but_ours_left_alone(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    others = [f"column {number}" for number in range(4_997)]
    text = f"{','.join(others)},{HEADING}{',' * 4_997}Acme,2026-11-01,1\n{',' * 4_996}Beta,2026-11-01,2\n"

    answer = upload(api_for(amir), text).json()

    # The second row has 4,996 delimiters before its first cell where 4,997 columns stand before ours.
    assert [(error["row"], error["reason"]) for error in answer["errors"]] == [
        (3, "has 4,999 cells where the heading has 5,000")
    ]
    assert names(amir) == ["Acme"]


def test_a_million_columns_are_refused(api_for: Callable[..., APIClient], amir: Membership) -> None:

    response = upload(api_for(amir), HEADING.strip() + "," * 1_000_000 + "x\n")

    # The three of the heading, of which the last is followed by a million commas and an x: one more for each.
    assert (response.status_code, response.json()["message"]) == (
        400,
        "The file has 1,000,003 columns; at most 16,384 are read.",
    )
    assert not amir.organization.uploads.exists()


@pytest.mark.parametrize(
    "name", ["spreadsheet_bomb", "zip_bomb", "gzip_bomb", "pdf", "old_spreadsheet", "spreadsheet_renamed"]
)
def test_bombs_and_other_formats_are_refused_unopened(
    api_for: Callable[..., APIClient], amir: Membership, name: str
) -> None:
    content = (ROOT / "hostile" / f"{name}.csv").read_bytes()
    client = api_for(amir)
    tracemalloc.start()

    response = upload(client, content, url="/ingest/csv")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 400
    assert peak < 20 * MEGABYTE
    assert not amir.organization.uploads.exists()


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(
    api_for: Callable[..., APIClient], amir: Membership, settings: Any
) -> None:
    text = f"{HEADING}Acme,2026-11-01,1\n"
    settings.MAX_UPLOAD_BYTES = len(text)

    over = upload(api_for(amir), f"{text}\n")
    uploads = amir.organization.uploads.count()
    at = upload(api_for(amir), text)

    assert (over.status_code, uploads, at.status_code) == (413, 0, 201)
    assert over.json()["message"].startswith("The file is over the limit of ")


def test_a_broken_byte_in_row_fifty_thousand_is_named(
    api_for: Callable[..., APIClient], amir: Membership, settings: Any
) -> None:
    settings.JOB_INLINE_LIMIT = 1_000_000
    rows = [f"Zürich,2026-11-{1 + number % 19:02},{number}".encode() for number in range(50_000)]
    rows[49_999] = b"Z\xffrich,2026-11-01,5"

    answer = upload(api_for(amir), b"\n".join([HEADING.strip().encode(), *rows])).json()

    assert answer["errors"] == [
        {
            "row": 50_001,
            "column": "account_name",
            "value": "Z\ufffdrich",
            "reason": "holds bytes that mean nothing in the file's encoding",
        }
    ]
    # One account with nineteen days; of the other 49,980 accepted rows a later one of the file stands.
    assert (answer["rows"], answer["rejected"], answer["created"], answer["repeated"]) == (50_000, 1, 19, 49_980)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x" * 296 + ".csv", None),
        ("..\\..\\windows\\evil.csv", "evil.csv"),
        ("/etc/passwd.csv", "passwd.csv"),
        ("\u202egnp.csv", "gnp.csv"),
        ("a;b|c?.csv", "abc.csv"),
    ],
)
def test_a_strange_file_name_is_made_harmless(
    api_for: Callable[..., APIClient], amir: Membership, sent: str, kept: str | None
) -> None:
    response = upload(api_for(amir), f"{HEADING}Acme,2026-11-01,1\n", sent)

    stored = amir.organization.uploads.get().filename
    assert response.status_code == 201
    assert stored == (kept or stored)
    assert stored.endswith(".csv")
    assert len(stored) <= 255
    assert not set(stored) & set('/\\\r\n"\u202e')


def test_formulas_are_kept_as_texts_and_defused_on_their_way_out(
    api_for: Callable[..., APIClient], client_for: Callable[[Membership], Client], amir: Membership
) -> None:
    formulas = ["=cmd|' /C calc'!A0", "+SUM(1)", "-2+3", "@SUM(A1)", "=1+1"]
    rows = "".join(f'"{formula}",2026-11-01,=1\n' for formula in formulas)
    client = api_for(amir)
    content = (ROOT / "hostile" / "formulas.csv").read_bytes()

    upload(client, content)
    bad = upload(client, f"{HEADING}{rows}").json()
    accounts = client_for(amir).get(reverse("accounts:account_export"))
    errors = client.get(f"/api/imports/{bad['id']}/errors.csv")

    assert "=cmd|' /C calc'!A0" in names(amir)
    out = [cells(accounts), cells(errors)]
    assert any("'=cmd|' /C calc'!A0" in row for table in out for row in table)
    assert not [cell for table in out for row in table for cell in row if is_live(cell)]


def cells(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def is_live(cell: str) -> bool:
    """Whether a spreadsheet would calculate it. A plain negative number is only that."""
    return cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not cell[1:].replace(".", "", 1).isdigit()
