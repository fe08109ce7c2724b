"""A file of rows, read piece by piece: delimiter, heading, the width of every row, columns as distinct texts.

Two roads give the same pieces. Text without quotation marks is checked with a few array operations and parsed
in columns, which is what nearly every file is made of and several times faster; any other piece goes through
the `csv` module record by record first. Neither ever holds more than a piece of the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from csplatform.imports.encoding import EncodingScan
from csplatform.imports.exceptions import UnreadableFile

BLOCK = 1 << 19
"""Characters read at once: about 8,000 rows of metrics."""
MAX_LINE = 1 << 20
MAX_COLUMNS = 16_384
MAX_KEPT = 20_000
"""Characters of a refused line that are kept for its correction."""
DELIMITERS = ",;\t|"

_UNIT, _RECORD = "\x1f", "\x1e"  # what control characters were invented for: no text holds them
_UNPRINTABLE = ("\x00", _RECORD, _UNIT)
_SPACE_AFTER_QUOTE = re.compile(r'"[ \u00a0]+(?=[,;\t|\n])')
_DELIMITER_LINE = re.compile(r"(?i)sep=([,;\t|])\s*")

Lines = npt.NDArray[np.int64]
OpenFile = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row, or one cell of it, cannot be taken."""

    line: int
    column: str
    value: str
    reason: str
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a piece: its distinct texts, and for each row which of them it holds."""

    codes: npt.NDArray[np.integer]
    distinct: list[str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the file: rows that are as wide as the heading, and those that could not be read as rows."""

    lines: Lines
    columns: dict[str, Cells]
    problems: list[Problem]
    row_cells: Callable[[int], Sequence[str]]
    """The nth row as it stands in the file; asked for rows that turn out to be bad."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file whose encoding, delimiter and heading are settled."""

    open_file: OpenFile
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    first_line: int
    """The line of the file that follows the heading."""

    @property
    def has_decimal_comma(self) -> bool:
        """Where the semicolon divides cells it is because the comma divides numbers."""
        return self.delimiter == ";"

    def first_rows(self, count: int) -> list[tuple[int, Sequence[str]]]:
        """The first rows of the file as they stand in it, each with its line; also those that cannot be taken."""
        for chunk in self.chunks({"": 0}):
            rows = [(int(line), chunk.row_cells(place)) for place, line in enumerate(chunk.lines[:count])]
            rows += [(problem.line, problem.cells) for problem in chunk.problems[:count]]
            if rows:
                return sorted(rows, key=lambda row: row[0])[:count]
        return []

    def chunks(self, wanted: Mapping[str, int]) -> Iterator[Chunk]:
        """The rows, in order, with the wanted columns: a name of the caller's to the place in the file."""
        with _text(self.open_file, self.encoding) as text:
            for _ in range(self.first_line - 1):
                text.readline()
            blocks = _blocks(text)
            line = self.first_line
            for block in blocks:
                chunk = _plain_chunk(block, line, self, wanted)
                if chunk is not None:
                    line += len(chunk.lines)
                    yield chunk
                else:
                    records = _Records(block, blocks, line, self)
                    yield records.chunk(wanted)
                    line = records.line


def settle(open_file: OpenFile, *, is_known: Callable[[str], bool], encoding: str | None = None) -> Sheet:
    """Settle encoding, delimiter and heading; raises `UnreadableFile` when that is not possible."""
    encoding = encoding or scan_encoding(open_file)
    with _text(open_file, encoding) as text:
        line, heading = 0, ""
        while not heading.strip():
            heading = text.readline(MAX_LINE + 1)
            line += 1
            if not heading:
                raise UnreadableFile("The file is empty.")
        declared = _DELIMITER_LINE.fullmatch(heading)
        if declared:
            heading = text.readline(MAX_LINE + 1)
            line += 1
        rest = [heading]
        while len(heading) <= MAX_LINE and _is_open(heading) and (more := text.readline(MAX_LINE)):
            heading += more
            rest.append(more)
    if len(heading) > MAX_LINE:
        raise UnreadableFile("The first line is too long to be a heading.")
    if "\x00" in heading:
        raise UnreadableFile("The first line holds NUL characters, so this is not a text file.")
    delimiter, header = _divide(heading, declared.group(1) if declared else None, is_known)
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(f"The file has {len(header):,} columns; at most {MAX_COLUMNS:,} are read.")
    return Sheet(
        open_file=open_file,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        first_line=line + len(rest),
    )


def scan_encoding(open_file: OpenFile) -> str:
    """The file's encoding, found by reading all of it once."""
    scan = EncodingScan()
    with open_file() as raw:
        while block := raw.read(1 << 20):
            scan.feed(block)
    return scan.encoding()


@contextmanager
def _text(open_file: OpenFile, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file as text. Line ends of every kind become one; bytes that mean nothing become U+FFFD."""
    with open_file() as raw, io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=None) as text:
        yield text


def _blocks(text: io.TextIOWrapper) -> Iterator[str]:
    """The text in pieces that end with a line. A line of absurd length is cut, and refused for it later."""
    rest = ""
    while piece := text.read(BLOCK):
        whole = rest + piece
        cut = whole.rfind("\n") + 1
        rest = whole[cut:]
        if cut:
            yield whole[:cut]
        if len(rest) > MAX_LINE:
            rest = rest[: MAX_LINE + 1]
    if rest:
        yield rest + "\n"


def _is_open(heading: str) -> bool:
    return heading.count('"') % 2 == 1


def _divide(heading: str, declared: str | None, is_known: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which the heading says most to us, and the headings themselves."""
    readings = []
    for delimiter in declared or DELIMITERS:
        try:
            cells = next(csv.reader(heading.splitlines(True), delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            continue  # under a delimiter that is not the file's a wide heading is one cell of absurd length
        names = [cell.strip() for cell in cells]
        while names and not names[-1]:  # delimiters at the end of each line
            names.pop()
        readings.append((sum(map(is_known, names)), len(names), delimiter, tuple(names)))
    if not readings:
        raise UnreadableFile("The first line holds a heading that is too long.")
    best = max(readings, key=lambda reading: reading[:2])
    return best[2], best[3]


def _plain_chunk(block: str, line: int, sheet: Sheet, wanted: Mapping[str, int]) -> Chunk | None:
    """The whole piece at once, when no row of it needs a second look."""
    width = len(sheet.header)
    if width == 1 or _needs_care(block):
        return None
    data = block.encode()
    octets = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(octets == 0x0A)
    dividers = np.flatnonzero(octets == ord(sheet.delimiter))
    if len(dividers) != len(ends) * (width - 1):
        return None
    # The last divider of each row lies before its end and the first one of the next row behind it.
    by_row = dividers.reshape(len(ends), width - 1)
    if (by_row[:, -1] > ends).any() or (by_row[1:, 0] < ends[:-1]).any():
        return None
    columns = _columns(data, wanted, divider=sheet.delimiter, end="\n")
    if _holds_blank_rows(columns.values()):
        return None
    return Chunk(
        lines=np.arange(line, line + len(ends), dtype=np.int64),
        columns=columns,
        problems=[],
        row_cells=lambda row: block.split("\n")[row].split(sheet.delimiter),
    )


def _needs_care(block: str) -> bool:
    return '"' in block or len(block) > MAX_LINE or any(character in block for character in _UNPRINTABLE)


def _holds_blank_rows(columns: Iterable[Cells]) -> bool:
    """Whether some row is empty in every column."""
    blank: npt.NDArray[np.bool_] | None = None
    for cells in columns:
        codes = [code for code, text in enumerate(cells.distinct) if not text.strip()]
        if not codes:
            return False
        here = np.isin(cells.codes, codes)
        blank = here if blank is None else blank & here
    return blank is not None and bool(blank.any())


def _columns(data: bytes, wanted: Mapping[str, int], *, divider: str, end: str) -> dict[str, Cells]:
    """Parse well-formed rows, as texts: nothing is guessed.

    Not as categories, although that would give the codes at once: pandas reads those of a column in which all
    look like numbers as numbers, and 00123 is gone.
    """
    if not data or not wanted:
        return {name: Cells(np.empty(0, dtype=np.intp), []) for name in wanted}
    frame = pd.read_csv(
        io.BytesIO(data),
        sep=divider,
        lineterminator=end,
        header=None,
        index_col=False,
        usecols=sorted(set(wanted.values())),
        dtype=str,
        quoting=csv.QUOTE_NONE,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        low_memory=False,
        encoding="utf-8",
    )
    coded = {place: pd.factorize(frame[place].to_numpy(dtype=object)) for place in set(wanted.values())}
    return {name: Cells(coded[place][0], coded[place][1].tolist()) for name, place in wanted.items()}


@dataclass(slots=True)
class _Records:
    """Reads a piece record by record, and as much of the next pieces as its last record reaches into.

    A record that the `csv` module refuses costs its first line only: an unclosed quotation mark would
    otherwise swallow everything behind it.
    """

    block: str
    blocks: Iterator[str]
    line: int
    sheet: Sheet
    pending: deque[str] = field(init=False)
    taken: list[str] = field(init=False, default_factory=list)
    problems: list[Problem] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.pending = deque(self.block.split("\n")[:-1])

    def chunk(self, wanted: Mapping[str, int]) -> Chunk:
        lines: list[int] = []
        rows: list[Sequence[str]] = []
        for line, cells in self._rows():
            lines.append(line)
            rows.append(cells)
        # Written out again between characters that no cell holds, so that both roads share one parser.
        data = "".join([_UNIT.join(cells) + _RECORD for cells in rows]).encode()
        return Chunk(
            lines=np.array(lines, dtype=np.int64),
            columns=_columns(data, wanted, divider=_UNIT, end=_RECORD),
            problems=self.problems,
            row_cells=rows.__getitem__,
        )

    def _rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        width = len(self.sheet.header)
        for line, cells in self._records():
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if not any(cell.strip() for cell in cells):
                continue  # a blank line, or the row of bare delimiters that spreadsheets leave at the end
            reason = self._complaint(cells, width)
            if reason:
                self.problems.append(Problem(line, "", "", reason, cells[:width]))
            else:
                yield line, cells

    def _complaint(self, cells: list[str], width: int) -> str:
        if len(cells) > width:
            hint = f"put quotation marks around a value that holds “{_shown(self.sheet.delimiter)}”"
            return f"has {len(cells):,} cells where the heading has {width:,}; {hint}"
        if len(cells) < width:
            return f"has {_cells(len(cells))} where the heading has {width:,}"
        if any(character in cell for cell in cells for character in _UNPRINTABLE):
            return "holds a NUL or another control character"
        return ""

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        reader = self._reader()
        while self.pending:
            self.taken.clear()
            line = self.line
            try:
                if len(self.pending[0]) > MAX_LINE:
                    self.taken.append(self.pending.popleft())
                    raise csv.Error("line longer than the limit")
                cells = next(reader)
            except csv.Error as error:
                self.pending.extendleft(reversed(self.taken[1:]))
                self.line += 1
                mended = self._mended(self.taken[0])
                if mended is not None:
                    yield line, mended
                else:
                    cells = self._loosely_divided(self.taken[0])
                    self.problems.append(Problem(line, "", self.taken[0][:200], _in_words(error), cells))
                reader = self._reader()
            else:
                self.line += len(self.taken)
                yield line, cells

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self.sheet.delimiter, skipinitialspace=True, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            if not self.pending:
                block = next(self.blocks, None)
                if block is None:
                    return
                self.pending.extend(block.split("\n")[:-1])
            self.taken.append(self.pending.popleft())
            yield self.taken[-1] + "\n"

    def _loosely_divided(self, line: str) -> list[str]:
        """The cells of a line that nobody can divide with certainty, for whoever will correct it: as many as the
        heading has, so that they stand under it; the last one holds whatever is left."""
        text = line if len(line) <= MAX_KEPT else f"{line[:MAX_KEPT]}…"
        return text.split(self.sheet.delimiter, len(self.sheet.header) - 1)

    def _mended(self, line: str) -> list[str] | None:
        """The cells of a line whose one fault is space between a closing quotation mark and the delimiter."""
        mended = _SPACE_AFTER_QUOTE.sub('"', line + "\n")
        if mended == line + "\n":
            return None
        try:
            return next(csv.reader([mended], delimiter=self.sheet.delimiter, skipinitialspace=True, strict=True))
        except csv.Error:
            return None


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "limit" in text:
        return "holds a cell that is too long"
    return "has a quotation mark that is never closed, or text right behind a closing one"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def _shown(delimiter: str) -> str:
    return "a tab" if delimiter == "\t" else delimiter
