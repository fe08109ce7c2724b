"""Narrowing `GET /api/accounts`."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from accounts.custom_filters import custom_filters
from accounts.enums import AccountScope, AccountSize, AccountStatus, Segment
from accounts.list_filter import choice
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Membership

TAKES_A_SCORE = "takes a whole number from 0 to 100."
YES_NO = [("true", "Yes"), ("false", "No")]


class _ScoreField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**(kwargs | {"error_messages": {"invalid": TAKES_A_SCORE}}))
        self.validators += [MinValueValidator(0, TAKES_A_SCORE), MaxValueValidator(100, TAKES_A_SCORE)]


class ScoreFilter(django_filters.Filter):
    """A printed health score: a whole number from 0 to 100."""

    field_class = _ScoreField


class ContractAccountFilter(django_filters.FilterSet):
    """Filters combine with AND. Scores are compared as they are printed: whole, and 50 where nothing is known."""

    search = django_filters.CharFilter(method="by_text", max_length=255)
    q = django_filters.CharFilter(method="by_text", max_length=255)
    status = choice(AccountStatus.choices, label="Status", empty_label="Any")
    size = choice(AccountSize.choices, label="Size", empty_label="Any")
    segment = choice(Segment.choices, label="Segment", empty_label="Any")
    region = django_filters.CharFilter(max_length=100)
    tag = django_filters.CharFilter(method="by_tag", max_length=60)
    user = choice(AccountScope.choices, label="Whose", empty_label="Anybody's", method="by_scope")
    owner_id = django_filters.UUIDFilter(field_name="owner__uuid", error_messages={"invalid": "takes a user's uuid."})
    health_min = ScoreFilter(method="from_score")
    health_max = ScoreFilter(method="up_to_score")
    archived = choice(YES_NO, label="Archived", empty_label="No", method="by_archived")

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: AccountQuerySet, member: Membership) -> None:
        super().__init__(data, queryset=queryset)
        self.member = member
        if any(name.startswith("cf_") for name in data):
            self.filters.update(custom_filters(self, member.organization.custom_fields.in_use()))

    @property
    def qs(self) -> AccountQuerySet:
        accounts: AccountQuerySet = super().qs
        return accounts if self.form.cleaned_data.get("archived") == "true" else accounts.unarchived()

    def by_text(self, accounts: AccountQuerySet, _: str, text: str) -> AccountQuerySet:
        return accounts.name_contains(text)

    def by_tag(self, accounts: AccountQuerySet, _: str, tag: str) -> AccountQuerySet:
        return accounts.tagged(tag)

    def by_scope(self, accounts: AccountQuerySet, _: str, scope: str) -> AccountQuerySet:
        return accounts.for_member_scope(self.member, scope)

    def from_score(self, accounts: AccountQuerySet, _: str, least: int) -> AccountQuerySet:
        return accounts.printing_health_from(least)

    def up_to_score(self, accounts: AccountQuerySet, _: str, most: int) -> AccountQuerySet:
        return accounts.printing_health_up_to(most)

    def by_archived(self, accounts: AccountQuerySet, _: str, value: str) -> AccountQuerySet:
        return accounts.archived() if value == "true" else accounts
