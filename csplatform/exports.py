"""Rows out, as CSV or Excel: the one writer behind every export, and the one place that writes down who took what.

What a spreadsheet would run as a formula is defused, numbers stay plain numbers, dates are dates, and rows are
written as they are fetched, so an export of any length costs the memory of one. Each file is written down as an
`ExportRecord` before its first byte.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from csplatform.enums import ExportFormat
from csplatform.exceptions import DomainError
from csplatform.http import is_api_path
from csplatform.models import ExportRecord, Organization
from csplatform.periods import iso_utc
from csplatform.tenancy import organization_scope

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
    """A CSV download. ``make_rows`` is called while streaming, inside a read scope of its own."""
    name = filename.removesuffix(".csv")
    return file_response(organization, name, header, make_rows, kind=ExportFormat.CSV, bom=bom)


def file_response(
    organization: Organization,
    name: str,
    header: Sequence[str],
    make_rows: MakeRows,
    *,
    kind: ExportFormat,
    bom: bool = True,
) -> StreamingHttpResponse:
    """A download as CSV or Excel, written down under who asks; ``name`` is without its ending."""
    filename = f"{name}.{kind.value}"
    record = _record(organization, filename, kind)

    def content() -> Iterator[str | bytes]:
        counted = _Counted(make_rows)
        with organization_scope(organization, write=True, touch=False):
            record.save(force_insert=True)
        try:
            with organization_scope(organization, write=False):
                if kind == ExportFormat.XLSX:
                    yield from xlsx_blocks(header, counted, organization)
                else:
                    yield from csv_lines(header, counted, bom=bom)
            record.is_complete = True
        finally:
            with organization_scope(organization, write=True, touch=False):
                record.rows, record.finished_at = counted.rows, timezone.now()
                record.save(update_fields=["rows", "finished_at", "is_complete"])

    response = StreamingHttpResponse(content(), content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


class _Counted:
    """Rows that are counted as they are handed over."""

    def __init__(self, make_rows: MakeRows) -> None:
        self.make_rows = make_rows
        self.rows = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self.make_rows():
            self.rows += 1
            yield row


def _record(organization: Organization, filename: str, kind: ExportFormat) -> ExportRecord:
    """Who takes what, from the request that is being answered; a command or a job has none."""
    request: HttpRequest | None = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return ExportRecord(
        organization=organization,
        by=user if user is not None and user.is_authenticated else None,
        what=re.sub(r"-?\d{4}-\d{2}-\d{2}$", "", filename.rpartition(".")[0]) or filename,
        filename=filename,
        format=kind,
        filters={name: values for name, values in request.GET.lists() if name != "format"} if request else {},
        over_api=request is not None and is_api_path(request.path_info),
    )


# -- Excel ------------------------------------------------------------------------------------------

MOST_XLSX_ROWS = 100_000
"""An Excel file is built whole before its first byte can leave; longer lists leave as CSV."""
LONGEST_CELL = 32_767
BLOCK = 64 * 1024
NOT_PRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.ZIP: "application/zip",
}


class TooLongForExcel(DomainError):
    code = "too_long_for_excel"
    message = f"An Excel file takes at most {MOST_XLSX_ROWS:,} rows here. Narrow the list, or take it as CSV."


def xlsx_blocks(header: Sequence[str], rows: Iterable[Sequence[Cell]], organization: Organization) -> Iterator[bytes]:
    """The bytes of an Excel file with one sheet, its head fixed; moments in the organisation's zone."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    sheet.freeze_panes = "A2"
    for position, title in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = max(12, min(40, len(title) + 4))

    def typed(value: Cell) -> Any:
        """SECURITY: text stays text: without its type set, what begins with `=` would be run."""
        match value:
            case None | bool() | int() | float() | Decimal():
                return value
            case datetime():
                cell = WriteOnlyCell(sheet, value.astimezone(organization.zone).replace(tzinfo=None, microsecond=0))
                cell.number_format = "yyyy-mm-dd hh:mm"
            case date():
                cell = WriteOnlyCell(sheet, datetime(value.year, value.month, value.day))  # noqa: DTZ001 -- cells have no zone
                cell.number_format = "yyyy-mm-dd"
            case _:
                cell = WriteOnlyCell(sheet, NOT_PRINTABLE.sub("", str(value))[:LONGEST_CELL])
                cell.data_type = "s"
        return cell

    heads = [typed(title) for title in header]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for count, row in enumerate(rows, start=1):
        if count > MOST_XLSX_ROWS:
            raise TooLongForExcel
        sheet.append([typed(value) for value in row])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block
