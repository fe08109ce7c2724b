"""How likely an account is to leave, 0 (not at all) to 100: five factors, each the sum of its measures' trouble.

A measure has a straight curve from `harmless` (0) to `worst` (1), level beyond both. A factor's trouble is
1 − (1 − a)(1 − b)…, so that each further trouble adds to it and it never passes 1. The risk is the mean of the
factors by their weights; one about which nothing is known is left out and the others weigh more. Where nothing is
known of any, the risk is 100 less the health score. No measure that worsens ever lowers the risk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from health.scoring.score import round_half_up

Floats = npt.NDArray[np.float64]

RISK = "churn_risk"
SCORE = "score"
BY_HEALTH = "health_score"
"""The single part of a risk that is 100 less the health score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One trouble: `key` names the column, `most` is how much of its factor it can fill by itself."""

    key: str
    harmless: float
    worst: float
    most: float = 1.0

    def trouble(self, values: Floats) -> Floats:
        """0 (none) to `most`; a value that is not known is no trouble."""
        share = np.clip((values - self.harmless) / (self.worst - self.harmless), 0.0, 1.0)
        trouble: Floats = np.nan_to_num(share * self.most)
        return trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A reason to leave. It counts where one of the columns in `known_by` is known."""

    key: str
    label: str
    words: str
    """What it looks at."""
    weight: float
    known_by: tuple[str, ...]
    measures: tuple[Measure, ...]


FACTORS: tuple[Factor, ...] = (
    Factor(
        key="health",
        label="Declining health",
        words="Whether the score fell in 30 days, and how low it is",
        weight=30,
        known_by=("score_change",),
        measures=(
            Measure(key="score_change", harmless=0, worst=-20),
            # From the edge of Healthy to the edge of Critical: a low score that no longer falls is trouble too.
            Measure(key=SCORE, harmless=80, worst=40),
        ),
    ),
    Factor(
        key="engagement",
        label="Reduced engagement",
        words="Silence beside the agreed cadence, fewer engagements than before, bad outcomes",
        weight=20,
        known_by=("cadences_silent",),
        measures=(
            Measure(key="cadences_silent", harmless=1, worst=3),
            Measure(key="engagement_drop", harmless=0, worst=1, most=0.5),
            Measure(key="negative_outcomes", harmless=0, worst=2),
        ),
    ),
    Factor(
        key="support",
        label="Support escalations",
        words="Open tickets that are critical, escalated or late",
        weight=15,
        known_by=("grave_tickets",),
        measures=(Measure(key="grave_tickets", harmless=0, worst=2),),
    ),
    Factor(
        key="contract",
        label="Contract and payment",
        words="The end of the term, notice, overdue invoices, paying late",
        weight=25,
        known_by=("days_to_term_end", "notice_given", "overdue_months", "average_delay"),
        measures=(
            # Half at most: a term that ends is an occasion to leave, not yet a reason.
            Measure(key="days_to_term_end", harmless=120, worst=0, most=0.5),
            Measure(key="notice_given", harmless=0, worst=1),
            Measure(key="overdue_months", harmless=0, worst=3),
            Measure(key="average_delay", harmless=10, worst=60, most=0.5),
        ),
    ),
    Factor(
        key="competition",
        label="Competitors",
        words="A competitor mentioned by people in 90 days",
        weight=10,
        known_by=("cadences_silent",),
        # In full for a month, then fading until it is three months old.
        measures=(Measure(key="days_since_competitor", harmless=90, worst=30),),
    ),
)
MEASURES = tuple(dict.fromkeys(measure.key for factor in FACTORS for measure in factor.measures))
INPUTS = tuple(key for key in MEASURES if key not in (SCORE, "score_change"))
"""What is gathered for the risk alone; the rest is part of the health score."""


def weighed(weights: Mapping[str, float]) -> tuple[Factor, ...]:
    """The factors by other weights; one with a weight of 0 is left out."""
    chosen = (replace(factor, weight=weights.get(factor.key, factor.weight)) for factor in FACTORS)
    return tuple(factor for factor in chosen if factor.weight > 0)


def risk_frame(frame: pd.DataFrame, factors: Sequence[Factor] = FACTORS) -> pd.DataFrame:
    """Per row `churn_risk` (0-100, one decimal, NaN where not even the health is known) and `risk_<factor>`.

    `risk_<factor>` is the factor's trouble (0-1), NaN where nothing is known of it. The frame has the columns of
    `MEASURES`, NaN where a row misses one; a column that is absent is missing everywhere.
    """
    troubles = {factor.key: _trouble(frame, factor) for factor in factors}
    total = np.zeros(len(frame))
    present = np.zeros(len(frame))
    for factor in factors:
        trouble = troubles[factor.key]
        total += np.nan_to_num(trouble) * factor.weight
        present += np.where(np.isnan(trouble), 0.0, factor.weight)
    by_factors = 100.0 * total / np.where(present > 0, present, np.nan)
    by_health = 100.0 - _column(frame, SCORE)
    columns = {RISK: round_half_up(np.where(present > 0, by_factors, by_health))}
    columns |= {f"risk_{key}": trouble for key, trouble in troubles.items()}
    return pd.DataFrame(columns, index=frame.index)


def risk_of(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """The same for a single account."""
    row = risk_frame(pd.DataFrame([dict(values)], dtype="float64")).iloc[0]
    return {str(name): None if np.isnan(value) else float(value) for name, value in row.items()}


def _trouble(frame: pd.DataFrame, factor: Factor) -> Floats:
    known = np.zeros(len(frame), dtype=bool)
    for name in factor.known_by:
        known |= ~np.isnan(_column(frame, name))
    untroubled = np.ones(len(frame))
    for measure in factor.measures:
        untroubled *= 1.0 - measure.trouble(_column(frame, measure.key))
    trouble: Floats = np.where(known, 1.0 - untroubled, np.nan)
    return trouble


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype="float64", na_value=np.nan)
