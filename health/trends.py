"""How an account moved over a window: arithmetic on its rows, without the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from health.enums import EngagementTrend

CLEAR_CHANGE = Decimal("0.1")
"""More than this share up or down is a trend; anything less is noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One window of an account; `health_score_change` is None while fewer than two rows have a score.

    Both of its ends are by the scorecard that counts now."""

    days: int
    health_score_change: Decimal | None
    arr_change: Decimal
    engagement_trend: EngagementTrend


def score_change(scores: Sequence[Decimal | None]) -> Decimal | None:
    """The last known score minus the first one."""
    known = [score for score in scores if score is not None]
    return known[-1] - known[0] if len(known) > 1 else None


def engagement_trend(users: Sequence[int | None]) -> EngagementTrend:
    """The mean of active users in the later half of the rows against the earlier; the middle one is later.

    A half in which nobody reported users says nothing, so the trend is stable.
    """
    middle = len(users) // 2
    earlier, later = _mean(users[:middle]), _mean(users[middle:])
    if earlier is None or later is None:
        return EngagementTrend.STABLE
    if later > earlier * (1 + CLEAR_CHANGE):
        return EngagementTrend.IMPROVING
    if later < earlier * (1 - CLEAR_CHANGE):
        return EngagementTrend.DECLINING
    return EngagementTrend.STABLE


def _mean(users: Sequence[int | None]) -> Decimal | None:
    known = [count for count in users if count is not None]
    return Decimal(sum(known)) / len(known) if known else None
