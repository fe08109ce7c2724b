"""The live values of goals that accounts themselves know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Count

from accounts.enums import GoalMetric
from accounts.goal_metrics import register
from accounts.models import Account, Goal
from csplatform.models import Organization
from csplatform.periods import civil_date


def arr_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """What the account pays a year."""
    return _fact(organization, goals, "arr")


def seat_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """Users paid for."""
    return _fact(organization, goals, "seats")


def health_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """The account's health score; unknown scores are no value."""
    return _fact(organization, goals, "health_score")


def account_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """How many open accounts stand under the account."""
    keys = {goal.account_id for goal in goals}
    children = organization.accounts.open().filter(parent__in=keys).order_by()
    counts = dict(children.values_list("parent").annotate(n=Count("pk")))
    return {goal.pk: Decimal(counts.get(goal.account_id, 0)) for goal in goals}


def renewal_values(organization: Organization, goals: Sequence[Goal], today: date) -> Mapping[int, Decimal]:
    """How often the end of the account's contract was moved further since the goal was set."""
    ends: dict[int, list[tuple[date, date]]] = {}
    rows = Account.history.filter(
        organization=organization, id__in={goal.account_id for goal in goals}, contract_end__isnull=False
    )
    for key, moment, end in rows.order_by("history_date", "history_id").values_list(
        "id", "history_date", "contract_end"
    ):
        ends.setdefault(key, []).append((civil_date(moment, organization), end))
    found: Counter[int] = Counter()
    for goal in goals:
        for (_, before), (day, after) in pairwise(ends.get(goal.account_id, [])):
            found[goal.pk] += after > before and day >= goal.starts_on
    return {goal.pk: Decimal(found[goal.pk]) for goal in goals}


def _fact(organization: Organization, goals: Sequence[Goal], column: str) -> dict[int, Decimal]:
    rows = organization.accounts.filter(pk__in={goal.account_id for goal in goals}).order_by()
    facts: dict[int, Any] = dict(rows.values_list("pk", column))
    return {
        goal.pk: Decimal(fact).quantize(Decimal("0.01"))
        for goal in goals
        if (fact := facts.get(goal.account_id)) is not None
    }


def register_readers() -> None:
    register(GoalMetric.ARR, arr_values)
    register(GoalMetric.SEAT_COUNT, seat_values)
    register(GoalMetric.HEALTH_SCORE, health_values)
    register(GoalMetric.ACCOUNTS, account_values)
    register(GoalMetric.RENEWALS, renewal_values)
