"""Terms and what comes of them: a row each, decided by people or by time, never edited into the next one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from accounts.services.account import churn_account, create_account, update_account
from accounts.services.merge import merge_accounts
from billing.enums import RenewalStatus
from billing.exceptions import InvalidSubscription, NothingToRenew, RenewalDecided
from billing.models import Renewal, Subscription
from billing.services.nightly import settle_subscribed, take_forecasts
from billing.services.renewal import renew_subscription, settle_contract_renewals, update_renewal
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    start_subscription,
    update_subscription,
)
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import today as civil_today
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
JAN, DEC = date(2026, 1, 1), date(2026, 12, 31)
NEXT_JAN, NEXT_DEC = date(2027, 1, 1), date(2027, 12, 31)
TODAY = date(2026, 11, 20)


@pytest.fixture
def account(organization: Organization) -> Account:
    return create_account(organization=organization, by=None, name="Acme")


def start(account: Account, price: str = "10000", **more: Any) -> Subscription:
    product = account.organization.products.first() or ProductFactory(organization=account.organization)
    given = {"starts_on": JAN, "ends_on": DEC, "today": TODAY} | more
    return start_subscription(
        account=account, by=None, items=[ItemFacts(product=product, unit_price=Decimal(price))], **given
    )


def terms(subscription: Subscription) -> list[tuple[date, str, Decimal | None]]:
    rows = subscription.renewals.order_by("due_on")
    return [(row.due_on, row.status, row.renewed_mrr) for row in rows]


def movements(account: Account) -> dict[tuple[date, str], Decimal]:
    sums: dict[tuple[date, str], Decimal] = {}
    for row in account.mrr_movements.all():
        sums[row.date, row.kind] = sums.get((row.date, row.kind), ZERO) + row.amount
    return {key: amount for key, amount in sums.items() if amount}


def test_a_term_has_a_renewal_from_its_first_day(account: Account) -> None:
    renewal = start(account).renewals.get()

    assert (renewal.starts_on, renewal.due_on) == (JAN, DEC)
    assert (renewal.target_mrr, renewal.status) == (Decimal("10000.00"), "not_started")
    assert renewal.notice_by == date(2026, 12, 1)  # 30 days before 31 December


def test_without_an_end_there_is_nothing_to_renew(account: Account) -> None:
    subscription = start(account, ends_on=None)

    assert not subscription.renewals.exists()
    with pytest.raises(NothingToRenew):
        renew_subscription(subscription=subscription, by=None, today=TODAY)


def test_renewing_at_the_same_price_moves_nothing_and_opens_the_next_term(account: Account) -> None:
    subscription = start(account)
    renew_subscription(subscription=subscription, by=None, today=TODAY)

    assert terms(subscription) == [(DEC, "renewed", Decimal("10000.00")), (NEXT_DEC, "not_started", None)]
    settle_subscribed(account.organization, [account.pk], today=NEXT_JAN)
    assert movements(account) == {(JAN, "new"): Decimal("10000.00")}


def test_a_renewal_at_another_price_moves_when_the_new_term_begins(account: Account) -> None:
    subscription = start(account)
    renew_subscription(subscription=subscription, by=None, today=TODAY)
    product = account.organization.products.get(pk=subscription.items.get().product_id)
    items = [ItemFacts(product=product, unit_price=Decimal(12000))]
    change_subscription(subscription=subscription, by=None, items=items, on=NEXT_JAN, today=TODAY)

    settle_subscribed(account.organization, [account.pk], today=NEXT_JAN)

    assert movements(account) == {(JAN, "new"): Decimal("10000.00"), (NEXT_JAN, "expansion"): Decimal("2000.00")}
    assert subscription.renewals.open().get().target_mrr == Decimal("12000.00")


def test_a_term_that_nobody_renews_ends_in_churn_the_day_after(account: Account) -> None:
    subscription = start(account)
    settle_subscribed(account.organization, [account.pk], today=DEC)
    assert movements(account) == {(JAN, "new"): Decimal("10000.00")}  # its last day is one with service

    settle_subscribed(account.organization, [account.pk], today=date(2027, 1, 5))
    settle_subscribed(account.organization, [account.pk], today=date(2027, 1, 6))

    assert movements(account)[NEXT_JAN, "churn"] == Decimal("-10000.00")
    row = subscription.renewals.get()
    assert (row.status, row.decided_on, row.outcome_reason) == (
        "closed",
        NEXT_JAN,
        "The term ended without a renewal",
    )


def test_a_late_renewal_takes_the_churn_back(account: Account) -> None:
    """Signed on 5 January, service never stopped: the churn of the 1st is netted to nothing on its own day."""
    subscription = start(account)
    settle_subscribed(account.organization, [account.pk], today=date(2027, 1, 5))
    renew_subscription(subscription=subscription, by=None, today=date(2027, 1, 5))

    assert movements(account) == {(JAN, "new"): Decimal("10000.00")}
    assert terms(subscription)[0] == (DEC, "renewed", Decimal("10000.00"))


def test_one_that_renews_by_itself_does_so_once_notice_is_too_late(account: Account) -> None:
    subscription = start(account, auto_renew=True)  # notice by 1 December
    settle_subscribed(account.organization, [account.pk], today=date(2026, 12, 1))
    assert terms(subscription) == [(DEC, "not_started", None)]

    settle_subscribed(account.organization, [account.pk], today=date(2026, 12, 2))
    settle_subscribed(account.organization, [account.pk], today=date(2026, 12, 3))

    assert terms(subscription) == [(DEC, "renewed", Decimal("10000.00")), (NEXT_DEC, "not_started", None)]
    assert movements(account) == {(JAN, "new"): Decimal("10000.00")}


def test_a_prepared_loss_does_not_renew_by_itself(account: Account) -> None:
    subscription = start(account, auto_renew=True)
    update_renewal(renewal=subscription.renewals.get(), by=None, status="prepared_lost", today=TODAY)

    settle_subscribed(account.organization, [account.pk], today=NEXT_JAN)

    assert terms(subscription) == [(DEC, "closed", None)]
    assert movements(account)[NEXT_JAN, "churn"] == Decimal("-10000.00")


def test_terms_long_past_are_rolled_on_at_once(account: Account) -> None:
    """Written down late: monthly terms since January, renewing by themselves without notice, today is 20 November."""
    subscription = start(account, ends_on=date(2026, 1, 31), auto_renew=True, notice_days=0)

    subscription = Subscription.objects.get(pk=subscription.pk)
    assert (subscription.term_starts_on, subscription.ends_on) == (date(2026, 11, 1), date(2026, 11, 30))
    assert subscription.renewals.decided().count() == 10
    assert movements(account) == {(JAN, "new"): Decimal("10000.00")}


def test_cancelling_closes_the_term(account: Account) -> None:
    subscription = start(account)
    cancel_subscription(subscription=subscription, by=None, on=date(2026, 12, 1), reason="Too dear", today=TODAY)

    row = subscription.renewals.get()
    assert (row.status, row.outcome_reason, row.outcome) == ("closed", "Too dear", "lost")
    with pytest.raises(NothingToRenew):
        update_renewal(renewal=row, by=None, status="renewed", today=TODAY)


def test_people_say_how_it_stands(account: Account) -> None:
    subscription = start(account)
    row = update_renewal(
        renewal=subscription.renewals.get(), by=None, status="in_process", probability=Decimal(70), today=TODAY
    )
    assert (row.status, row.probability) == ("in_process", Decimal(70))

    update_renewal(renewal=row, by=None, status="closed", outcome_reason="Budget", today=TODAY)
    assert terms(subscription) == [(DEC, "closed", None)]
    update_renewal(renewal=row, by=None, status="in_process", today=TODAY)
    assert terms(subscription) == [(DEC, "in_process", None)]

    update_renewal(renewal=row, by=None, status="renewed", today=TODAY)
    assert terms(subscription) == [(DEC, "renewed", Decimal("10000.00")), (NEXT_DEC, "not_started", None)]
    with pytest.raises(RenewalDecided):
        update_renewal(renewal=row, by=None, status="closed", today=TODAY)


def test_closing_stops_a_subscription_from_renewing_by_itself(account: Account) -> None:
    subscription = start(account, auto_renew=True)
    update_renewal(renewal=subscription.renewals.get(), by=None, status="closed", today=TODAY)

    settle_subscribed(account.organization, [account.pk], today=NEXT_JAN)

    assert terms(subscription) == [(DEC, "closed", None)]
    assert movements(account)[NEXT_JAN, "churn"] == Decimal("-10000.00")


def test_correcting_the_end_of_a_term_corrects_its_row(account: Account) -> None:
    subscription = start(account)
    update_subscription(subscription=subscription, by=None, ends_on=date(2027, 3, 31), auto_renew=True, today=TODAY)

    row = subscription.renewals.get()
    assert (row.due_on, row.auto_renew) == (date(2027, 3, 31), True)
    update_subscription(subscription=subscription, by=None, ends_on=None, today=TODAY)
    assert not subscription.renewals.exists()
    with pytest.raises(InvalidSubscription):
        update_subscription(subscription=subscription, by=None, ends_on=date(2025, 1, 1), today=TODAY)


def test_shortening_a_term_into_the_past_is_churn_then(account: Account) -> None:
    subscription = start(account)
    update_subscription(subscription=subscription, by=None, ends_on=date(2026, 9, 30), today=TODAY)

    assert movements(account)[date(2026, 10, 1), "churn"] == Decimal("-10000.00")
    assert terms(subscription) == [(date(2026, 9, 30), "closed", None)]


# -- contracts of accounts without subscriptions ----------------------------------------------------


@pytest.fixture
def today(organization: Organization) -> date:
    return civil_today(organization)


def contract(organization: Organization, today: date, *, days: int = 41, name: str = "Beta") -> Account:
    return create_account(
        organization=organization,
        by=None,
        name=name,
        arr=Decimal(120000),
        contract_start=today + timedelta(days=days - 364),
        contract_end=today + timedelta(days=days),
    )


def test_a_contract_has_a_renewal_as_soon_as_its_end_is_known(organization: Organization, today: date) -> None:
    account = contract(organization, today)

    row = account.renewals.get()
    assert (row.due_on, row.target_mrr, row.subscription) == (account.contract_end, Decimal("10000.00"), None)


def test_a_new_term_of_a_contract_gets_a_row_of_its_own(organization: Organization, today: date) -> None:
    account = contract(organization, today)
    first_end = account.contract_end
    update_account(account=account, by=None, contract_end=today + timedelta(days=406))

    rows = [(row.due_on, row.status, row.renewed_mrr) for row in account.renewals.all()]
    assert rows == [
        (first_end, "renewed", Decimal("10000.00")),
        (today + timedelta(days=406), "not_started", None),
    ]


@pytest.mark.parametrize(("days", "to"), [(41, 50), (41, 20), (200, 400)])
def test_a_corrected_end_corrects_the_open_row(organization: Organization, today: date, days: int, to: int) -> None:
    """A few days on, back, or long before anyone would talk about it."""
    account = contract(organization, today, days=days)
    update_account(account=account, by=None, contract_end=today + timedelta(days=to))

    assert [(row.due_on, row.status) for row in account.renewals.all()] == [
        (today + timedelta(days=to), "not_started")
    ]


def test_renewing_a_contract_moves_its_dates_on(organization: Organization, today: date) -> None:
    account = contract(organization, today)
    update_renewal(renewal=account.renewals.get(), by=None, status="renewed")

    account.refresh_from_db()
    # The term had 365 days; the next one is as long, in whole years where it was one.
    assert account.contract_start == today + timedelta(days=42)
    assert [row.status for row in account.renewals.all()] == ["renewed", "not_started"]
    assert account.renewals.open().get().due_on == account.contract_end


def test_who_left_did_not_renew_and_a_subscription_takes_over(organization: Organization, today: date) -> None:
    left, subscribed = contract(organization, today), contract(organization, today, name="Gamma")
    churn_account(account=left, by=None, reason="Acquired")
    start(subscribed, starts_on=today, ends_on=None, today=today)

    row = left.renewals.get()
    assert (row.status, row.decided_on, row.outcome_reason) == ("closed", today, "Acquired")
    assert not subscribed.renewals.exists()


def test_settling_contracts_again_changes_nothing(
    organization: Organization, today: date, django_assert_num_queries: Any
) -> None:
    accounts = [contract(organization, today, name=f"Account {n}") for n in range(5)]
    keys = [account.pk for account in accounts]

    with django_assert_num_queries(5):  # accounts, subscriptions, renewals, and the savepoint
        assert settle_contract_renewals(organization=organization, account_ids=keys, today=today) == 0


def test_merged_accounts_keep_one_open_contract(organization: Organization, today: date) -> None:
    first, second = contract(organization, today), contract(organization, today, days=60, name="Beta Ltd")
    start(second, starts_on=today, ends_on=today + timedelta(days=99), today=today)

    survivor = merge_accounts(into=first, others=[second], by=None)

    assert survivor.subscriptions.count() == 1
    assert [row.due_on for row in survivor.renewals.of_contracts()] == [first.contract_end]
    assert survivor.renewals.exclude(subscription=None).count() == 1


def test_a_forecast_is_noted_once_in_time(organization: Organization, today: date) -> None:
    near, due = contract(organization, today), contract(organization, today, days=75, name="Gamma")
    Account.objects.filter(pk=due.pk).update(health_score=Decimal(50))

    assert take_forecasts(organization, today=today) == 1
    assert take_forecasts(organization, today=today) == 0

    row = due.renewals.get()
    assert (row.band, row.forecast_pct) == ("At Risk", Decimal("60.00"))  # nothing but the prior is known
    assert near.renewals.get().forecast_pct is None
    assert RenewalStatus(row.status) == RenewalStatus.NOT_STARTED
    assert Renewal.history.filter(id=row.pk).count() == 2
