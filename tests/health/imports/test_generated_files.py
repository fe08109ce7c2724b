"""Files that nobody thought of, imported and checked against a plain reader of their own.

`GENERATED_FILES=2000 pytest tests/health/imports/test_generated_files.py` makes that many.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from csplatform.enums import Role
from csplatform.imports import reading, runner
from csplatform.models import Membership, Organization
from tests.factories.csplatform import MembershipFactory
from tests.health.imports.corpus import stored_metrics
from tests.health.imports.plain_reader import MEASURES, Expected, expect

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("GENERATED_FILES", "80"))
BLOCKS = st.sampled_from([16, 64, 300, 100_000])
HEADINGS = {
    "account_name": ["account_name", "Account Name", "name", "COMPANY"],
    "external_id": ["external_id", "Customer ID"],
    "date": ["date", "Metric Date", "day"],
    "segment": ["segment", "account-segment"],
    "region": ["region"],
    "arr": ["arr", "ARR"],
    "daily_active_users": ["daily_active_users", "DAU", "active users"],
    "feature_adoption_rate": ["feature_adoption_rate", "feature_x_adoption"],
    "support_tickets_open": ["support_tickets_open", "tickets_last_30d"],
    "nps_score": ["nps_score", "NPS"],
    "login_frequency": ["login_frequency", "weekly_active_pct"],
}
NUMBERS = st.one_of(
    st.sampled_from(["", "0", "-0", "7", " 12 ", "75%", "0.5", "1,234", "1,23,456.50", "1.234,5", "0,5", "₹1,200"]),
    st.sampled_from(["NaN", "inf", "1e308", "1e309", "1e2", "9007199254740993", "(5)", "TRUE", "null", "-", "=1+1"]),
    st.integers(-200, 200).map(str),
    st.decimals(-2, 2, places=2).map(str),
    st.decimals(0, 10_000_000, places=2).map(str),
    st.text("0123456789.,-+%eE", max_size=6),
)
NAMES = st.sampled_from(
    [
        *("Acme", " acme\u00a0", "ACME", "Acme  Ltd", "Beta, Inc", "Beta; AG", 'The "Firm"', "Café", "Cafe\u0301"),
        *("Zürich", "00123", "123", "NA", "null", "=1+1", "-1", "two\nlines", "\u200bGamma\u200b", "टाटा", "🚀"),
        *("b\x07d", "", "x" * 256),
    ]
)
CELLS: dict[str, st.SearchStrategy[str]] = {
    "account_name": NAMES,
    "external_id": st.sampled_from(["", "", "C-1", "C-2", "c-1", "00123", "123", " C-1 "]),
    "date": st.sampled_from(
        [
            *("2026-11-01", "2026-11-02", "2026/11/03", "4 Nov 2026", "2026-11-20", "2024-02-29"),
            *("", "2026-11-21", "2026-02-30", "03/04/2026", "46000", "0202-01-01", "soon"),
        ]
    ),
    "segment": st.sampled_from(["", "SMB", "smb", "mid market", "Enterprise", "Startup"]),
    "region": st.sampled_from(["", "North", "Süd", "<b>", "r" * 101]),
} | dict.fromkeys(MEASURES, NUMBERS)


@dataclass(frozen=True)
class GeneratedFile:
    content: bytes
    expected: Expected
    block: int
    """Characters that the product reads at once: a piece of the file may end anywhere."""


@st.composite
def files(draw: st.DrawFn) -> GeneratedFile:
    """A file as programs and people write them: any delimiter, line end, encoding, quoting and order of columns."""
    keys = draw(st.sampled_from([["account_name"], ["account_name", "external_id"], ["external_id", "account_name"]]))
    others = draw(st.lists(st.sampled_from(sorted(HEADINGS.keys() - {"account_name", "external_id"})), unique=True))
    columns = draw(st.permutations([*keys, *others, "note"]))
    heading = [draw(st.sampled_from(HEADINGS.get(column, ["note"]))) for column in columns]
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|"]))

    rows = [[draw(CELLS.get(column, NAMES)) for column in columns] for _ in range(draw(st.integers(0, 12)))]
    for row in rows:
        match draw(st.sampled_from(["whole"] * 12 + ["short", "long", "trailing", "blank"])):
            case "short":
                row.pop()
            case "long":
                row.append("more")
            case "trailing":
                row.append("")
            case "blank":
                row[:] = [""] * len(row)

    file = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows([heading, *rows])
    text = file.getvalue()
    content = encoded(
        text.replace("\r\n", draw(st.sampled_from(["\n", "\r\n", "\r"]))),
        draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"])),
    )
    names = {title: column for title, column in zip(heading, columns, strict=True) if column != "note"}
    return GeneratedFile(content, expect(text.replace("\r\n", "\n"), delimiter, names), draw(BLOCKS))


def encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()


@pytest.fixture
def _on_a_friday(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0)  # nobody else writes here
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.mark.usefixtures("_on_a_friday")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],  # shrinking takes minutes, and the files are small
    derandomize=EXAMPLES == 80,  # the suite's files are the same every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(file=files())
def test_a_generated_file_comes_to_what_a_plain_reader_says(
    file: GeneratedFile, api_for: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK", file.block)
    member: Membership = MembershipFactory(role=Role.ADMIN)  # an organisation of its own for each file
    client = api_for(member)

    answer = upload(client, file)

    expected = file.expected
    assert refused(answer) == expected.refused
    assert (answer["rows"], answer["rejected"]) == (expected.rows, len(expected.refused))
    assert answer["accepted"] == expected.rows - len(expected.refused)
    assert (answer["repeated"], answer["updated"], answer["unchanged"]) == (expected.repeated, 0, 0)
    assert stored(member.organization) == told(expected)
    if not expected.refused:
        assert answer["error"] == ""

    before = stored(member.organization)
    again = upload(client, file)

    assert (again["created"], again["updated"], again["details"]["accounts_created"]) == (0, 0, 0)
    # The same rows; but for what reason a row is refused may lie in what a later one of the file has made by now.
    assert refused(again).keys() == expected.refused.keys()
    assert stored(member.organization) == before


def upload(client: APIClient, file: GeneratedFile) -> dict[str, Any]:
    body: dict[str, Any] = {"file": SimpleUploadedFile("generated.csv", file.content, content_type="text/csv")}
    body["date_order"] = "iso"  # the plain reader does not guess either
    response = client.post("/api/imports", body, format="multipart")
    assert response.status_code == 201, response.json()
    answer: dict[str, Any] = response.json()
    assert answer["status"] == "succeeded"
    assert all(error["reason"] for error in answer["errors"])
    return answer


def refused(answer: dict[str, Any]) -> dict[int, set[tuple[str, str]]]:
    """Lines, and what is wrong in them; space around a value does not matter."""
    found: dict[int, set[tuple[str, str]]] = {}
    for error in answer["errors"]:
        found.setdefault(error["row"], set()).add((error["column"], error["value"].strip()))
    return found


def told(expected: Expected) -> tuple[list[tuple[object, ...]], list[dict[str, Any]]]:
    """The plain reader's accounts and days as they are stored."""
    accounts = [
        (
            customer.facts["name"] or customer.name,
            customer.external_id,
            customer.facts["segment"],
            customer.facts["region"],
            customer.arr,
        )
        for customer in expected.accounts
    ]
    days = [
        {"account": customer.facts["name"] or customer.name, "date": str(day)}
        | {
            name: f"{abs(value):.2f}" if name == "arr" and value is not None else value
            for name, value in measures.items()
        }
        for customer in expected.accounts
        for day, measures in sorted(customer.days.items())
    ]
    return accounts, days


def stored(organization: Organization) -> tuple[list[tuple[object, ...]], list[dict[str, Any]]]:
    accounts = organization.accounts.order_by("number").values_list("name", "external_id", "segment", "region", "arr")
    return list(accounts), stored_metrics(organization)
