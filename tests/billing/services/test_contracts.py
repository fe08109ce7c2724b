"""An account's contract runs as long as its subscriptions say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.exceptions import InvalidAccount
from accounts.models import Account
from accounts.services.account import update_account
from billing.models import Subscription
from billing.services.nightly import settle_subscribed
from billing.services.renewal import renew_subscription
from billing.services.subscribed_accounts import settle_contracts
from billing.services.subscription import ItemFacts, cancel_subscription, start_subscription
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.documents import D
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-20T06:00Z", tick=False):
        yield


def subscribe(account: Account, starts_on: date, ends_on: date | None, **facts: Any) -> Subscription:
    product = account.organization.products.first() or ProductFactory(organization=account.organization)
    items = [ItemFacts(product=product, unit_price=D(1000))]
    return start_subscription(account=account, items=items, starts_on=starts_on, ends_on=ends_on, by=None, **facts)


def contract_of(account: Account) -> tuple[date | None, date | None]:
    account.refresh_from_db()
    return account.contract_start, account.contract_end


def test_it_begins_moves_on_and_ends_with_the_subscription(organization: Organization) -> None:
    account = AccountFactory(organization=organization, contract_end=date(2030, 1, 1))
    subscription = subscribe(account, date(2026, 1, 1), date(2026, 12, 31))
    assert contract_of(account) == (date(2026, 1, 1), date(2026, 12, 31))

    renew_subscription(subscription=subscription, by=None)
    assert contract_of(account) == (date(2027, 1, 1), date(2027, 12, 31))

    cancel_subscription(subscription=subscription, by=None, on=date(2027, 3, 1))
    # The term begins on 1 January, and 1 March is the first day without service.
    assert contract_of(account) == (date(2027, 1, 1), date(2027, 2, 28))
    assert account.history.first().history_change_reason == "Subscription cancelled"


def test_a_term_that_renews_by_itself_moves_the_contract_at_night(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    subscribe(account, date(2026, 1, 1), date(2026, 12, 31), auto_renew=True, notice_days=30)

    settle_subscribed(organization, [account.pk], today=date(2027, 1, 1))

    assert contract_of(account) == (date(2027, 1, 1), date(2027, 12, 31))


def test_of_several_terms_the_first_to_end_counts_and_without_an_end_none(organization: Organization) -> None:
    account = AccountFactory(organization=organization, contract_end=date(2026, 12, 24))
    subscribe(account, date(2026, 1, 1), None)
    assert contract_of(account)[1] == date(2026, 12, 24)

    subscribe(account, date(2026, 6, 1), date(2027, 5, 31))
    subscribe(account, date(2026, 9, 1), date(2027, 2, 28))

    assert contract_of(account) == (date(2026, 9, 1), date(2027, 2, 28))


def test_another_day_is_refused_where_subscriptions_say_it(
    api_for: Callable[..., APIClient], mona: Membership
) -> None:
    account = AccountFactory(organization=mona.organization)
    subscribe(account, date(2026, 1, 1), date(2026, 12, 31))
    account.refresh_from_db()
    told = "The account's subscriptions say when its contract runs: 1 Jan 2026 to 31 Dec 2026. Change those."

    with pytest.raises(InvalidAccount, match="Change those") as refused:
        update_account(account=account, by=None, contract_end=date(2027, 1, 31))

    assert refused.value.errors == {"contract_end": [told]}
    assert contract_of(account) == (date(2026, 1, 1), date(2026, 12, 31))
    update_account(account=account, by=None, contract_end=date(2026, 12, 31), region="Pune")
    response = api_for(mona).put(f"/api/accounts/{account.uuid}", {"contract_end": "2027-01-31"})
    assert response.status_code == 400, response.content
    assert response.json()["errors"] == {"contract_end": [told]}


@pytest.mark.parametrize("accounts", [1, 3])
def test_it_costs_the_same_for_any_number_and_nothing_twice(
    organization: Organization, accounts: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    made = AccountFactory.create_batch(accounts, organization=organization)
    for account in made:
        subscribe(account, date(2026, 1, 1), date(2026, 12, 31))
    keys = [account.pk for account in made]
    Account.objects.update(contract_end=date(2026, 12, 30))

    assert settle_contracts(organization=organization, account_ids=keys, today=TODAY, cause="x") == accounts
    with django_assert_num_queries(4):  # savepoint, subscriptions, accounts, its release
        assert settle_contracts(organization=organization, account_ids=keys, today=TODAY, cause="x") == 0
