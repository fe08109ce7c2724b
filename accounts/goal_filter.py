"""Narrowing and sorting goals, for the page, its export and the API."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from accounts.enums import GoalMetric, GoalPeriod, GoalStatus
from accounts.list_filter import ListFilter, choice
from accounts.models import Goal
from accounts.querysets import GoalQuerySet

ACTIVE = "active"
STATES = [(ACTIVE, "On track or at risk"), *GoalStatus.choices]
SORTS = {
    "title": "title",
    "account": "account__name_key",
    "status": "status",
    "target_date": "target_date",
    "updated": "updated_at",
    "created": "created_at",
}


def sorted_goals(goals: GoalQuerySet, sort: str) -> GoalQuerySet:
    """By one column; a word that is no column sorts open ones first, the soonest of them on top."""
    column = SORTS.get(sort.removeprefix("-"), "")
    if not column:
        return goals.soonest_first()
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return goals.order_by(order, "pk")


class GoalFilter(ListFilter):
    """Filters combine with AND; days are those until which goals shall be reached."""

    dated = "target_date"

    status = choice(STATES, label="Status", empty_label="Any status", method="in_state")
    metric_type = choice(GoalMetric.choices, label="Measures", empty_label="Any measure")
    measurement_period = choice(GoalPeriod.choices, label="Looked at", empty_label="Any period")

    class Meta:
        model = Goal
        fields: list[str] = []

    def in_state(self, goals: Any, _: str, state: str) -> Any:
        return goals.active() if state == ACTIVE else goals.filter(status=state)
