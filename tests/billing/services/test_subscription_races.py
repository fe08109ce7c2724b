"""Two people who change one subscription at once, and the night that meets them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, connections

from accounts.services.account import create_account
from billing.exceptions import SubscriptionOver
from billing.models import Subscription
from billing.selectors.ledger import ledger_problems
from billing.selectors.subscription_ledger import subscription_problems
from billing.services.nightly import settle_subscribed
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    start_subscription,
)
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from csplatform.tenancy import every_organization, organization_scope
from tests.factories.csplatform import OrganizationFactory
from tests.factories.products import ProductFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite's writers queue by themselves; the suite runs there too"
    ),
]


@pytest.fixture
def subscription() -> Subscription:
    with every_organization(write=True, why="a test arranges"):
        organization = OrganizationFactory()
        account = create_account(organization=organization, by=None, name="Acme")
        began = civil_today(organization) - timedelta(days=40)
        return start_subscription(account=account, by=None, items=[priced(organization, 10000)], starts_on=began)


def priced(organization: Organization, price: int) -> ItemFacts:
    product = organization.products.first() or ProductFactory(organization=organization)
    return ItemFacts(product=product, unit_price=Decimal(price))


def at_once(organization: Organization, *acts: Callable[[], object]) -> list[type[BaseException] | None]:
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> type[BaseException] | None:
        start.wait()
        try:
            with organization_scope(organization, write=True):
                act()
        except Exception as error:  # noqa: BLE001  (the test says which)
            return type(error)
        else:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def whole(subscription: Subscription) -> list[str]:
    with every_organization(write=False, why="a test asserts"):
        organization = subscription.organization
        return [*ledger_problems(organization), *subscription_problems(organization)]


def test_two_changes_at_once_come_one_after_the_other(subscription: Subscription) -> None:
    organization, day = subscription.organization, civil_today(subscription.organization)

    def change(price: int) -> Callable[[], object]:
        return lambda: change_subscription(
            subscription=subscription, by=None, items=[priced(organization, price)], on=day
        )

    assert at_once(organization, change(15000), change(8000), change(20000)) == [None, None, None]

    with every_organization(write=False, why="a test asserts"):
        running = [item.unit_price for item in subscription.items.filter(ends_on=None)]
        moved = sum(row.amount for row in subscription.account.mrr_movements.filter(date=day))
        # The last one holds, and the day is netted: from 10,000 straight to it.
        assert len(running) == 1
        assert moved == running[0] - 10000
    assert whole(subscription) == []


def test_of_two_cancellations_one_happens(subscription: Subscription) -> None:
    def cancel() -> None:
        cancel_subscription(subscription=subscription, by=None)

    outcomes = at_once(subscription.organization, cancel, cancel)

    assert set(outcomes) == {None, SubscriptionOver}
    with every_organization(write=False, why="a test asserts"):
        assert subscription.account.mrr_movements.filter(kind="churn").count() == 1
    assert whole(subscription) == []


def test_the_night_and_a_change_do_not_book_twice(subscription: Subscription) -> None:
    organization = subscription.organization
    day: date = civil_today(organization)

    outcomes = at_once(
        organization,
        lambda: change_subscription(subscription=subscription, by=None, items=[priced(organization, 15000)], on=day),
        lambda: settle_subscribed(organization, [subscription.account_id], today=day),
        lambda: settle_subscribed(organization, [subscription.account_id], today=day),
    )

    assert outcomes == [None, None, None]
    with every_organization(write=False, why="a test asserts"):
        rows = subscription.account.mrr_movements.order_by("pk").values_list("kind", "amount")
        assert list(rows) == [("new", Decimal("10000.00")), ("expansion", Decimal("5000.00"))]
    assert whole(subscription) == []
