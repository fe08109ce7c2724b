"""Narrowing and sorting engagements, for the page, its export and the API."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from accounts.enums import EngagementOutcome, EngagementState, EngagementType
from accounts.list_filter import ListFilter, choice
from accounts.models import Engagement
from accounts.querysets import EngagementQuerySet

NO_OUTCOME = "none"

SORTS = {
    "when": "at",
    "type": "type",
    "title": "title",
    "account": "account__name_key",
    "outcome": "outcome",
    "by": "created_by__name",
}
DEFAULT_SORT = "-when"
TIES = ("-at", "-pk")


def sorted_engagements(engagements: EngagementQuerySet, sort: str) -> EngagementQuerySet:
    """By one column, then by newest; a word that is no column sorts by newest."""
    column = SORTS.get(sort.removeprefix("-"), "")
    if not column:
        return engagements.newest_first()
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return engagements.dated().order_by(order, *TIES)


class EngagementFilter(ListFilter):
    """Filters combine with AND; days are those on which it was held, else is planned, else was written.

    The queryset has to be `dated()`."""

    dated = "at"
    is_moment = True

    type = choice(EngagementType.choices, label="Type", empty_label="Any type")
    outcome = choice(
        [*EngagementOutcome.choices, (NO_OUTCOME, "Not said")],
        label="Outcome",
        empty_label="Any outcome",
        method="by_outcome",
    )
    state = choice(EngagementState.choices, label="State", empty_label="Any state", method="in_state")
    competitor = choice([("true", "Mentioned")], label="Competitor", empty_label="Any", method="by_mention")

    class Meta:
        model = Engagement
        fields: list[str] = []

    def by_outcome(self, rows: EngagementQuerySet, _: str, outcome: str) -> EngagementQuerySet:
        return rows.with_outcome("" if outcome == NO_OUTCOME else outcome)

    def in_state(self, rows: EngagementQuerySet, _: str, state: str) -> EngagementQuerySet:
        match EngagementState(state):
            case EngagementState.PLANNED:
                return rows.planned()
            case EngagementState.CANCELLED:
                return rows.cancelled()
            case _:
                return rows.held()

    def by_mention(self, rows: EngagementQuerySet, _: str, __: Any) -> EngagementQuerySet:
        return rows.mentioning_competitors()
