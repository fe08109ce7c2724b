"""What leaves as CSV: exact, plain and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csplatform.exports import Cell, cell_text, csv_lines

WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("12500000.50"), "12500000.50"),
        (Decimal("1E+5"), "100000"),
        (-3, "-3"),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 3, 0, tzinfo=UTC), "2026-11-20T03:00:00Z"),
        ("Acme, \"India\"", "Acme, \"India\""),
        ("-1", "-1"),  # a number, not a formula
        ("+12.50", "+12.50"),
        ("=1+1", "'=1+1"),
        ("+91 98450 12345", "'+91 98450 12345"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ],
)  # fmt: skip
def test_cells(value: Cell, text: str) -> None:
    assert cell_text(value) == text


def test_a_file_starts_with_its_mark_and_header() -> None:
    lines = list(csv_lines(["Name", "ARR"], [["José", Decimal("1.50")]], bom=True))

    assert lines == ["\ufeffName,ARR\r\n", "José,1.50\r\n"]


def test_rows_are_written_as_they_come() -> None:
    def rows() -> list[list[Cell]]:
        raise AssertionError("fetched before it was asked for")

    lines = csv_lines(["Name"], (row for _ in [0] for row in rows()))

    assert next(lines) == "Name\r\n"


@given(st.lists(st.tuples(WORDS, WORDS), max_size=5))
def test_any_text_reads_back_and_none_starts_a_formula(rows: list[tuple[str, str]]) -> None:
    text = "".join(csv_lines(["a", "b"], rows))

    for given_row, read_row in zip(rows, list(csv.reader(io.StringIO(text, newline="")))[1:], strict=True):
        for given_cell, cell in zip(given_row, read_row, strict=True):
            assert cell in {given_cell, f"'{given_cell}"}
            assert not cell.startswith(("=", "@", "\t", "\r"))
            assert not cell.startswith(("+", "-")) or Decimal(cell).is_finite()
