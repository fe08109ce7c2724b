"""The columns of a list: what each shows, sorts by and exports. Rooms to the right add theirs when they are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from csplatform.exports import Cell
from csplatform.models import Membership, Organization
from csplatform.periods import today

EXPORT_CHUNK = 1_000
"""Rows fetched, and their gathered values asked for, at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContext:
    """Who looks at a list, and when."""

    member: Membership
    today: date

    @property
    def organization(self) -> Organization:
        return self.member.organization


def list_context(member: Membership) -> ListContext:
    return ListContext(member=member, today=today(member.organization))


Gather = Callable[[ListContext, Sequence[Any]], Mapping[int, Any]]
"""The values of one column for all rows of a page, by the row's key: one query, whatever the number of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. Its value is of the row alone (`value`) or asked for the whole page at once (`gather`)."""

    name: str
    """As in addresses and saved views."""
    label: str
    value: Callable[[Any], Any] | None = None
    gather: Gather | None = None
    gather_export: Gather | None = None
    """A cheaper `gather` for exports, where those show less than the screen draws."""
    template: str = "components/cells/text.html"
    """Draws the inside of a cell from `row`, `value` and `context` (a ListContext)."""
    export: Callable[[Any], Cell] | None = None
    """The value as a cell of a file, where it is not one by itself."""
    beside: tuple[tuple[str, Callable[[Any], Cell]], ...] = ()
    """What the cell says besides, as columns of their own in a file: heading, and the value's cell."""
    sort: str | Callable[[ListContext], Combinable] | None = None
    """A column of the table, or an expression; None where the list cannot be sorted by it."""
    first: str = ""
    """`-` where the first press on the head should bring the largest."""
    css: str = ""
    is_default: bool = True
    is_fixed: bool = False
    """Always shown, and first."""
    total: str = ""
    """The key of the list's totals that stands under the column."""

    @property
    def headings(self) -> list[str]:
        """What heads its columns in a file."""
        return [self.label, *(label for label, _ in self.beside)]

    def exported(self, value: Any) -> list[Cell]:
        return [self.export(value) if self.export else value, *(cell(value) for _, cell in self.beside)]

    def cell(self, row: Any, gathered: Mapping[int, Any] | None) -> Any:
        if gathered is not None:
            return gathered.get(row.pk)
        return self.value(row) if self.value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    """One cell of a page."""

    column: Column
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a page with its cells in the chosen order."""

    row: Any
    cells: tuple[ShownCell, ...]


class ColumnSet:
    """All columns that a list can show, in their usual order."""

    def __init__(self, *columns: Column, ties: Sequence[Any], default_sort: str) -> None:
        self._columns = list(columns)
        self.ties = tuple(ties)
        self.default_sort = default_sort

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns)

    def add(self, column: Column, *, after: str) -> None:
        """Put a column behind another one; a name that is there already is a mistake."""
        names = [each.name for each in self._columns]
        if column.name in names:
            raise ValueError(f"Two columns are called {column.name!r}.")
        self._columns.insert(names.index(after) + 1, column)

    def named(self, name: str) -> Column | None:
        return next((column for column in self._columns if column.name == name), None)

    def chosen(self, names: Iterable[str] | None) -> list[Column]:
        """The columns by name in that order, behind the fixed ones; the usual ones where none is named.

        A name that no column has is passed over: views outlive columns."""
        fixed = [column for column in self._columns if column.is_fixed]
        wanted = [column for name in dict.fromkeys(names or ()) if (column := self.named(name))]
        if not wanted:
            wanted = [column for column in self._columns if column.is_default]
        return fixed + [column for column in wanted if not column.is_fixed]

    def arranged(self, shown: Sequence[Column]) -> list[tuple[Column, bool]]:
        """Every column with whether it is shown: the shown ones in their order, then the others."""
        names = {column.name for column in shown}
        return [(column, True) for column in shown] + [
            (column, False) for column in self._columns if column.name not in names
        ]

    def sort_named(self, text: str) -> str:
        """The sort as an address has it (`-arr`), or the usual one where it names no column."""
        column = self.named(text.removeprefix("-"))
        return text if column is not None and column.sort is not None else self.default_sort

    def sorted(self, rows: QuerySet[Any], sort: str, context: ListContext) -> QuerySet[Any]:
        """By one column, unknown values last either way; what ties is settled by `ties`."""
        wanted = self.sort_named(sort)
        column = self.named(wanted.removeprefix("-"))
        if column is None or column.sort is None:
            return rows.order_by(*self.ties)
        down = wanted.startswith("-")
        if isinstance(column.sort, str):
            if self.ties and column.sort == self.ties[0]:
                return rows.order_by(f"-{column.sort}" if down else column.sort, *self.ties[1:])
            by: Combinable = F(column.sort)
        else:
            by = column.sort(context)
        order = by.desc(nulls_last=True) if down else by.asc(nulls_last=True)  # type: ignore[attr-defined]  # expressions have both
        return rows.order_by(order, *self.ties)


def lines_of(columns: Sequence[Column], rows: Sequence[Any], context: ListContext) -> list[Line]:
    """The rows of one page with their cells; a query for each column that gathers."""
    gathered = {column.name: column.gather(context, rows) for column in columns if column.gather}
    return [
        Line(
            row=row,
            cells=tuple(
                ShownCell(column=column, value=column.cell(row, gathered.get(column.name))) for column in columns
            ),
        )
        for row in rows
    ]


def export_rows(columns: Sequence[Column], rows: QuerySet[Any], context: ListContext) -> Iterator[list[Cell]]:
    """All rows as cells of a file, fetched in chunks."""
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=EXPORT_CHUNK):
        chunk.append(row)
        if len(chunk) == EXPORT_CHUNK:
            yield from _exported(columns, chunk, context)
            chunk = []
    if chunk:
        yield from _exported(columns, chunk, context)


def _exported(columns: Sequence[Column], rows: Sequence[Any], context: ListContext) -> Iterator[list[Cell]]:
    gathered = {
        column.name: gather(context, rows) for column in columns if (gather := column.gather_export or column.gather)
    }
    for row in rows:
        cells: list[Cell] = []
        for column in columns:
            cells += column.exported(column.cell(row, gathered.get(column.name)))
        yield cells
