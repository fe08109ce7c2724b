"""An account's past scores and measures, from its daily metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.bands import band
from accounts.enums import Band
from accounts.models import Account

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPoint:
    """The score of one day; unknown where too little was reported."""

    date: date
    score: Decimal | None

    @property
    def band(self) -> Band | None:
        return band(self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthWeek:
    """Seven days and the last score known in them."""

    start: date
    end: date
    score: Decimal | None

    @property
    def band(self) -> Band | None:
        return band(self.score)


def health_history(account: Account, *, today: date, days: int) -> list[HealthPoint]:
    """Every day of the window that has metrics, oldest first."""
    rows = (
        account.daily_metrics.in_window(today=today, days=days).order_by("date").values_list("date", "health_score")
    )
    return [HealthPoint(date=day, score=score) for day, score in rows]


def health_weeks(account: Account, *, today: date, weeks: int = 12) -> list[HealthWeek]:
    """The last so many times seven days up to today, oldest first, each with the last score known in it."""
    return weeks_of(health_history(account, today=today, days=weeks * WEEK_DAYS - 1), today=today, weeks=weeks)


def weeks_of(points: Iterable[HealthPoint], *, today: date, weeks: int = 12) -> list[HealthWeek]:
    """The same where the days are at hand."""
    first = today - timedelta(days=weeks * WEEK_DAYS - 1)
    latest: dict[int, Decimal] = {}
    for point in points:
        if point.score is not None and point.date >= first:
            latest[(point.date - first).days // WEEK_DAYS] = point.score
    return [
        HealthWeek(
            start=first + timedelta(days=at * WEEK_DAYS),
            end=first + timedelta(days=at * WEEK_DAYS + WEEK_DAYS - 1),
            score=latest.get(at),
        )
        for at in range(weeks)
    ]
