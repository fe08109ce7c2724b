"""Movements of the MRR ledger, subscriptions, renewals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory

from billing.enums import MovementKind
from billing.models import MrrMovement, Renewal, Subscription, SubscriptionItem
from tests.factories.accounts import AccountFactory
from tests.factories.products import ProductFactory


class MrrMovementFactory(factory.django.DjangoModelFactory[MrrMovement]):
    """A raw row, for reading; `post_arr_changes` keeps the ledger whole."""

    class Meta:
        model = MrrMovement

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    date = date(2026, 11, 1)
    kind = MovementKind.NEW
    amount = Decimal("1000.00")
    arr_amount = factory.LazyAttribute(lambda movement: movement.amount * 12)


class SubscriptionFactory(factory.django.DjangoModelFactory[Subscription]):
    """A bare row without items, not in the ledger; `start_subscription` makes a whole one."""

    class Meta:
        model = Subscription

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    starts_on = date(2026, 1, 1)
    term_starts_on = factory.SelfAttribute("starts_on")


class SubscriptionItemFactory(factory.django.DjangoModelFactory[SubscriptionItem]):
    class Meta:
        model = SubscriptionItem

    subscription = factory.SubFactory(SubscriptionFactory)
    organization = factory.SelfAttribute("subscription.organization")
    product = factory.SubFactory(ProductFactory, organization=factory.SelfAttribute("..organization"))
    unit_price = Decimal("1000.00")
    starts_on = factory.SelfAttribute("subscription.starts_on")


class RenewalFactory(factory.django.DjangoModelFactory[Renewal]):
    class Meta:
        model = Renewal

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    due_on = date(2026, 12, 31)
    target_mrr = Decimal("1000.00")
