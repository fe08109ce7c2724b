"""What an import says of itself: to the API, to the job, to a download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

from csplatform.models import Import, ImportRowError

SHOWN_ERRORS = 1_000
"""Errors in an answer; all of them are in the file."""
ERRORS_HEADER = ("row", "column", "value", "reason")


class ErrorRow(TypedDict):
    row: int
    column: str
    value: str
    reason: str


class Report(TypedDict):
    """The counts. accepted + rejected = rows; accepted = created + updated + unchanged + repeated."""

    rows: int
    accepted: int
    rejected: int
    repeated: int
    created: int
    updated: int
    unchanged: int
    details: dict[str, int]
    notices: list[str]


def report(of: Import) -> Report:
    return {
        "rows": of.rows,
        "accepted": of.accepted,
        "rejected": of.rejected,
        "repeated": of.repeated,
        "created": of.created,
        "updated": of.updated,
        "unchanged": of.unchanged,
        "details": of.details,
        "notices": of.notices,
    }


def first_errors(of: Import) -> list[ImportRowError]:
    return list(of.row_errors.all()[:SHOWN_ERRORS])


def error_rows(errors: Sequence[ImportRowError]) -> list[ErrorRow]:
    return [{"row": each.row, "column": each.column, "value": each.value, "reason": each.reason} for each in errors]


def error_file_rows(of: Import) -> Iterator[list[str | int]]:
    """Every error, beside the row as it stood in the file, so that it can be corrected and sent again."""
    width = len(of.header)
    for each in of.row_errors.all().iterator(chunk_size=1_000):
        cells = [*each.cells, *[""] * (width - len(each.cells))]
        yield [each.row, each.column, each.value, each.reason, *cells]


def error_file_header(of: Import) -> list[str]:
    return [*ERRORS_HEADER, *of.header]
