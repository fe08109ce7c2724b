"""Files of every shape, read piece by piece."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csplatform.imports import reading
from csplatform.imports.exceptions import UnreadableFile
from csplatform.imports.reading import Sheet, settle

KNOWN = {"name", "date", "users"}


def sheet_of(content: str | bytes, encoding: str = "utf-8") -> Sheet:
    raw = content.encode(encoding) if isinstance(content, str) else content
    return settle(lambda: io.BytesIO(raw), is_known=KNOWN.__contains__)


def read(content: str | bytes, encoding: str = "utf-8") -> tuple[list[tuple[int, ...]], list[tuple[int, str]]]:
    """Rows as (line, cell, …) and problems as (line, reason)."""
    sheet = sheet_of(content, encoding)
    wanted = {heading: place for place, heading in enumerate(sheet.header)}
    rows, problems = [], []
    for chunk in sheet.chunks(wanted):
        columns = [[chunk.columns[name].distinct[code] for code in chunk.columns[name].codes] for name in wanted]
        rows += list(zip(chunk.lines.tolist(), *columns, strict=True))
        problems += [(problem.line, problem.reason) for problem in chunk.problems]
    return rows, problems


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("name,date\nJosé,1\n", "utf-8"),
        ("name,date\nJosé,1\n", "utf-8-sig"),
        ("name,date\nJosé,1\n", "utf-16"),
        ("name,date\nJosé,1\n", "cp1252"),
        ("name;date\nJosé;1\n", "utf-8"),
        ("name\tdate\nJosé\t1\n", "utf-8"),
        ("name|date\nJosé|1\n", "utf-8"),
        ("sep=;\nname;date\nJosé;1\n", "utf-8"),
        ("\n\nname,date\r\nJosé,1\r\n", "utf-8"),
        ("name,date\rJosé,1\r", "utf-8"),
        ("name,date,,\nJosé,1,,\n", "utf-8"),
        ('"name" , "date"\n"José" , "1"\n', "utf-8"),
    ],
)
def test_one_row_whatever_the_encoding_delimiter_and_line_ends(content: str, encoding: str) -> None:
    rows, problems = read(content, encoding)

    assert [row[1:] for row in rows] == [("José", "1")]
    assert problems == []


def test_utf16_big_endian_with_its_mark_is_read() -> None:
    rows, _ = read(b"\xfe\xff" + "name,date\nDhoti & Söhne,1\n".encode("utf-16-be"))

    assert rows == [(2, "Dhoti & Söhne", "1")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"%PDF-1.7", "This is a PDF, not a CSV file. Save it as CSV and upload it again."),
        (b"\x1f\x8b\x08", "This is a gzip archive, not a CSV file. Save it as CSV and upload it again."),
        (
            "name,date\nA,1\n".encode("utf-16-le"),
            "The file looks like UTF-16 without a byte-order mark. Save it as UTF-8 and upload it again.",
        ),
        ("name\n".encode("utf-32"), "The file is in UTF-32. Save it as UTF-8 and upload it again."),
        (b"na\x00me,date\n", "The first line holds NUL characters, so this is not a text file."),
        (("x," * 16_384 + "x").encode(), "The file has 16,385 columns; at most 16,384 are read."),
    ],
)
def test_what_is_no_table_of_text_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        sheet_of(content)

    assert refusal.value.message == sentence


def test_a_row_of_another_width_is_named_and_the_others_stay_in_their_columns() -> None:
    rows, problems = read("name,date\nA,1\nB,1,2\nC\nD,4\n")

    assert rows == [(2, "A", "1"), (5, "D", "4")]
    assert problems == [
        (3, "has 3 cells where the heading has 2; put quotation marks around a value that holds “,”"),
        (4, "has 1 cell where the heading has 2"),
    ]


def test_blank_lines_and_rows_of_bare_delimiters_are_no_rows_but_count_as_lines() -> None:
    rows, problems = read("name,date\nA,1\n\n,\nB,2\n")

    assert rows == [(2, "A", "1"), (5, "B", "2")]
    assert problems == []


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends() -> None:
    rows, problems = read('name,date\n"A, ""the"" firm",1\n"two\nlines",2\nC,3\n')

    assert rows == [(2, 'A, "the" firm', "1"), (3, "two\nlines", "2"), (5, "C", "3")]
    assert problems == []


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    rows, problems = read('name,date\nA,1\n"B,2\nC,3\n"D",4\n')

    assert rows == [(2, "A", "1"), (4, "C", "3"), (5, "D", "4")]
    assert [line for line, _ in problems] == [3]


def test_a_nul_in_a_row_costs_the_row() -> None:
    assert read(b"name,date\nA\x00,1\nB,2\n") == (
        [(3, "B", "2")],
        [(2, "holds a NUL or another control character")],
    )


def test_one_broken_byte_among_utf8_text_stays_in_its_row() -> None:
    rows, _ = read("name,date\nJosé,1\n".encode() + b"B\xff,2\n")

    assert rows == [(2, "José", "1"), (3, "B\ufffd", "2")]


def test_texts_that_parsers_like_to_change_stay_as_they_are() -> None:
    rows, _ = read("name,date,users\n00123,NA,null\nTRUE,1e309,9007199254740993\n")

    assert rows == [(2, "00123", "NA", "null"), (3, "TRUE", "1e309", "9007199254740993")]


@pytest.mark.parametrize(
    "texts", [("00123", "9007199254740993"), ("1.50", "1e309"), ("TRUE", "false"), ("", "1"), ("2026-01-01", "NaT")]
)
def test_a_column_in_which_all_look_like_numbers_stays_text_too(texts: tuple[str, str]) -> None:
    rows, _ = read("name,users\n" + "".join(f"x,{text}\n" for text in texts))

    assert [row[2] for row in rows] == list(texts)


def test_a_cell_of_ten_megabytes_costs_its_row() -> None:
    rows, problems = read(f"name,date\n{'x' * 10_000_000},1\nB,2\n")

    assert rows == [(3, "B", "2")]
    assert problems == [(2, "holds a cell that is too long")]


def test_five_thousand_columns_are_read() -> None:
    heading = "name," + ",".join(f"c{n}" for n in range(4_999))

    rows, problems = read(f"{heading}\nA{',' * 4_999}\n")

    assert (len(rows), rows[0][:2], problems) == (1, (2, "A"), [])


def test_a_heading_may_be_longer_than_a_cell() -> None:
    others = ",".join(f"a heading of forty characters {n:010}" for n in range(4_000))

    rows, problems = read(f"name,{others}\nA{',' * 4_000}\n")

    assert (len(others) > 131_072, len(rows), rows[0][:2], problems) == (True, 1, (2, "A"), [])


def test_a_first_line_that_is_one_endless_heading_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refusal:
        sheet_of("x" * 200_000 + "\n1\n")

    assert refusal.value.message == "The first line holds a heading that is too long."


def test_a_long_file_keeps_its_line_numbers_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK", 64)
    lines = [f"A{n},{n}" if n % 7 else f'"A\n{n}",{n}' for n in range(500)]

    rows, problems = read("name,date\n" + "\n".join(lines))

    expected, line = [], 2
    for n in range(500):
        expected.append((line, f"A{n}" if n % 7 else f"A\n{n}", str(n)))
        line += 1 if n % 7 else 2
    assert rows == expected
    assert problems == []


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x1e\x1f\ufeff"), max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(cells, cells), max_size=30), st.sampled_from([16, 100, 5_000]))
def test_both_roads_read_what_the_csv_module_wrote(written: list[tuple[str, str]], block: int) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("name", "date"), *written])
    before, reading.BLOCK = reading.BLOCK, block
    try:
        rows, problems = read(file.getvalue())
    finally:
        reading.BLOCK = before

    # Space behind a delimiter is dropped, as people write it; what is empty altogether is no row.
    kept = [pair for pair in written if any(cell.strip() for cell in pair)]
    assert problems == []
    assert [tuple(cell.strip(" ") for cell in row[1:]) for row in rows] == [
        tuple(cell.strip(" ") for cell in pair) for pair in kept
    ]


def test_a_line_that_cannot_be_divided_keeps_its_text_for_whoever_corrects_it() -> None:
    (chunk,) = sheet_of('name,date,users\n"Acme" Ltd,1,2,3\nBeta,1,2\n').chunks({"name": 0})

    # Three headings, so three cells: the last one holds whatever is left of the line.
    assert [(each.line, each.cells) for each in chunk.problems] == [(2, ['"Acme" Ltd', "1", "2,3"])]


def test_the_first_rows_are_shown_as_they_stand_bad_ones_too() -> None:
    sheet = sheet_of('name,date\nAcme,1\nBeta\n"Gamma, Inc.",3\nDelta,4\n')

    assert [(line, list(cells)) for line, cells in sheet.first_rows(3)] == [
        (2, ["Acme", "1"]),
        (3, ["Beta"]),
        (4, ["Gamma, Inc.", "3"]),
    ]
