"""How far a goal has come and whether it will be reached: arithmetic without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from accounts.enums import GoalStatus

LAGGING = Decimal("0.8")
"""Progress under this share of the elapsed time is at risk."""
FARTHEST = timedelta(days=3650)
"""A goal that at its pace takes longer is not projected at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A goal's numbers. Where the target lies under the baseline, less is better."""

    baseline: Decimal
    current: Decimal
    target: Decimal
    starts_on: date
    target_date: date | None

    @property
    def is_decreasing(self) -> bool:
        return self.target < self.baseline

    @property
    def is_met(self) -> bool:
        return self.current <= self.target if self.is_decreasing else self.current >= self.target

    @property
    def progress(self) -> Decimal:
        """The share of the way from baseline to target that is done; under 0 when moving away, over 1 beyond it."""
        way = self.target - self.baseline
        if not way:
            return Decimal(1 if self.is_met else 0)
        return (self.current - self.baseline) / way

    def elapsed(self, today: date) -> Decimal | None:
        """The share of the time that has passed, 0 to 1; nothing known without a day to reach it by."""
        if self.target_date is None:
            return None
        length = (self.target_date - self.starts_on).days
        if length <= 0:
            return Decimal(1)
        return min(Decimal(1), max(Decimal(0), Decimal((today - self.starts_on).days) / length))

    def status(self, today: date) -> GoalStatus:
        """Achieved when the target is met, missed once its day has passed, at risk when progress is under 80 % of
        the elapsed share of time, else on track."""
        if self.is_met:
            return GoalStatus.ACHIEVED
        if self.target_date is not None and today > self.target_date:
            return GoalStatus.MISSED
        elapsed = self.elapsed(today)
        if elapsed is not None and self.progress < LAGGING * elapsed:
            return GoalStatus.AT_RISK
        return GoalStatus.ON_TRACK

    def projected_on(self, today: date) -> date | None:
        """When it will be met at the pace kept so far; nothing where it has not moved the right way."""
        gone = (today - self.starts_on).days
        if gone <= 0 or self.progress <= 0:
            return None
        if self.is_met:
            return today
        needed = timedelta(days=int((gone / self.progress).to_integral_value(ROUND_CEILING)))
        return self.starts_on + needed if needed <= FARTHEST else None
