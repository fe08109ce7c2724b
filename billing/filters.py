"""Narrowing subscriptions, renewals and movements, for pages, their exports and the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters

from accounts.enums import Band
from accounts.list_filter import ListFilter, choice
from billing.enums import Interval, MovementKind, RenewalStatus, SubscriptionStatus
from billing.models import MrrMovement, Renewal, Subscription
from billing.querysets import RenewalQuerySet, SubscriptionQuerySet
from csplatform import periods

OPEN = "open"
EXISTING = "existing"
"""What existing customers changed: neither new nor returned business."""
EXISTING_KINDS = [MovementKind.EXPANSION, MovementKind.CONTRACTION, MovementKind.CHURN]
YES_NO = [("true", "Yes"), ("false", "No")]


class SubscriptionFilter(ListFilter):
    """Filters combine with AND; days are those on which subscriptions begin."""

    dated = "starts_on"

    status = choice(SubscriptionStatus.choices, label="Status", empty_label="Any status", method="in_state")
    interval = choice(Interval.choices, label="Interval", empty_label="Any interval")
    auto_renew = choice(YES_NO, label="Renews by itself", empty_label="By itself or not", method="by_auto_renew")
    product_id = django_filters.CharFilter(method="with_product", label="Product", max_length=40)

    class Meta:
        model = Subscription
        fields: list[str] = []

    def in_state(self, subscriptions: SubscriptionQuerySet, _: str, state: str) -> SubscriptionQuerySet:
        return subscriptions.in_status(state, periods.today(self.member.organization))

    def by_auto_renew(self, subscriptions: Any, _: str, value: str) -> Any:
        return subscriptions.filter(auto_renew=value == "true")

    def with_product(self, subscriptions: Any, _: str, key: str) -> Any:
        products = self.member.organization.products.filter(uuid=_uuid(key))
        return subscriptions.filter(items__product__in=products).distinct()


class RenewalFilter(ListFilter):
    """Filters combine with AND; days are the last ones of terms."""

    dated = "due_on"

    status = choice(
        [(OPEN, "Open"), *RenewalStatus.choices], label="Status", empty_label="Any status", method="in_state"
    )
    auto_renew = choice(YES_NO, label="Renews by itself", empty_label="By itself or not", method="by_auto_renew")
    band = choice(Band.choices, label="Health", empty_label="Any health", method="in_band")
    subscription_id = django_filters.CharFilter(method="of_subscription", label="Subscription", max_length=40)

    class Meta:
        model = Renewal
        fields: list[str] = []

    def in_state(self, renewals: RenewalQuerySet, _: str, state: str) -> RenewalQuerySet:
        return renewals.open() if state == OPEN else renewals.filter(status=state)

    def by_auto_renew(self, renewals: Any, _: str, value: str) -> Any:
        return renewals.filter(auto_renew=value == "true")

    def in_band(self, renewals: Any, _: str, band: str) -> Any:
        return renewals.filter(account__in=self.member.organization.accounts.in_band(band))

    def of_subscription(self, renewals: Any, _: str, key: str) -> Any:
        return renewals.filter(subscription__uuid=_uuid(key))


class MovementFilter(ListFilter):
    """Filters combine with AND; days are those on which MRR moved."""

    dated = "date"

    kind = choice(
        [(EXISTING, "Expansion, contraction, churn"), *MovementKind.choices],
        label="Kind",
        empty_label="Any kind",
        method="of_kind",
    )

    class Meta:
        model = MrrMovement
        fields: list[str] = []

    def of_kind(self, movements: Any, _: str, kind: str) -> Any:
        kinds = EXISTING_KINDS if kind == EXISTING else [kind]
        return movements.filter(kind__in=kinds)


def _uuid(text: str) -> UUID:
    """What is no id is that of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
