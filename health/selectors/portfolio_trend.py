"""How the portfolio's health came to be what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Avg, Count

from csplatform.models import Organization
from csplatform.money import round_half_up

HEALTH_WEEKS = 26
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLevel:
    """The mean score of the accounts that reported on a day, and how many those were."""

    date: date
    average: Decimal
    accounts: int


def health_by_week(organization: Organization, *, today: date) -> list[HealthLevel]:
    """The last reported day of each of the last 26 weeks that has one, oldest first.

    PERFORMANCE: a mean over every day of half a year would read every row; this reads the rows of 26 days.
    """
    metrics = organization.daily_metrics.in_window(today=today, days=HEALTH_WEEKS * WEEK_DAYS - 1)
    days = _last_of_each_week(metrics.order_by().values_list("date", flat=True).distinct(), today=today)
    levels = (
        organization.daily_metrics.filter(date__in=days)
        .scored()
        .order_by("date")
        .values_list("date")
        .annotate(average=Avg("health_score"), accounts=Count("pk"))
    )
    return [
        HealthLevel(date=day, average=round_half_up(Decimal(str(average)), 1), accounts=accounts)
        for day, average, accounts in levels
    ]


def _last_of_each_week(days: Iterable[date], *, today: date) -> list[date]:
    latest: dict[int, date] = {}
    for day in days:
        week = (today - day).days // WEEK_DAYS
        latest[week] = max(day, latest.get(week, day))
    return list(latest.values())
