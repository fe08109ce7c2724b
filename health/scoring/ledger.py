"""Splitting the change between two scores into what caused it: parts that add up to the change, to the tenth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from health.scoring.guards import Guarded
from health.scoring.parts import TENTH
from health.scoring.score import Score, score_one
from health.scoring.signals import WEIGHT, ScorecardRules

NOTHING = Decimal("0.0")


class Cause(StrEnum):
    """What a part of a change comes from."""

    SIGNAL = "signal"
    COVERAGE = "coverage"
    FORMULA = "formula"
    GUARD = "guard"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A score and what it was made of: the values of its signals, the target, the rules, the guard that changed
    it, and what was shown."""

    shown: Decimal
    values: Mapping[str, float | None]
    target: float | None
    rules: ScorecardRules
    guard: Guarded | None = None

    @property
    def computed(self) -> Score:
        return self.by(self.rules)

    def by(self, rules: ScorecardRules, *, only: frozenset[str] | None = None) -> Score:
        """What these values come to by some rules, all of them or some of the signals alone."""
        values = {signal.key: self.values.get(signal.key) for signal in rules.signals}
        if only is not None:
            values = {key: value if key in only else None for key, value in values.items()}
        left = {name: value for name, value in self.values.items() if name.startswith(WEIGHT)}
        return score_one(values | left | {"target": self.target}, rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One bar of the waterfall; `signal` names the signal where it is one's, `words` say what a guard did."""

    cause: Cause
    change: Decimal
    signal: str = ""
    words: str = ""


def split_change(before: End, after: End) -> list[Part]:
    """From one shown score to another: scores set by hand, guards, other rules, signals that came or went, and each
    signal.

    What a guard did to the mean at either end is the guard's; all else is told from the means.

    Other rules are told from other values by scoring the earlier values by the later rules. Where a signal is known
    at one end only, both ends are scored without it: what that changes is the coverage's. The signals share what is
    left by the points they gave. Together the parts are `after.shown - before.shown` exactly.
    """
    old, new = _decimal(before.computed), _decimal(after.computed)
    if old is None or new is None:
        # Nothing was worked out at one end: what is shown there is somebody's word.
        return _kept([Part(cause=Cause.OVERRIDE, change=after.shown - before.shown)])
    by_hand = (after.shown - new - _by_guard(after)) - (before.shown - old - _by_guard(before))
    parts = [Part(cause=Cause.OVERRIDE, change=by_hand), *_guard_parts(before.guard, after.guard)]
    rules = after.rules
    alike = _decimal(before.by(rules))
    if alike is None:
        return _kept([*parts, Part(cause=Cause.FORMULA, change=new - old)])
    parts.append(Part(cause=Cause.FORMULA, change=alike - old))
    common = _known(before.by(rules)) & _known(after.by(rules))
    first, last = before.by(rules, only=common), after.by(rules, only=common)
    start, end = _decimal(first), _decimal(last)
    if start is None or end is None:
        return _kept([*parts, Part(cause=Cause.COVERAGE, change=new - alike)])
    parts.append(Part(cause=Cause.COVERAGE, change=(start - alike) + (new - end)))
    scaled_first, scaled_last = _scaled(first, rules), _scaled(last, rules)
    moved = {key: scaled_last[key] - scaled_first[key] for key in scaled_last}
    shares = share_change(end - start, moved)
    parts += [Part(cause=Cause.SIGNAL, change=change, signal=key) for key, change in shares.items()]
    return _kept(parts)


def share_change(total: Decimal, changes: Mapping[str, float]) -> dict[str, Decimal]:
    """Round each change to a tenth so that together they are exactly `total`; what did not move stays at nothing.

    Ties go to the one that comes first. `total` is their sum but for the rounding of both ends.
    """
    moved = {key: Decimal(repr(change)) for key, change in changes.items() if abs(change) > 1e-9}
    shares = {key: value.quantize(TENTH, rounding=ROUND_FLOOR) for key, value in moved.items()}
    left = int((total - sum(shares.values(), NOTHING)) / TENTH)
    if not moved:
        return dict.fromkeys(changes, NOTHING) | ({next(iter(changes)): total} if total and changes else {})
    most_left = sorted(moved, key=lambda key: shares[key] - moved[key])
    order = most_left if left > 0 else list(reversed(most_left))
    for at in range(abs(left)):
        shares[order[at % len(order)]] += TENTH if left > 0 else -TENTH
    return {key: shares.get(key, NOTHING) for key in changes}


def _known(score: Score) -> frozenset[str]:
    return frozenset(part.signal.key for part in score.points if part.points is not None)


def _scaled(score: Score, rules: ScorecardRules) -> dict[str, float]:
    """What each known signal adds to the score."""
    known = {part.signal.key: part for part in score.points if part.points is not None}
    weights = rules.weights(known, {key: part.left for key, part in known.items()})
    return {
        key: weights[key] * (part.points or 0.0) / (part.signal.max_points * part.left) for key, part in known.items()
    }


def _decimal(score: Score) -> Decimal | None:
    """The mean of the signals, to the tenth."""
    return None if score.mean is None else Decimal(str(score.mean))


def _by_guard(end: End) -> Decimal:
    return NOTHING if end.guard is None else end.guard.change


def _guard_parts(before: Guarded | None, after: Guarded | None) -> list[Part]:
    """One bar for a guard at both ends; of two guards, one for what no longer counts and one for what does now."""
    if before is not None and after is not None and before.words == after.words:
        return [Part(cause=Cause.GUARD, change=after.change - before.change, words=after.words)]
    parts = []
    if before is not None:
        words = f"No longer {before.words[0].lower()}{before.words[1:]}"
        parts.append(Part(cause=Cause.GUARD, change=-before.change, words=words))
    if after is not None:
        parts.append(Part(cause=Cause.GUARD, change=after.change, words=after.words))
    return parts


def _kept(parts: list[Part]) -> list[Part]:
    return [part for part in parts if part.change]
