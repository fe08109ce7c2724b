"""Scores for any number of accounts at once, and the same for a single one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from health.scoring.guards import NONE, Guard, Guarded, guard_scores
from health.scoring.signals import WEIGHT, ScorecardRules, Signal

MINIMUM_COVERAGE = 0.4
"""The least share of a scorecard's weight that must be present before we call the result a score."""

TARGET = "target"

# Far above what adding five floats can lose, far below anything that a person could have entered:
# 85.25 worked out as 85.24999999999999 is still rounded up.
_FLOAT_NOISE = 1e-7

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What one signal gave: `points` of `max_points`, unscaled; both values are None when it is missing.

    `left` is how much of its weight it has; less than 1 only where the signal fades."""

    signal: Signal
    value: float | None
    points: float | None
    left: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One account's result; `score` is None when too little was reported to say.

    `mean` is what the signals give, `guard` what made another score of it."""

    score: float | None
    mean: float | None
    guard: Guard | None
    coverage: float
    points: tuple[Points, ...]

    def guarded_by(self, guard: Guard | None) -> Score:
        """The same under a guard that is known to hold; one that was found already stays."""
        if guard is None or self.guard is not None or self.mean is None:
            return self
        score = float(guard.applied(np.array([self.mean]))[0])
        return self if score == self.mean else replace(self, score=score, guard=guard)

    @property
    def guarded(self) -> Guarded | None:
        """What the guard made of the mean."""
        if self.guard is None:
            return None
        return Guarded(words=self.guard.words, change=Decimal(str(self.score)) - Decimal(str(self.mean)))


def score_frame(frame: pd.DataFrame, rules: ScorecardRules) -> pd.DataFrame:
    """Score every row: `score` (0-100, one decimal, NaN = unknown), `coverage` (0-1) and `points_<signal>`;
    `mean` is the score before the guards, `guard` the place of the one that changed it, `NONE` where none did.

    The frame has a column for each signal that anyone reported, NaN where a row misses it, and `target`
    where a signal is measured against the account's own; of a fading signal also `weight_<signal>`, how much of its
    weight it has left. A missing signal is left out and the others are
    scaled up; points stay unscaled, so the mean is the sum of points over the coverage (group by group, where there
    are groups). A column that a guard asks about may be absent: it is unknown then, and the guard does not count.
    """
    left = {signal.key: _left(frame, signal) for signal in rules.signals}
    points = {signal.key: left[signal.key] * _points(frame, signal) for signal in rules.signals}
    total, weight, present = _sums(points, left, rules)
    coverage = present / rules.total_points
    known = coverage >= MINIMUM_COVERAGE
    scaled = 100.0 * total / np.where(known, weight, np.nan)
    mean = round_half_up(scaled)
    score, guard = guard_scores(frame, mean, coverage, rules.guards)
    result: dict[str, npt.NDArray[Any]] = {"score": score, "mean": mean, "guard": guard, "coverage": coverage}
    result |= {f"points_{key}": earned for key, earned in points.items()}
    return pd.DataFrame(result, index=frame.index)


def _sums(
    points: Mapping[str, Floats], left: Mapping[str, Floats], rules: ScorecardRules
) -> tuple[Floats, Floats, Floats]:
    """Per row the points earned, of how many, and how many of all could be judged.

    Summed in the order of the scorecard, so a row scores the same alone and among a million others. A group of which
    something is known counts in full: what was earned of the known part is scaled up to it.
    """
    rows = len(next(iter(points.values())))
    total, weight, present = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    for group in rules.groups:
        earned, known = np.zeros(rows), np.zeros(rows)
        for signal in group:
            earned += np.nan_to_num(points[signal.key])
            known += np.where(np.isnan(points[signal.key]), 0.0, left[signal.key] * signal.max_points)
        most = sum(signal.max_points for signal in group)
        total += earned if len(group) == 1 else earned * most / np.where(known > 0, known, 1.0)
        weight += known if len(group) == 1 else np.where(known > 0, most, 0.0)
        present += known
    return total, weight, present


def score_one(values: Mapping[str, float | None], rules: ScorecardRules) -> Score:
    """Score a single account: the same arithmetic on a frame of one row."""
    given = dict(values) | {signal.column: values.get(signal.key) for signal in rules.signals}
    left = {signal.key: values.get(f"{WEIGHT}{signal.key}") for signal in rules.signals if signal.fades}
    row = score_frame(pd.DataFrame([given], dtype="float64"), rules).iloc[0]
    guard = int(row["guard"])
    return Score(
        score=_known(row["score"]),
        mean=_known(row["mean"]),
        guard=None if guard == NONE else rules.guards[guard],
        coverage=float(row["coverage"]),
        points=tuple(
            Points(
                signal=signal,
                value=values.get(signal.key),
                points=_known(row[f"points_{signal.key}"]),
                left=1.0 if (share := left.get(signal.key)) is None else share,
            )
            for signal in rules.signals
        ),
    )


def round_half_up(values: Floats) -> Floats:
    """Round to one decimal, halves upwards, kept inside 0 to 100; what is unknown stays so."""
    rounded: Floats = np.clip(np.floor(values * 10.0 + 0.5 + _FLOAT_NOISE) / 10.0, 0.0, 100.0)
    return rounded


def _points(frame: pd.DataFrame, signal: Signal) -> Floats:
    value = _column(frame, signal.column)
    best = _column(frame, TARGET) if signal.curve.best is None else np.full(len(frame), signal.curve.best)
    # A target of nothing says nothing about how near anyone came to it: the signal is missing.
    span = np.where(best == signal.curve.worst, np.nan, best - signal.curve.worst)
    share = np.clip((value - signal.curve.worst) / span, 0.0, 1.0)
    points: Floats = signal.max_points * share
    return points


def _left(frame: pd.DataFrame, signal: Signal) -> Floats:
    """How much of its weight it has in each row; all of it where nothing is said."""
    if not signal.fades or f"{WEIGHT}{signal.key}" not in frame.columns:
        return np.ones(len(frame))
    return np.nan_to_num(_column(frame, f"{WEIGHT}{signal.key}"), nan=1.0)


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype="float64", na_value=np.nan)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
