"""What an import would see in a file: how it is written, what its columns are taken for, how it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from csplatform.imports.columns import ColumnSet
from csplatform.imports.reading import Sheet
from csplatform.imports.registry import Newcomers
from csplatform.imports.unread import Guess

ROWS = 20
MOST_COLUMNS = 100
"""Columns that are shown; those that are read come first."""
CELL = 120


class PreviewColumn(TypedDict):
    heading: str
    column: str
    how: str


class PreviewRow(TypedDict):
    row: int
    cells: list[str]


class Preview(TypedDict):
    """Kept with a dry run, and answered by the API."""

    encoding: str
    delimiter: str
    columns: list[PreviewColumn]
    first_rows: list[PreviewRow]
    columns_left_out: int
    unread: NotRequired[list[Guess]]
    """What could be made of columns that are not read, where the kind can make columns."""


def preview_of(sheet: Sheet, columns: ColumnSet, mapping: Mapping[str, str | None]) -> Preview:
    """Reads the first piece of the file only."""
    matches = columns.matches(sheet.header, mapping)
    shown = list(range(len(matches)))
    if len(shown) > MOST_COLUMNS:
        shown = sorted(sorted(shown, key=lambda place: (not matches[place].column, place))[:MOST_COLUMNS])
    return {
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "columns": [
            {"heading": matches[place].heading, "column": matches[place].column, "how": matches[place].how}
            for place in shown
        ],
        "first_rows": [
            {"row": line, "cells": [_shown(cells[place]) if place < len(cells) else "" for place in shown]}
            for line, cells in sheet.first_rows(ROWS)
        ],
        "columns_left_out": len(matches) - len(shown),
    }


class NewcomersRecord(TypedDict):
    count: int
    names: list[str]
    look_alikes: list[list[str]]
    known: int


def newcomers_record(newcomers: Newcomers) -> NewcomersRecord:
    return {
        "count": newcomers.count,
        "names": newcomers.names,
        "look_alikes": [list(pair) for pair in newcomers.look_alikes],
        "known": newcomers.known,
    }


def _shown(cell: str) -> str:
    """As it stands in the file, without what no database stores, and not all of ten megabytes."""
    text = cell.replace("\x00", "\ufffd")
    return text if len(text) <= CELL else f"{text[: CELL - 1]}…"
