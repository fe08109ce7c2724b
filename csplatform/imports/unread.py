"""Columns of a file that no column of ours is meant by: what they hold, and what could be made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from csplatform.imports.columns import heading_key
from csplatform.imports.reading import Sheet
from csplatform.imports.values import Locale, clean
from csplatform.models import Organization, User
from csplatform.permissions import Action

LOOKED_AT = 20_000
"""Rows after which a guess stands; what a later row holds otherwise is refused there, and said."""
MOST_TEXTS = 5_000
MOST_UNREAD = 100
EXAMPLES = 3
EXAMPLE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadColumn:
    """The texts of one column that is not read, each with how often it is there; empty cells are counted apart."""

    heading: str
    texts: Mapping[str, int]
    empty: int


class Guess(TypedDict):
    """What an unread column could become. Kept with a preview."""

    heading: str
    kind: str
    """One of the kinds that are offered; empty where nothing can be made of it."""
    found: str
    """What was seen in it, in words."""
    examples: list[str]
    empty: int
    choices: list[str]
    """Its texts, where they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewColumns:
    """How a kind of import makes columns of its own for what a file holds besides."""

    words: str
    """What they become, in the plural: `custom fields of accounts`."""
    kinds: Sequence[tuple[str, str]]
    """What a column can become, with its label."""
    listing: Collection[str]
    """Kinds of which only a column of few texts can become one."""
    guess: Callable[[UnreadColumn, Locale], Guess]
    make: Callable[[Organization, User, Collection[Guess]], None]
    """Makes all or none; refuses with a `DomainError`."""
    permission: Action


def guesses(
    sheet: Sheet, read: Collection[str], new_columns: NewColumns, *, organization: Organization, today: date
) -> list[Guess]:
    """For each heading that is not among those that are read. Two headings that mean the same get one guess."""
    seen = {heading_key(heading) for heading in read}
    places: dict[str, int] = {}
    for place, heading in enumerate(sheet.header):
        if heading and heading_key(heading) not in seen and len(places) < MOST_UNREAD:
            seen.add(heading_key(heading))
            places[heading] = place
    if not places:
        return []
    locale = Locale(today=today, zone=organization.zone, decimal_comma=sheet.has_decimal_comma)
    return [new_columns.guess(column, locale) for column in _columns(sheet, places)]


def examples_of(counts: Mapping[str, int], texts: Collection[str]) -> list[str]:
    """The most frequent of some texts."""
    most = sorted(texts, key=lambda text: (-counts[text], text))[:EXAMPLES]
    return [text if len(text) <= EXAMPLE else f"{text[: EXAMPLE - 1]}…" for text in most]


def _columns(sheet: Sheet, places: Mapping[str, int]) -> list[UnreadColumn]:
    texts: dict[str, Counter[str]] = {heading: Counter() for heading in places}
    rows = 0
    for chunk in sheet.chunks(places):
        for heading, cells in chunk.columns.items():
            counts = Counter(cells.codes.tolist())
            for code, text in enumerate(cells.distinct):
                bare = clean(text)
                if bare in texts[heading] or len(texts[heading]) < MOST_TEXTS:
                    texts[heading][bare] += counts[code]
        rows += len(chunk.lines)
        if rows >= LOOKED_AT:
            break
    return [
        UnreadColumn(heading=heading, empty=found.pop("", 0), texts=dict(found)) for heading, found in texts.items()
    ]
