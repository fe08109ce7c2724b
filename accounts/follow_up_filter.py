"""Narrowing and sorting follow-ups, for the page, its export and the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import F
from django.utils import timezone

from accounts.enums import AccountScope, FollowUpBucket, FollowUpPriority
from accounts.list_filter import ListFilter, choice
from accounts.models import FollowUp
from accounts.querysets import FollowUpQuerySet

OPEN, NOBODY = "open", "none"
SCOPES = [
    (AccountScope.MY_ACCOUNTS.value, "Mine"),
    (AccountScope.TEAM_ACCOUNTS.value, "My teams'"),
    (NOBODY, "Nobody's"),
]
SORTS = {
    "due": "falls_due",
    "priority": "rank",
    "type": "task_type",
    "account": "account__name_key",
    "assignee": "assignee__name",
    "done": "completed_at",
}
DEFAULT_SORT = "due"
TIES = ("falls_due", "pk")


def sorted_follow_ups(follow_ups: FollowUpQuerySet, sort: str) -> FollowUpQuerySet:
    """By one column, then by when they fall due; a word that is no column sorts by that alone."""
    column = F(SORTS.get(sort.removeprefix("-"), SORTS[DEFAULT_SORT]))
    order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return follow_ups.dated().with_rank().order_by(order, *TIES)


class FollowUpFilter(ListFilter):
    """Filters combine with AND; days are those on which tasks fall due, snoozing counted.

    The queryset has to be `dated()`."""

    dated = "falls_due"
    is_moment = True

    due = choice(
        [(OPEN, "Open"), *FollowUpBucket.choices], label="Due", empty_label="Open and done", method="in_bucket"
    )
    priority = choice(FollowUpPriority.choices, label="Priority", empty_label="Any priority")
    assignee = django_filters.ChoiceFilter(method="assigned_to", label="Assignee", empty_label="Anybody's")
    department = django_filters.CharFilter(lookup_expr="iexact", label="Department", max_length=100)
    playbook_run_id = django_filters.UUIDFilter()

    class Meta:
        model = FollowUp
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.member.organization.memberships.active().select_related("user")
        people = [(str(each.user.uuid), each.user.display_name) for each in members]
        words = ", ".join(value for value, _ in SCOPES)
        self.filters["assignee"].extra["choices"] = [*SCOPES, *people]
        self.filters["assignee"].extra["error_messages"] = {
            "invalid_choice": f"takes {words}, or the id of an active member."
        }

    def in_bucket(self, rows: FollowUpQuerySet, _: str, bucket: str) -> FollowUpQuerySet:
        if bucket == OPEN:
            return rows.open()
        return rows.in_bucket(bucket, timezone.now(), self.member.organization)

    def assigned_to(self, rows: FollowUpQuerySet, _: str, who: str) -> FollowUpQuerySet:
        if who == NOBODY:
            return rows.filter(assignee=None)
        if who in AccountScope.values:
            return rows.for_member_scope(self.member, who)
        return rows.filter(assignee__uuid=UUID(who))
