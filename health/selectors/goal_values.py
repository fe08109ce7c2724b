"""The live values of goals that health knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from accounts.enums import GoalMetric
from accounts.goal_metrics import register
from accounts.models import Goal
from csplatform.models import Organization
from health.models import DailyMetrics


def nps_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """The newest NPS that was reported."""
    return _newest(organization, goals, "nps", today=today)


def adoption_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """The newest feature adoption that was reported, in percent."""
    return _newest(organization, goals, "adoption_pct", today=today)


def _newest(organization: Organization, goals: Sequence[Goal], column: str, *, today: date) -> dict[int, Decimal]:
    accounts = organization.accounts.filter(pk__in={goal.account_id for goal in goals})
    known = DailyMetrics.objects.up_to(today).filter(**{f"{column}__isnull": False}).newest_of(accounts)
    values = dict(known.order_by().values_list("account_id", column))
    return {
        goal.pk: Decimal(str(values[goal.account_id])).quantize(Decimal("0.01"))
        for goal in goals
        if goal.account_id in values
    }


def register_readers() -> None:
    register(GoalMetric.NPS, nps_values)
    register(GoalMetric.ADOPTION, adoption_values)
