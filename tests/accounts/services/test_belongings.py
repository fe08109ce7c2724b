"""What hangs on merged accounts goes on with the surviving one."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.services.merge import merge_accounts
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.goals import GoalFactory
from tests.factories.products import ProductFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db


def test_tickets_goals_and_advocacy_move_with_their_history(amir: Membership) -> None:
    organization = amir.organization
    into, other = AccountFactory.create_batch(2, organization=organization)
    rows = [each(account=other) for each in (TicketFactory, GoalFactory, ReferralFactory, QuoteFactory)]
    stays = TicketFactory(account=AccountFactory(organization=organization))

    merge_accounts(into=into, others=[other], by=amir.user)

    for row in rows:
        row.refresh_from_db()
        assert (row.account, row.history.first().account_id, row.history.count()) == (into, into.pk, 2)
        assert row.history.first().history_user == amir.user
    stays.refresh_from_db()
    assert stays.account_id not in {into.pk, other.pk}


def test_overlapping_entitlements_become_one_and_seats_add_up(amir: Membership) -> None:
    """January to June with 10 seats, and March on with 5: one from January on with 15. 2024 stays its own term."""
    organization = amir.organization
    into, other = AccountFactory.create_batch(2, organization=organization)
    product, second = (ProductFactory(organization=organization, name=name) for name in ("Analytics", "Backups"))
    facts = {"organization": organization, "product": product}
    into.entitlements.create(**facts, seats=10, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))
    other.entitlements.create(**facts, seats=5, starts_on=date(2026, 3, 1))
    other.entitlements.create(**facts, seats=2, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
    other.entitlements.create(organization=organization, product=second, starts_on=date(2026, 2, 1))

    merge_accounts(into=into, others=[other], by=amir.user)

    held = list(into.entitlements.order_by("product", "starts_on").values_list("starts_on", "ends_on", "seats"))
    assert held == [
        (date(2024, 1, 1), date(2024, 12, 31), 2),
        (date(2026, 1, 1), None, 15),
        (date(2026, 2, 1), None, None),
    ]
    assert not other.entitlements.exists()
    told = organization.activities.get(kind="product")
    assert told.title == "Joined 1 product that more than one of the merged accounts had"


def test_two_terms_of_one_product_that_both_go_on_collide_with_nothing(amir: Membership) -> None:
    organization = amir.organization
    accounts = AccountFactory.create_batch(3, organization=organization)
    product = ProductFactory(organization=organization)
    for account in accounts:
        account.entitlements.create(organization=organization, product=product, seats=1, starts_on=date(2026, 1, 1))

    merge_accounts(into=accounts[2], others=accounts[:2], by=amir.user)

    assert list(accounts[2].entitlements.values_list("seats", "ends_on")) == [(3, None)]


def test_days_of_usage_that_both_had_are_added_up(amir: Membership) -> None:
    organization = amir.organization
    into, other = AccountFactory.create_batch(2, organization=organization)
    product = ProductFactory(organization=organization)
    facts = {"organization": organization, "product": product}
    into.product_usage.create(**facts, used_on=date(2026, 11, 1), active_users=4, usage={"vms": 10})
    other.product_usage.create(**facts, used_on=date(2026, 11, 1), usage={"vms": 5, "storage_gb": 7}, plan={"vms": 8})
    other.product_usage.create(**facts, used_on=date(2026, 11, 2), active_users=1)

    merge_accounts(into=into, others=[other], by=amir.user)

    rows = list(into.product_usage.order_by("used_on").values_list("used_on", "active_users", "usage", "plan"))
    assert rows == [
        (date(2026, 11, 1), 4, {"vms": 15, "storage_gb": 7}, {"vms": 8}),
        (date(2026, 11, 2), 1, {}, {}),
    ]
