"""In which order a file writes its dates: nobody can tell 3 April from 4 March by looking at one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice

from csplatform.exceptions import DomainError
from csplatform.imports.enums import DateOrder
from csplatform.imports.reading import Chunk, Sheet
from csplatform.imports.values import is_certain_date, numeric_date

LARGEST_MONTH = 12


class AmbiguousDates(DomainError):
    """The dates of a file fit both orders, and nobody has said which one it is."""

    code = "ambiguous_dates"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, example: str) -> None:
        sentence = (
            f"takes dmy (day first) or mdy (month first): the dates of this file, such as {example}, fit both."
            " An order for all files can be chosen in the organisation's settings."
        )
        super().__init__(f"date_order: {sentence}", errors={"date_order": [sentence]})


@dataclass(slots=True)
class DateEvidence:
    """An example of each thing that the dates with slashes say about their order."""

    day_first: str = ""
    month_first: str = ""
    either: str = ""
    is_all_open: bool = False
    """In one of the columns nothing but such dates stands, each of which fits both orders."""

    def look(self, texts: Iterable[str]) -> None:
        """Take in what one column says."""
        for text in texts:
            numbers = numeric_date(text)
            if numbers is None:
                continue
            first, second = numbers
            if first == second:
                continue  # 04/04/2026 is the same day in both
            if first > LARGEST_MONTH >= second:
                self.day_first = self.day_first or text.strip()
            elif second > LARGEST_MONTH >= first:
                self.month_first = self.month_first or text.strip()
            else:
                self.either = self.either or text.strip()

    @property
    def is_mixed(self) -> bool:
        return bool(self.day_first and self.month_first)

    @property
    def is_ambiguous(self) -> bool:
        """Nothing in the file says in which order a whole column of it is written.

        A column that writes its other dates without a doubt has a bad value or two instead.
        """
        return self.is_all_open and not self.day_first and not self.month_first

    @property
    def refusal(self) -> str:
        """Why the dates of a mixed file are not read."""
        return (
            f"is in a file with dates of both orders, such as {self.day_first} and {self.month_first};"
            " write 2026-11-20, or choose the order of dates"
        )

    def order(self) -> DateOrder:
        """What the dates say themselves; `ISO`, so that none with slashes is read, where that is no one thing."""
        if self.is_mixed:
            return DateOrder.ISO
        if self.day_first:
            return DateOrder.DAY_FIRST
        return DateOrder.MONTH_FIRST if self.month_first else DateOrder.ISO


def date_evidence(sheet: Sheet, places: Mapping[str, int], *, pieces: int | None = None) -> DateEvidence:
    """What the columns at these places say, in the whole file or in its first pieces."""
    evidence = DateEvidence()
    chunks: Iterable[Chunk] = islice(sheet.chunks(places), pieces) if places else []
    seen, certain = set(), set()
    for chunk in chunks:
        for name, cells in chunk.columns.items():
            evidence.look(cells.distinct)
            if any((numbers := numeric_date(text)) and numbers[0] != numbers[1] for text in cells.distinct):
                seen.add(name)
            if any(is_certain_date(text) for text in cells.distinct):
                certain.add(name)
        if evidence.is_mixed:
            break
    evidence.is_all_open = bool(seen - certain)
    return evidence
