"""What the filters of an account's belongings (tickets, goals, referrals …) have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.enums import AccountScope
from csplatform.models import Membership
from csplatform.periods import day_bounds

Choices = Iterable[tuple[Any, Any]]


def choice(choices: Choices, *, label: str, empty_label: str, **extra: Any) -> django_filters.ChoiceFilter:
    """One of a few words; another word is refused with the list of them."""
    listed = ", ".join(str(value) for value, _ in choices)
    return django_filters.ChoiceFilter(
        choices=choices,
        label=label,
        empty_label=empty_label,
        error_messages={"invalid_choice": f"takes {listed}."},
        **extra,
    )


CUSTOMERS, IN_USE = "customers", "in_use"


class ListFilter(django_filters.FilterSet):
    """`q` and `search` are text, `account_id` an account's uuid or number, `owner` whose accounts, `source` the lead
    source of theirs, `accounts` whether they are customers still, `from` and `to` days in the organisation's zone.
    Serves page and API; `dated` names the column of the days."""

    dated: ClassVar[str] = ""
    is_moment: ClassVar[bool] = False
    """Whether that column is a moment, not a day."""

    q = django_filters.CharFilter(
        method="by_text", label="Search", max_length=200, widget=forms.TextInput({"type": "search"})
    )
    search = django_filters.CharFilter(method="by_text", label="Search", max_length=200)
    account_id = django_filters.CharFilter(method="of_account", label="Account", max_length=40)
    owner = choice(AccountScope.choices, label="Accounts", empty_label="Anybody's", method="by_owner")
    source = django_filters.CharFilter(method="from_source", label="Lead source", max_length=100)
    accounts = choice(
        [(CUSTOMERS, "Customers"), (IN_USE, "Not archived")], label="Of", empty_label="Any account", method="among"
    )

    def __init__(self, data: QueryDict | None, *, member: Membership, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset=queryset, **kwargs)
        self.member = member
        if self.dated:
            # `from` is a keyword, so these cannot be declared as attributes.
            self.filters["from"] = self._day("since", "From")
            self.filters["to"] = self._day("until", "To")

    def _day(self, method: str, label: str) -> django_filters.DateFilter:
        day = django_filters.DateFilter(
            method=method,
            label=label,
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": "takes a date, written as YYYY-MM-DD."},
            widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        )
        day.parent, day.model = self, self.queryset.model
        return day

    @property
    def qs(self) -> Any:
        """What the filters leave; nothing where one of them does not validate."""
        return self.queryset.none() if self.is_bound and not self.form.is_valid() else super().qs

    def by_text(self, rows: Any, _: str, text: str) -> Any:
        return rows.search(text)

    def of_account(self, rows: Any, _: str, key: str) -> Any:
        return rows.filter(account__in=self.member.organization.accounts.with_key(key))

    def by_owner(self, rows: Any, _: str, scope: str) -> Any:
        return rows.filter(account__in=self.member.organization.accounts.for_member_scope(self.member, scope))

    def from_source(self, rows: Any, _: str, source: str) -> Any:
        return rows.filter(account__in=self.member.organization.accounts.from_source(source))

    def among(self, rows: Any, _: str, which: str) -> Any:
        accounts = self.member.organization.accounts
        return rows.filter(account__in=accounts.open() if which == CUSTOMERS else accounts.unarchived())

    def since(self, rows: Any, _: str, day: Any) -> Any:
        start = day_bounds(day, self.member.organization)[0] if self.is_moment else day
        return rows.filter(**{f"{self.dated}__gte": start})

    def until(self, rows: Any, _: str, day: Any) -> Any:
        if self.is_moment:
            return rows.filter(**{f"{self.dated}__lt": day_bounds(day, self.member.organization)[1]})
        return rows.filter(**{f"{self.dated}__lte": day})
