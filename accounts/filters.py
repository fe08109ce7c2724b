"""Narrowing the account list: one FilterSet for the page, its export, its bulk actions and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict

from accounts.advocacy_scores import ready_standings
from accounts.data_gaps import data_gaps, with_gap
from accounts.enums import AccountScope, AccountSize, AccountStatus, Band, Bucket, CustomFieldKind, Segment
from accounts.models import Account, CustomField, Engagement
from accounts.querysets import AccountQuerySet
from accounts.selectors.regions import regions_in_use
from accounts.selectors.usage import products_under
from csplatform.models import Membership
from csplatform.periods import today

Choices = list[tuple[str, str]]

UNKNOWN = "unknown"
NOBODY = "none"
CUSTOMERS = "customers"
READY = "ready"
OVERDUE = "overdue"
NEVER = "never"
LAST_CONTACT = {
    "7": "In the last 7 days",
    "30": "In the last 30 days",
    "none_30": "Not for 30 days",
    "none_60": "Not for 60 days",
    "none_90": "Not for 90 days",
    NEVER: "Never",
}
CUSTOM = "custom_"
"""What the parameters of custom fields begin with: `custom_plan`."""
RENEWAL_WINDOWS = {"30": "In 30 days", "60": "In 60 days", "90": "In 90 days", OVERDUE: "Term is over"}


class AccountFilter(django_filters.FilterSet):
    """Filters combine with AND. `member` says whose organisation the choices are of, and who "me" is."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, number or external id"}),
    )
    status = django_filters.ChoiceFilter(
        choices=[(CUSTOMERS, "All but churned"), *AccountStatus.choices],
        method="in_status",
        label="Status",
        empty_label="Any status",
    )
    band = django_filters.ChoiceFilter(
        choices=[*Band.choices, (UNKNOWN, "Unknown")], method="in_band", label="Health", empty_label="Any health"
    )
    bucket = django_filters.ChoiceFilter(
        choices=Bucket.choices, method="in_bucket", label="Bucket", empty_label="Any bucket"
    )
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Segment", empty_label="Any segment")
    size = django_filters.ChoiceFilter(choices=AccountSize.choices, label="Size", empty_label="Any size")
    region = django_filters.ChoiceFilter(label="Region", empty_label="Any region")
    owner = django_filters.ChoiceFilter(method="owned_by", label="Owner", empty_label="Anybody's")
    renewal = django_filters.ChoiceFilter(
        choices=list(RENEWAL_WINDOWS.items()), method="renewing", label="Renewal", empty_label="Any renewal"
    )
    last_contact = django_filters.ChoiceFilter(
        choices=list(LAST_CONTACT.items()), method="contacted", label="Last contact", empty_label="Any time"
    )
    tag = django_filters.ChoiceFilter(method="tagged", label="Tag", empty_label="Any tag")
    health_min = django_filters.NumberFilter(
        field_name="health_score", lookup_expr="gte", label="Health from", min_value=0, max_value=100
    )
    health_max = django_filters.NumberFilter(
        method="health_up_to", label="Health to", min_value=0, max_value=100, decimal_places=0
    )
    source = django_filters.CharFilter(method="from_source", label="Lead source", max_length=100)
    industry = django_filters.CharFilter(label="Industry", max_length=100)
    gap = django_filters.ChoiceFilter(
        choices=lambda: [(gap.key, gap.label) for gap in data_gaps().values()],
        method="lacking",
        label="Missing",
        empty_label="Anything or nothing",
    )
    product = django_filters.CharFilter(method="with_product", label="Product", max_length=100)
    advocacy = django_filters.ChoiceFilter(
        choices=[(READY, "Ready to be asked")], method="by_advocacy", label="Advocacy", empty_label="Any"
    )
    archived = django_filters.ChoiceFilter(
        choices=[("true", "Archived")], method="only_archived", label="Archived", empty_label="In use"
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(self, data: QueryDict | None, *, member: Membership, **kwargs: Any) -> None:
        super().__init__(data, queryset=kwargs.pop("queryset", member.organization.accounts.all()), **kwargs)
        self.member = member
        self.filters["owner"].extra["choices"] = self._owner_choices()
        self.filters["region"].extra["choices"] = self._region_choices()
        self.filters["tag"].extra["choices"] = self._tag_choices()
        for field in self._custom_fields():
            self.filters[f"{CUSTOM}{field.key}"] = self._custom_filter(field)

    @property
    def custom_filters(self) -> list[forms.BoundField]:
        """The organisation's own facts among the filters, for the page."""
        return [self.form[name] for name in self.filters if name.startswith(CUSTOM)]

    @property
    def qs(self) -> AccountQuerySet:
        """What the filters leave; nothing where one of them does not validate."""
        if self.is_bound and not self.form.is_valid():
            return self.queryset.none()
        accounts: AccountQuerySet = super().qs
        return accounts if self.form.cleaned_data.get("archived") else accounts.unarchived()

    def lacking(self, accounts: AccountQuerySet, _: str, gap: str) -> AccountQuerySet:
        organization = self.member.organization
        return with_gap(accounts, gap, organization, today=today(organization))

    def search(self, accounts: AccountQuerySet, _: str, text: str) -> AccountQuerySet:
        return accounts.search(text)

    def in_status(self, accounts: AccountQuerySet, _: str, status: str) -> AccountQuerySet:
        return accounts.open() if status == CUSTOMERS else accounts.filter(status=status)

    def from_source(self, accounts: AccountQuerySet, _: str, source: str) -> AccountQuerySet:
        return accounts.from_source(source)

    def with_product(self, accounts: AccountQuerySet, _: str, name: str) -> AccountQuerySet:
        """By a row of product adoption: entitled today to it or to a product that counts under it."""
        organization = self.member.organization
        held = organization.account_products.on(today(organization))
        return accounts.filter(pk__in=held.filter(product__in=products_under(organization, name)).values("account"))

    def by_advocacy(self, accounts: AccountQuerySet, _: str, __: str) -> AccountQuerySet:
        organization = self.member.organization
        ready = ready_standings(organization, organization.accounts.open(), as_of=today(organization))
        return accounts.filter(pk__in=[each.account_id for each in ready])

    def in_band(self, accounts: AccountQuerySet, _: str, band: str) -> AccountQuerySet:
        return accounts.filter(health_score=None) if band == UNKNOWN else accounts.in_band(band)

    def in_bucket(self, accounts: AccountQuerySet, _: str, bucket: str) -> AccountQuerySet:
        return accounts.in_bucket(bucket)

    def owned_by(self, accounts: AccountQuerySet, _: str, owner: str) -> AccountQuerySet:
        if owner == NOBODY:
            return accounts.unowned()
        if owner in AccountScope.values:
            return accounts.for_member_scope(self.member, owner)
        return accounts.filter(owner__uuid=UUID(owner))

    def renewing(self, accounts: AccountQuerySet, _: str, window: str) -> AccountQuerySet:
        day = today(self.member.organization)
        if window == OVERDUE:
            return accounts.renewal_overdue(today=day)
        return accounts.renewing_within(int(window), today=day)

    def contacted(self, accounts: AccountQuerySet, _: str, window: str) -> AccountQuerySet:
        """By engagements that took place; an account without any was never contacted, so not for any time either."""
        held = Engagement.objects.held()
        if window == NEVER:
            return accounts.filter(~Exists(held.filter(account=OuterRef("pk"))))
        organization = self.member.organization
        since = today(organization) - timedelta(days=int(window.removeprefix("none_")))
        recent = Exists(held.on_days(since, None, organization).filter(account=OuterRef("pk")))
        return accounts.filter(~recent if window.startswith("none_") else recent)

    def tagged(self, accounts: AccountQuerySet, _: str, tag: str) -> AccountQuerySet:
        return accounts.tagged(tag)

    def health_up_to(self, accounts: AccountQuerySet, _: str, highest: int) -> AccountQuerySet:
        """Scores are shown as their floor, so up to 59 takes 59.9 along."""
        return accounts.filter(health_score__lt=highest + 1)

    def only_archived(self, accounts: AccountQuerySet, _: str, __: str) -> AccountQuerySet:
        return accounts.archived()

    def _custom_fields(self) -> list[CustomField]:
        kinds = [CustomFieldKind.CHOICE, CustomFieldKind.MULTI_CHOICE, CustomFieldKind.BOOLEAN, CustomFieldKind.TEXT]
        return list(self.member.organization.custom_fields.in_use().filter(kind__in=kinds))

    def _custom_filter(self, field: CustomField) -> django_filters.Filter:
        """One filter for a fact of the organisation's own, by its kind."""

        def holding(accounts: AccountQuerySet, _: str, value: str) -> AccountQuerySet:
            wanted = value == "true" if field.kind == CustomFieldKind.BOOLEAN else value
            return accounts.with_custom(field, wanted)

        name = f"{CUSTOM}{field.key}"
        made: django_filters.Filter
        if field.kind == CustomFieldKind.TEXT:
            made = django_filters.CharFilter(method=holding, label=field.name, max_length=255)
        else:
            is_flag = field.kind == CustomFieldKind.BOOLEAN
            choices = [("true", "Yes"), ("false", "No")] if is_flag else [(each, each) for each in field.choices]
            made = django_filters.ChoiceFilter(method=holding, label=field.name, choices=choices, empty_label="Any")
        made.parent, made.model, made.field_name = self, Account, name
        return made

    def _owner_choices(self) -> Choices:
        members = self.member.organization.memberships.active().select_related("user")
        return [
            (AccountScope.MY_ACCOUNTS, "Mine"),
            (AccountScope.TEAM_ACCOUNTS, "My teams'"),
            (NOBODY, "Nobody's"),
            *((str(each.user.uuid), each.user.display_name) for each in members),
        ]

    def _region_choices(self) -> Choices:
        return [(region, region) for region in regions_in_use(self.member.organization)]

    def _tag_choices(self) -> Choices:
        return [(name, name) for name in self.member.organization.account_tags.values_list("name", flat=True)]
