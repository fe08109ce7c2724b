"""Narrowing playbooks over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.list_filter import choice
from csplatform.models import Membership
from playbooks.enums import Category, Priority
from playbooks.models import Playbook


class PlaybookFilter(django_filters.FilterSet):
    """Filters combine with AND."""

    search = django_filters.CharFilter(method="by_text", max_length=200)
    category = choice(Category.choices, label="Category", empty_label="Any category")
    priority = choice(Priority.choices, label="Priority", empty_label="Any priority")
    is_builtin = choice([("true", "Built-in"), ("false", "Own")], label="Kind", empty_label="Both", method="by_kind")

    class Meta:
        model = Playbook
        fields: list[str] = []

    def __init__(self, data: QueryDict | None, *, member: Membership, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset=queryset, **kwargs)
        self.member = member

    def by_text(self, rows: Any, _: str, text: str) -> Any:
        return rows.filter(Q(title__icontains=text.strip()) | Q(description__icontains=text.strip()))

    def by_kind(self, rows: Any, _: str, wanted: str) -> Any:
        return rows.filter(is_builtin=wanted == "true")
