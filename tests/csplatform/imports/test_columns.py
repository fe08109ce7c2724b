"""Headings matched to columns, and whole columns parsed at once."""

from __future__ import annotations

import io
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from csplatform.imports import values
from csplatform.imports.columns import Column, ColumnSet
from csplatform.imports.exceptions import UnreadableFile
from csplatform.imports.reading import settle
from csplatform.imports.values import Locale

COLUMNS = ColumnSet(
    columns=(
        Column(name="account_name", parse=values.words(20), aliases=("name",)),
        Column(name="users", parse=values.count),
        Column(name="date", parse=values.past_day, missing="is empty"),
    ),
    keys=("account_name",),
)
LOCALE = Locale(today=date(2026, 11, 20), zone=ZoneInfo("Asia/Kolkata"))


@pytest.mark.parametrize("heading", ["account_name", "Account Name", "ACCOUNT-NAME", " accountname ", "Name"])
def test_headings_do_not_mind_case_spaces_or_underscores(heading: str) -> None:
    assert COLUMNS.places(["other", heading], {}) == {"account_name": 1}


def test_a_mapping_wins_over_what_a_heading_seems_to_mean() -> None:
    header = ["Kunde", "Name", "users"]

    places = COLUMNS.places(header, {"kunde": "account_name", "NAME": None})

    assert places == {"account_name": 0, "users": 2}


@pytest.mark.parametrize(
    ("header", "mapping", "sentence"),
    [
        (["users"], {}, "The file has no column account_name. It has “users”."),
        (
            ["Name", "Account Name"],
            {},
            "The columns “Name” and “Account Name” both mean account_name; keep one of them.",
        ),
        (["Name"], {"Konto": "users"}, "The mapping names a column “Konto”, which the file does not have."),
        (["Name"], {"Name": "nome"}, "The mapping names “nome”, which is no column of this import."),
    ],
)
def test_a_heading_that_cannot_be_used_is_refused(
    header: list[str], mapping: dict[str, str | None], sentence: str
) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        COLUMNS.places(header, mapping)

    assert refusal.value.message == sentence


def test_a_bad_value_costs_its_row_and_is_reported_with_the_row() -> None:
    sheet = settle(
        lambda: io.BytesIO(b"Name,users,date\nA,1,2026-11-19\nB,x,\nC,,2026-11-19\n"), is_known=COLUMNS.is_known
    )
    places = COLUMNS.places(sheet.header, {})
    header = {name: sheet.header[place] for name, place in places.items()}

    (chunk,) = sheet.chunks(places)
    rows, problems = COLUMNS.read(chunk, header, LOCALE)

    assert rows.lines.tolist() == [2, 4]
    assert rows.values["account_name"].rows.tolist() == ["A", "C"]
    assert [str(value) for value in rows.values["users"].rows] == ["1.0", "nan"]
    assert [(each.line, each.column, each.value, each.reason, each.cells) for each in problems] == [
        (3, "users", "x", "is not a number", ["B", "x", ""]),
        (3, "date", "", "is empty", ["B", "x", ""]),
    ]
