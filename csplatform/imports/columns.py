"""Columns of a kind of import: how files call them, and whole columns parsed at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from csplatform.imports.exceptions import UnreadableFile
from csplatform.imports.reading import Cells, Chunk, Lines, Problem
from csplatform.imports.values import DATE_PARSERS, BadValue, Locale, Parser, clean

SHOWN = 200
"""Characters of a bad value that are kept for the report."""

MOST_KNOWN = 50_000
"""Texts of one column that are remembered at a time."""

KnownTexts = dict[str, dict[str, object]]
_UNREAD = object()

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that we know: its name, what else files call it, how its cells are read."""

    name: str
    parse: Parser
    aliases: tuple[str, ...] = ()
    missing: str = ""
    """Why an empty cell is refused, where it is."""
    default: object = None
    """What an empty cell stands for."""
    takes: str = ""
    """What may stand in a cell, for the people who write the file."""
    stored: str = ""
    """The field that it ends in, such as `accounts.Account.region`."""
    is_date: bool = False
    """Whether its cells have a say in how the file writes dates; the usual parsers of days say so themselves."""

    @property
    def holds_dates(self) -> bool:
        return self.is_date or self.parse in DATE_PARSERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What one heading of a file is taken for."""

    heading: str
    column: str
    """Ours; empty where the column is not read."""
    how: str
    """`name`, `alias` or `mapping`; empty where nothing says it."""


@dataclass(frozen=True, slots=True)
class Values:
    """A parsed column: its distinct values, and for each row which of them it holds."""

    codes: npt.NDArray[np.integer]
    distinct: npt.NDArray[Any]

    @property
    def rows(self) -> npt.NDArray[Any]:
        """One value per row."""
        return self.distinct[self.codes]

    def __getitem__(self, mask: Mask) -> Values:
        return Values(self.codes[mask], self.distinct)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows whose every cell could be read, by column; a column that the file lacks is not there."""

    lines: Lines
    values: dict[str, Values]
    chunk: Chunk
    places: npt.NDArray[np.intp]
    """Where in the chunk each row stands."""

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, column: str) -> bool:
        return column in self.values

    def keep(self, mask: Mask) -> Rows:
        return Rows(
            self.lines[mask],
            {name: values[mask] for name, values in self.values.items()},
            self.chunk,
            self.places[mask],
        )

    def problem(self, row: int, column: str, value: str, reason: str) -> Problem:
        """A complaint about the nth of these rows."""
        cells = self.chunk.row_cells(int(self.places[row]))
        return Problem(int(self.lines[row]), column, value[:SHOWN], reason, cells)


def heading_key(text: str) -> str:
    """What headings are compared by: case, spaces, underscores and hyphens do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum() or character in "%#")


@dataclass(frozen=True)
class ColumnSet:
    """The columns of one kind, and the ones of which a file must have at least one."""

    columns: tuple[Column, ...]
    keys: tuple[str, ...]

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {heading_key(name): column.name for column in self.columns for name in (column.name, *column.aliases)}

    def extended(self, columns: Sequence[Column]) -> ColumnSet:
        """With further columns, which mean a heading only where none of ours does."""
        taken = set(self._by_key)
        own = [
            replace(column, aliases=tuple(each for each in column.aliases if heading_key(each) not in taken))
            for column in columns
            if heading_key(column.name) not in taken
        ]
        return ColumnSet(columns=(*self.columns, *own), keys=self.keys)

    def named(self, heading: str) -> str | None:
        """The column that a heading means, if it means any."""
        return self._by_key.get(heading_key(heading))

    def is_known(self, heading: str) -> bool:
        return self.named(heading) is not None

    def matches(self, header: Sequence[str], mapping: Mapping[str, str | None]) -> list[Match]:
        """What each heading is taken for and why, also where a file could not be imported like this."""
        chosen = {heading_key(heading): name or "" for heading, name in mapping.items()}
        matches = []
        for heading in header:
            key, named = heading_key(heading), self.named(heading) or ""
            if key in chosen:
                matches.append(Match(heading=heading, column=chosen[key], how="mapping"))
            else:
                how = "" if not named else "name" if heading_key(named) == key else "alias"
                matches.append(Match(heading=heading, column=named, how=how))
        return matches

    def dates(self, places: Mapping[str, int]) -> dict[str, int]:
        """The places of those columns that hold dates."""
        names = {column.name for column in self.columns if column.holds_dates}
        return {name: place for name, place in places.items() if name in names}

    def places(self, header: Sequence[str], mapping: Mapping[str, str | None]) -> dict[str, int]:
        """Which column of ours stands at which place; refuses a file that lacks what we need, or has it twice."""
        chosen = self._chosen(header, mapping)
        places: dict[str, int] = {}
        for place, heading in enumerate(header):
            name = chosen.get(heading_key(heading), self.named(heading))
            if name is None:
                continue
            if name in places:
                first = header[places[name]]
                raise UnreadableFile(f"The columns “{first}” and “{heading}” both mean {name}; keep one of them.")
            places[name] = place
        if not any(name in places for name in self.keys):
            raise UnreadableFile(f"The file has no column {' or '.join(self.keys)}. {_found(header)}")
        return places

    def _chosen(self, header: Sequence[str], mapping: Mapping[str, str | None]) -> dict[str, str | None]:
        known = {column.name for column in self.columns}
        headings = {heading_key(heading) for heading in header}
        for heading, name in mapping.items():
            if heading_key(heading) not in headings:
                raise UnreadableFile(f"The mapping names a column “{heading}”, which the file does not have.")
            if name is not None and name not in known:
                raise UnreadableFile(f"The mapping names “{name}”, which is no column of this import.")
        return {heading_key(heading): name for heading, name in mapping.items()}

    def read(
        self, chunk: Chunk, header: Mapping[str, str], locale: Locale, known: KnownTexts | None = None
    ) -> tuple[Rows, list[Problem]]:
        """Parse a chunk: its good rows, and what is wrong with the others. A bad value costs its row.

        `known` remembers what texts were read as, from one chunk of a file to the next.
        """
        known = {} if known is None else known
        good = np.ones(len(chunk.lines), dtype=bool)
        values: dict[str, Values] = {}
        problems = list(chunk.problems)
        for column in self.columns:
            cells = chunk.columns.get(column.name)
            if cells is None:
                continue
            values[column.name], reasons = parse_column(column, cells, locale, known.setdefault(column.name, {}))
            if not reasons:
                continue
            bad = np.isin(cells.codes, list(reasons))
            good &= ~bad
            for place in np.flatnonzero(bad).tolist():
                code = int(cells.codes[place])
                problems.append(
                    Problem(
                        int(chunk.lines[place]),
                        header[column.name],
                        cells.distinct[code][:SHOWN],
                        reasons[code],
                        chunk.row_cells(place),
                    )
                )
        rows = Rows(chunk.lines, values, chunk, np.arange(len(chunk.lines), dtype=np.intp))
        return (rows if good.all() else rows.keep(good)), problems


def parse_column(
    column: Column, cells: Cells, locale: Locale, known: dict[str, object]
) -> tuple[Values, dict[int, str]]:
    """Parse each distinct text once, however many rows hold it; the reasons are by the text's code."""
    if len(known) > MOST_KNOWN:
        known.clear()
    parsed: list[object] = []
    reasons: dict[int, str] = {}
    for code, text in enumerate(cells.distinct):
        value = known.get(text, _UNREAD)
        if value is _UNREAD:
            value = known[text] = _value(column, text, locale)
        if isinstance(value, BadValue):
            reasons[code], value = str(value), None
        parsed.append(value)
    return Values(cells.codes, _array(parsed)), reasons


def _value(column: Column, text: str, locale: Locale) -> object:
    """What a text means, or, as a value too, why it means nothing."""
    bare = clean(text)
    if not bare:
        return BadValue(column.missing) if column.missing else column.default
    try:
        return column.parse(bare, locale)
    except BadValue as bad:
        return bad


def _array(values: Collection[object]) -> npt.NDArray[Any]:
    """Floats with NaN for what is missing when all are numbers; else the objects themselves."""
    if any(type(value) is float for value in values) and all(
        value is None or type(value) is float for value in values
    ):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def ordinals(days: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Days as numbers, for comparing in columns."""
    return np.array([day.toordinal() if isinstance(day, date) else 0 for day in days], dtype=np.int32)


def _found(header: Sequence[str]) -> str:
    named = [heading for heading in header if heading]
    listed = ", ".join(f"“{heading[:40]}”" for heading in named[:8])
    more = f" and {len(named) - 8:,} more" if len(named) > 8 else ""
    return f"It has {listed}{more}." if named else "Its first line is empty."
