"""Health before and after: what accounts' scores did around engagements, and while goals ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Case, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate

from accounts.enums import EngagementType, GoalStatus
from accounts.querysets import AccountQuerySet, GoalQuerySet
from accounts.score_records import score_at
from csplatform.models import Organization
from csplatform.money import round_half_up
from csplatform.periods import today

AFTER_DAYS = 30
"""How long an engagement is given to show in the score."""
LOOK_BACK_DAYS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEffect:
    """The mean score before and after, over the rows that have both; None where none has."""

    value: str
    label: str
    total: int
    """All rows of this kind, those without two scores too."""
    scored: int
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """Of the means as they are shown."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def direction(self) -> str:
        return "flat" if not self.change else "up" if self.change > 0 else "down"


def health_around_engagements(
    organization: Organization, accounts: AccountQuerySet, *, now: datetime
) -> list[HealthEffect]:
    """By type of engagement: the score at the close of the day before it, and thirty days after it.

    Over the half year of engagements that ended thirty days ago, for a later one has no after yet. One query.
    """
    last = today(organization, now=now) - timedelta(days=AFTER_DAYS)
    held = organization.engagements.held().filter(account__in=accounts)
    rows = held.on_days(last - timedelta(days=LOOK_BACK_DAYS - 1), last, organization).annotate(
        day_before=_day(timedelta(days=-1), organization), day_after=_day(timedelta(days=AFTER_DAYS), organization)
    )
    return _effects(rows, by="type", labels=EngagementType.choices)


def health_while_goals_ran(organization: Organization, goals: GoalQuerySet, *, now: datetime) -> list[HealthEffect]:
    """By status of the goal: the score at the close of the day it started, and of the day it ended.

    Achieved goals ended when they were, missed ones on their day, and those that still run are read today. One query.
    """
    day = Value(today(organization, now=now), output_field=DateField())
    ended = Case(
        When(status=GoalStatus.ACHIEVED, then=F("completion_date")),
        When(status=GoalStatus.MISSED, then=Coalesce("target_date", day)),
        default=day,
    )
    rows = goals.annotate(day_before=F("starts_on"), day_after=ended)
    return _effects(rows, by="status", labels=GoalStatus.choices)


def _day(later: timedelta, organization: Organization) -> TruncDate:
    """The organisation's day of an engagement, moved; over `EngagementQuerySet.dated()`."""
    return TruncDate(F("at") + later, tzinfo=organization.zone)


def _effects(rows: QuerySet[Any], *, by: str, labels: Iterable[tuple[str, Any]]) -> list[HealthEffect]:
    scored = rows.annotate(before=score_at("account", "day_before"), after=score_at("account", "day_after"))
    both = Q(before__isnull=False, after__isnull=False)
    grouped = scored.order_by().values(by)
    means = {"was": Avg("before", filter=both), "has": Avg("after", filter=both)}
    counted = grouped.annotate(total=Count("pk"), scored=Count("pk", filter=both), **means)
    found: dict[str, Mapping[str, Any]] = {row[by]: row for row in counted}
    return [
        HealthEffect(
            value=value,
            label=str(label),
            total=row["total"],
            scored=row["scored"],
            before=_point(row["was"]),
            after=_point(row["has"]),
        )
        for value, label in labels
        if (row := found.get(value))
    ]


def _point(mean: Any) -> Decimal | None:
    return None if mean is None else round_half_up(Decimal(str(mean)), 1)
