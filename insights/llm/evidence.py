"""Facts one by one, each with an id that a sentence can name: what a model is sent, and what it is checked by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from insights.facts import AccountFacts, Facts, Json, NamedAccountFact, SignalFact, as_json

Value: TypeAlias = str | int | float | bool

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<!\w)\+?\d[\d ()./-]{7,}\d(?!\w)")
LEFT_OUT = frozenset({"key", "scale", "first_step", "target"})
"""Not for the reader: names of columns, and what belongs to the playbooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known: `what` says in words of the facts' own names where it belongs."""

    id: str
    what: str
    value: Value

    def as_row(self) -> dict[str, Json]:
        return {"id": self.id, "what": self.what, "value": self.value}


def evidence_of(facts: Facts) -> dict[str, Fact]:
    """Every known fact by its id (`f1`, `f2`, …), in the order of the facts; what is not known is left out.

    Addresses of mail and telephone numbers are blotted out: no sentence needs them."""
    found: dict[str, Fact] = {}
    for what, value in _leaves(as_json(facts), ()):
        _add(found, what, value)
    for what, worth in _derived(facts):
        _add(found, what, float(worth) if isinstance(worth, Decimal) else worth)
    return found


def redacted(text: str) -> str:
    return PHONE.sub("[phone]", EMAIL.sub("[email]", text))


def _add(found: dict[str, Fact], what: str, value: Value) -> None:
    key = f"f{len(found) + 1}"
    # Days look like telephone numbers to nobody but a pattern.
    if isinstance(value, str) and not is_day(value):
        value = redacted(value)
    found[key] = Fact(id=key, what=redacted(what), value=value)


def _leaves(value: Json, path: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """Each known value with where it stands; members of lists go by their name where they have one."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in LEFT_OUT:
                yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            yield from _leaves(inner, (*path, _name_of(inner) or str(place)))
    elif value is not None:
        yield " / ".join(path).replace("_", " "), value


def _name_of(value: Json) -> str:
    if not isinstance(value, Mapping):
        return ""
    return str(value.get("name") or value.get("label") or value.get("title") or "")


def _derived(facts: Facts) -> Iterator[tuple[str, Decimal | int]]:
    """What a writer would otherwise have to work out, and may not."""
    if isinstance(facts, AccountFacts):
        if facts.score_change is not None:
            yield "score change", facts.score_change
        if facts.days_to_renewal is not None:
            yield "days to renewal", facts.days_to_renewal
        for signal in facts.signals:
            yield from _of_signal(signal)
        return
    named: tuple[NamedAccountFact, ...] = (*facts.fallers, *facts.risers)
    for account in named:
        if account.score_change is not None:
            yield f"{account.name} / score change in 30 days", account.score_change


def _of_signal(signal: SignalFact) -> Iterator[tuple[str, Decimal]]:
    if signal.points_moved:
        yield f"{signal.label} / moved the score by points", round(signal.points_moved, 1)
    if signal.points_missing:
        yield f"{signal.label} / points still to win", round(signal.points_missing, 1)


def is_day(text: str) -> bool:
    """Whether a text of the facts is a date."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
