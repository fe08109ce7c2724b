"""What happens to demo accounts over time: the level of their health, and the daily measures that give it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

SIGNALS = ("daily_active_users", "adoption_pct", "tickets_open", "nps", "login_rate")
_WEIGHTS = np.array([25.0, 25.0, 20.0, 15.0, 15.0])
"""Of the default scorecard: leanings that cancel under them move signals apart without moving the score."""

_WEEKEND = 0.94
_SURVEY_DAYS = 7
_THIN_SINCE_DAYS = 25
_HIGHEST, _LOWEST = 98.0, 4.0


class Story(StrEnum):
    STEADY = "steady"
    DECLINING = "declining"
    RECOVERING = "recovering"
    SEASONAL = "seasonal"
    NEW = "new"
    NEVER_ADOPTED = "never adopted"
    NO_SURVEYS = "no surveys"
    STALE = "stale"
    THIN = "thin"
    SILENT = "silent"
    CHURNED = "churned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """How an account's health arrives at `target` on the last day."""

    story: Story
    target: float
    seats: float


def measures(arc: Arc, days: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    """The five signals of each day, oldest first; NaN where nothing was reported."""
    share = np.clip(levels(arc, len(days), rng) / 100.0, 0.0, 1.0)
    # Leanings fade towards both ends, where a signal has no room left.
    shares = np.clip(share[:, None] + 4.0 * (share * (1.0 - share))[:, None] * _leanings(arc, rng), 0.0, 1.0)
    users, adoption, tickets, nps, logins = shares.T
    week = np.where(days.day_of_week >= 5, _WEEKEND, 1.0)
    frame = pd.DataFrame(
        {
            "daily_active_users": np.round(arc.seats * users * week * rng.normal(1.0, 0.025, len(days))).clip(0),
            "adoption_pct": np.round(100.0 * adoption, 1),
            "tickets_open": np.round(10.0 * (1.0 - tickets) + rng.normal(0.0, 0.3, len(days))).clip(0),
            "nps": np.round(200.0 * _stepped(nps) - 100.0),
            "login_rate": np.round(np.clip(logins + rng.normal(0.0, 0.012, len(days)), 0.0, 1.0), 3),
        },
        index=days,
    )
    return _as_reported(frame, arc.story)


def levels(arc: Arc, days: int, rng: np.random.Generator) -> Floats:
    """The health (0-100) that each day is about, oldest first, ending at the target."""
    before_end = np.arange(days - 1, -1, -1, dtype="float64")
    level = arc.target + _shape(arc, before_end, rng) + _unrest(days, rng)
    return np.clip(level, _LOWEST, _HIGHEST)


def _shape(arc: Arc, before_end: Floats, rng: np.random.Generator) -> Floats:
    """What the story adds to the target, so many days before its end; nothing on the last day."""
    match arc.story:
        case Story.DECLINING | Story.CHURNED:
            fall = min(rng.uniform(20.0, 36.0), 92.0 - arc.target)
            return _step(before_end, fall, middle=rng.uniform(14.0, 55.0), width=rng.uniform(4.0, 9.0))
        case Story.RECOVERING:
            return _step(before_end, -rng.uniform(16.0, 28.0), middle=rng.uniform(16.0, 100.0), width=9.0)
        case Story.SEASONAL:
            at = 2.0 * np.pi * before_end / 182.0
            phase = rng.uniform(0.0, 2.0 * np.pi)
            return rng.uniform(4.0, 7.0) * (np.sin(at + phase) - np.sin(phase))
        case Story.NEW:
            since_start = before_end[::-1]
            return (35.0 - arc.target) * (np.exp(-since_start / 14.0) - np.exp(-len(before_end) / 14.0))
        case _:
            return rng.normal(0.0, 4.0) * before_end / 365.0


def _step(before_end: Floats, size: float, *, middle: float, width: float) -> Floats:
    """A smooth change by `size`, over on the last day."""
    curve = 1.0 / (1.0 + np.exp((middle - before_end) / width))
    return size * (curve - curve[-1])


def _unrest(days: int, rng: np.random.Generator) -> Floats:
    """Slow wandering without a direction."""
    kernel = np.full(14, 14.0**-0.5)
    wander = np.convolve(rng.normal(0.0, 1.1, days + len(kernel) - 1), kernel, mode="valid")
    return wander - wander[-1]


def _leanings(arc: Arc, rng: np.random.Generator) -> Floats:
    """What an account is good or bad at, signal by signal; in the score the leanings cancel."""
    leanings = np.clip(rng.normal(0.0, 0.13, len(_WEIGHTS)), -0.24, 0.24)
    if arc.story is Story.NEVER_ADOPTED:
        leanings[SIGNALS.index("adoption_pct")] = -0.5
    return leanings - (leanings @ _WEIGHTS) / _WEIGHTS.sum()


def _stepped(values: Floats) -> Floats:
    """A value per week, the last week's being today's: surveys are not answered daily."""
    before_end = np.arange(len(values) - 1, -1, -1)
    stepped: Floats = values[len(values) - 1 - before_end // _SURVEY_DAYS * _SURVEY_DAYS]
    return stepped


def _as_reported(frame: pd.DataFrame, story: Story) -> pd.DataFrame:
    if story is Story.NO_SURVEYS:
        frame["nps"] = np.nan
    if story is Story.THIN:
        unreported = [signal for signal in SIGNALS if signal != "adoption_pct"]
        frame.loc[frame.index[-_THIN_SINCE_DAYS:], unreported] = np.nan
    return frame
