"""Narrowing the timeline, for its pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters

from accounts.enums import ActivityKind
from accounts.list_filter import ListFilter, choice
from accounts.models import Activity
from accounts.querysets import ActivityQuerySet


class ActivityFilter(ListFilter):
    """`type` may be given several times; `system=false` leaves out what the system did by itself."""

    dated = "occurred_at"
    is_moment = True

    type = django_filters.MultipleChoiceFilter(
        choices=ActivityKind.choices,
        method="of_kinds",
        label="Type",
        error_messages={"invalid_choice": f"takes {', '.join(ActivityKind.values)}."},
    )
    system = choice([("false", "Hidden")], label="System events", empty_label="Shown", method="without_system")

    class Meta:
        model = Activity
        fields: list[str] = []

    def of_kinds(self, lines: ActivityQuerySet, _: str, kinds: list[str]) -> ActivityQuerySet:
        return lines.of_kinds(kinds) if kinds else lines

    def without_system(self, lines: ActivityQuerySet, _: str, __: Any) -> ActivityQuerySet:
        return lines.by_people()
