"""CSV out: the one writer behind every export.

What a spreadsheet would run as a formula is defused, numbers stay plain numbers, dates are ISO, and rows are
written as they are fetched, so an export of any length costs the memory of one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

from csplatform.models import Organization
from csplatform.periods import iso_utc
from csplatform.tenancy import scoped_stream

Cell = str | int | float | Decimal | bool | date | datetime | None
MakeRows = Callable[[], Iterable[Sequence[Cell]]]

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the local code page
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def cell_text(value: Cell) -> str:
    """One cell as text: nothing for the unknown, ISO dates, plain numbers, harmless words."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso_utc(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case str():
            return defused(value)
        case _:
            return str(value)


def defused(text: str) -> str:
    """SECURITY: text that a spreadsheet would evaluate gets an apostrophe in front; a number does not."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text) else text


class _Line:
    """A file whose every write is handed straight back: csv.writer as a formatter."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> Iterator[str]:
    """The lines of a CSV file, one at a time."""
    writer = csv.writer(_Line())
    yield (BYTE_ORDER_MARK if bom else "") + writer.writerow([defused(title) for title in header])
    for row in rows:
        yield writer.writerow([cell_text(value) for value in row])


def csv_response(
    organization: Organization, filename: str, header: Sequence[str], make_rows: MakeRows, *, bom: bool = True
) -> StreamingHttpResponse:
    """A download. ``make_rows`` is called while streaming, inside a read scope of its own."""
    lines = scoped_stream(organization, lambda: csv_lines(header, make_rows(), bom=bom))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
