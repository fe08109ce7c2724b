"""Guards of a scorecard: what a score may not pass, or not fall below, while some conditions hold.

They come after the mean, in their order, and the first one whose conditions all hold counts. A value that is not
known meets no condition. A guard is never about a score that is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from health.scoring.measures import MEASURES, Source

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NONE = -1


class Comparison(StrEnum):
    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")

    def holds(self, values: Floats, limit: float) -> Flags:
        flags: Flags = _COMPARE[self](values, limit)
        return flags


_COMPARE = {
    Comparison.BELOW: np.less,
    Comparison.AT_MOST: np.less_equal,
    Comparison.AT_LEAST: np.greater_equal,
    Comparison.ABOVE: np.greater,
}


class Effect(StrEnum):
    CAP = "cap"
    FLOOR = "floor"


class ConditionRow(TypedDict):
    """A condition as a scorecard stores it."""

    measure: str
    comparison: str
    value: float


class GuardRow(TypedDict):
    """A guard as a scorecard stores it; all of its conditions have to hold."""

    conditions: list[ConditionRow]
    effect: str
    score: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    measure: str
    comparison: Comparison
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """While its conditions hold, a score is at most (cap) or at least (floor) `score`; `text` says why."""

    conditions: tuple[Condition, ...]
    effect: Effect
    score: float
    text: str

    @property
    def words(self) -> str:
        """`Capped at 59: hardly used, and the renewal is near`"""
        return guard_words(self.effect, self.score, self.text)

    def applied(self, means: Floats) -> Floats:
        limit = np.minimum if self.effect is Effect.CAP else np.maximum
        guarded: Floats = limit(means, self.score)
        return guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What a guard made of the mean of the signals."""

    words: str
    change: Decimal


def guard_words(effect: str, score: float, text: str) -> str:
    """What a guard does, in words."""
    return f"{'Capped at' if effect == Effect.CAP else 'Raised to'} {score:g}: {text}"


def guards_from_rows(rows: Iterable[GuardRow | Mapping[str, Any]]) -> tuple[Guard, ...]:
    """Read the guards of a stored scorecard."""
    return tuple(
        Guard(
            conditions=tuple(
                Condition(measure=row["measure"], comparison=Comparison(row["comparison"]), value=float(row["value"]))
                for row in guard["conditions"]
            ),
            effect=Effect(guard["effect"]),
            score=float(guard["score"]),
            text=guard["text"],
        )
        for guard in rows
    )


def guard_kept(row: Mapping[str, Any], guards: Iterable[Guard]) -> Guard | None:
    """The one of these guards that a snapshot names; None where it names none, or one of another scorecard."""
    if not row:
        return None
    said = guard_words(row["effect"], row["score"], row["text"])
    return next((guard for guard in guards if guard.words == said), None)


def daily_measures(guards: Iterable[Guard]) -> tuple[str, ...]:
    """The columns of the daily metrics that these guards ask about."""
    asked = (condition.measure for guard in guards for condition in guard.conditions)
    return tuple(dict.fromkeys(key for key in asked if MEASURES[key].source is Source.METRICS))


def guard_scores(
    frame: pd.DataFrame, means: Floats, coverage: Floats, guards: Sequence[Guard]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The guarded scores, and which guard changed each of them: its place, `NONE` where none did."""
    scores = means.copy()
    which = np.full(len(frame), NONE, dtype=np.int64)
    is_open = np.ones(len(frame), dtype=bool)
    for at, guard in enumerate(guards):
        holds = is_open.copy()
        for condition in guard.conditions:
            values = coverage if condition.measure == "coverage" else _column(frame, condition.measure)
            holds &= condition.comparison.holds(values, condition.value)
        guarded = guard.applied(means)
        which[holds & (guarded != means) & ~np.isnan(means)] = at
        scores[holds] = guarded[holds]
        is_open &= ~holds
    return scores, which


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype="float64", na_value=np.nan)
