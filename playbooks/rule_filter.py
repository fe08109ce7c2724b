"""Narrowing automation rules and what they did, over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.list_filter import ListFilter, choice
from csplatform.models import Membership
from playbooks.enums import HitOutcome, RuleAction, Trigger
from playbooks.models import AutomationHit, AutomationRule


class RuleFilter(django_filters.FilterSet):
    """Filters combine with AND."""

    search = django_filters.CharFilter(field_name="name", lookup_expr="icontains", max_length=120)
    trigger = choice(Trigger.choices, label="When", empty_label="Any")
    action = choice(RuleAction.choices, label="Then", empty_label="Any")

    class Meta:
        model = AutomationRule
        fields: list[str] = []

    def __init__(self, data: QueryDict | None, *, member: Membership, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset=queryset, **kwargs)
        self.member = member


class HitFilter(ListFilter):
    """Days are those on which rules acted."""

    dated = "fired_at"
    is_moment = True

    outcome = choice(HitOutcome.choices, label="Outcome", empty_label="Any outcome")
    rule_id = django_filters.UUIDFilter(field_name="rule__uuid")

    class Meta:
        model = AutomationHit
        fields: list[str] = []

    def by_text(self, rows: Any, _: str, text: str) -> Any:
        return rows.filter(account__name__icontains=text.strip())
