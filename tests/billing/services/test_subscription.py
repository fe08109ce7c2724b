"""Subscriptions and the ledger: what is done to one is booked on its day, and the account pays what they come to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.exceptions import AccountArchived, InvalidAccount
from accounts.models import Account
from accounts.services.account import archive_account, churn_account, create_account, update_account
from accounts.services.merge import merge_accounts
from billing.exceptions import (
    AccountPaysNothing,
    AlreadyPaused,
    InvalidSubscription,
    NotPaused,
    SubscriptionHasBegun,
    SubscriptionOver,
)
from billing.models import Subscription, SubscriptionItem
from billing.selectors.ledger import ledger_problems
from billing.services.nightly import settle_subscribed
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    delete_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
    update_subscription,
)
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import today as civil_today
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
JAN, FEB, MAR, APR, MAY = (date(2026, month, 1) for month in range(1, 6))
TODAY = date(2026, 5, 20)


@pytest.fixture
def account(organization: Organization) -> Account:
    return create_account(organization=organization, by=None, name="Acme")


def facts(account: Account, price: str, **more: Any) -> ItemFacts:
    product = account.organization.products.first() or ProductFactory(organization=account.organization)
    return ItemFacts(product=product, unit_price=Decimal(price), **more)


def start(account: Account, price: str = "10000", on: date = JAN, **more: Any) -> Subscription:
    items = more.pop("items", None) or [facts(account, price)]
    return start_subscription(account=account, by=None, items=items, starts_on=on, today=TODAY, **more)


def by_kind(account: Account) -> dict[tuple[date, str], Decimal]:
    """Sums by day and kind, without those that corrections brought back to nothing."""
    sums: dict[tuple[date, str], Decimal] = {}
    for row in account.mrr_movements.all():
        sums[row.date, row.kind] = sums.get((row.date, row.kind), ZERO) + row.amount
    return {key: amount for key, amount in sums.items() if amount}


def arr(account: Account) -> Decimal | None:
    return Account.objects.get(pk=account.pk).arr


def test_starting_one_is_new_revenue_on_its_first_day(account: Account) -> None:
    start(account, "10000")

    assert by_kind(account) == {(JAN, "new"): Decimal("10000.00")}
    assert arr(account) == Decimal("120000.00")
    assert list(ledger_problems(account.organization)) == []


def test_a_change_is_dated_and_the_old_item_stays_as_it_was(account: Account) -> None:
    subscription = start(account, "10000")
    change_subscription(subscription=subscription, by=None, items=[facts(account, "15000")], on=FEB, today=TODAY)
    change_subscription(subscription=subscription, by=None, items=[facts(account, "12000")], on=APR, today=TODAY)

    assert by_kind(account) == {
        (JAN, "new"): Decimal("10000.00"),
        (FEB, "expansion"): Decimal("5000.00"),
        (APR, "contraction"): Decimal("-3000.00"),
    }
    rows = [(each.unit_price, each.starts_on, each.ends_on) for each in subscription.items.all()]
    assert rows == [
        (Decimal("10000.00"), JAN, date(2026, 1, 31)),
        (Decimal("15000.00"), FEB, date(2026, 3, 31)),
        (Decimal("12000.00"), APR, None),
    ]


def test_an_item_that_stays_the_same_goes_on(account: Account) -> None:
    kept, added = facts(account, "10000"), facts(account, "2000", quantity=Decimal("1.5"))
    subscription = start(account, items=[kept])
    change_subscription(subscription=subscription, by=None, items=[added, kept], on=FEB, today=TODAY)

    rows = [(each.unit_price, each.starts_on) for each in subscription.items.all()]
    assert rows == [(Decimal("10000.00"), JAN), (Decimal("2000.00"), FEB)]
    assert by_kind(account)[FEB, "expansion"] == Decimal("3000.00")  # 1.5 × 2,000


def test_losing_one_of_two_is_a_contraction_and_losing_the_last_is_churn(account: Account) -> None:
    first, second = start(account, "10000"), start(account, "4000", on=FEB)
    cancel_subscription(subscription=second, by=None, on=MAR, today=TODAY)
    cancel_subscription(subscription=first, by=None, on=APR, today=TODAY)

    assert by_kind(account) == {
        (JAN, "new"): Decimal("10000.00"),
        (FEB, "expansion"): Decimal("4000.00"),
        (MAR, "contraction"): Decimal("-4000.00"),
        (APR, "churn"): Decimal("-10000.00"),
    }
    assert arr(account) == ZERO


def test_coming_back_is_a_reactivation(account: Account) -> None:
    cancel_subscription(subscription=start(account, "10000"), by=None, on=FEB, today=TODAY)
    start(account, "6000", on=APR)

    assert by_kind(account)[APR, "reactivation"] == Decimal("6000.00")
    assert arr(account) == Decimal("72000.00")


def test_a_pause_costs_nothing_and_ends_in_a_reactivation(account: Account) -> None:
    subscription = start(account, "10000")
    pause_subscription(subscription=subscription, by=None, on=FEB, today=TODAY)
    resume_subscription(subscription=subscription, by=None, on=APR, today=TODAY)

    assert by_kind(account) == {
        (JAN, "new"): Decimal("10000.00"),
        (FEB, "churn"): Decimal("-10000.00"),
        (APR, "reactivation"): Decimal("10000.00"),
    }


def test_a_pause_of_one_of_two_is_a_contraction(account: Account) -> None:
    start(account, "10000")
    pause_subscription(subscription=start(account, "4000"), by=None, on=FEB, today=TODAY)

    assert by_kind(account) == {(JAN, "new"): Decimal("14000.00"), (FEB, "contraction"): Decimal("-4000.00")}


def test_changes_of_one_day_are_netted(account: Account) -> None:
    """Up from 10,000 to 25,000, then down to 8,000 on the same day: a contraction of 2,000."""
    subscription = start(account, "10000")
    change_subscription(subscription=subscription, by=None, items=[facts(account, "25000")], on=FEB, today=TODAY)
    change_subscription(subscription=subscription, by=None, items=[facts(account, "8000")], on=FEB, today=TODAY)

    assert by_kind(account) == {(JAN, "new"): Decimal("10000.00"), (FEB, "contraction"): Decimal("-2000.00")}


def test_a_change_dated_before_the_last_movement_is_booked_with_it(account: Account) -> None:
    """March is closed: that it was 12,000 from February on is seen on the day of the latest movement."""
    start(account, "10000")
    start(account, "4000", on=MAR)
    first = account.subscriptions.get(starts_on=JAN)
    change_subscription(subscription=first, by=None, items=[facts(account, "12000")], on=FEB, today=TODAY)

    assert by_kind(account) == {(JAN, "new"): Decimal("10000.00"), (MAR, "expansion"): Decimal("6000.00")}
    assert arr(account) == Decimal("192000.00")


def test_a_week_s_price_and_a_foreign_one(account: Account) -> None:
    # 1,000 a week: 1,000 × 52 ÷ 12 = 4,333.33. 1,200 USD a year at 83.5: 1,00,200 ÷ 12 = 8,350.00.
    start(account, "1000", interval="week")
    start(account, "1200", interval="year", currency="USD", exchange_rate=Decimal("83.5"), on=FEB)

    assert by_kind(account) == {(JAN, "new"): Decimal("4333.33"), (FEB, "expansion"): Decimal("8350.00")}
    assert arr(account) == (Decimal("4333.33") + Decimal("8350.00")) * 12


def test_what_lies_ahead_is_booked_when_its_day_comes(account: Account) -> None:
    subscription = start(account, "10000", on=date(2026, 6, 1))
    change_subscription(
        subscription=subscription, by=None, items=[facts(account, "15000")], on=date(2026, 7, 1), today=TODAY
    )
    cancel_subscription(subscription=start(account, "1000"), by=None, on=date(2026, 6, 15), today=TODAY)
    assert by_kind(account) == {(JAN, "new"): Decimal("1000.00")}

    late = date(2026, 7, 3)  # nobody was awake on the days themselves
    assert settle_subscribed(account.organization, [account.pk], today=late) == 3
    assert settle_subscribed(account.organization, [account.pk], today=late) == 0

    assert by_kind(account) == {
        (JAN, "new"): Decimal("1000.00"),
        (date(2026, 6, 1), "expansion"): Decimal("10000.00"),
        (date(2026, 6, 15), "contraction"): Decimal("-1000.00"),
        (date(2026, 7, 1), "expansion"): Decimal("5000.00"),
    }
    assert arr(account) == Decimal("180000.00")


def test_a_subscription_takes_over_from_an_imported_figure_without_new_revenue(organization: Organization) -> None:
    account = create_account(organization=organization, by=None, name="Acme", arr=Decimal(60000))
    today = civil_today(organization)
    later = today + timedelta(days=10)
    start_subscription(account=account, by=None, items=[facts(account, "8000")], starts_on=later)
    assert update_account(account=account, by=None, arr=Decimal(72000)).arr == Decimal(72000)  # not begun yet

    settle_subscribed(organization, [account.pk], today=later)

    # 72,000 a year is 6,000 a month; on the first day of the subscription it is 8,000.
    assert by_kind(account) == {(today, "new"): Decimal("6000.00"), (later, "expansion"): Decimal("2000.00")}


def test_arr_is_what_the_subscriptions_say(account: Account) -> None:
    subscription = start_subscription(
        account=account, by=None, items=[facts(account, "10000")], starts_on=civil_today(account.organization)
    )
    with pytest.raises(InvalidAccount, match="subscriptions"):
        update_account(account=account, by=None, arr=Decimal(130000))
    pause_subscription(subscription=subscription, by=None)
    with pytest.raises(InvalidAccount, match="subscriptions"):  # paused, it still says what the account pays: nothing
        update_account(account=account, by=None, arr=Decimal(130000))

    cancel_subscription(subscription=subscription, by=None)

    assert update_account(account=account, by=None, arr=Decimal(130000)).arr == Decimal(130000)


def test_who_leaves_has_no_subscription_any_more(account: Account) -> None:
    start(account, "10000")
    ahead = start(account, "500", on=date(2099, 1, 1))
    churn_account(account=account, by=None, on=MAR, reason="Budget cut")

    assert by_kind(account) == {(JAN, "new"): Decimal("10000.00"), (MAR, "churn"): Decimal("-10000.00")}
    ended = account.subscriptions.get(starts_on=JAN)
    assert (ended.cancelled_on, ended.cancel_reason) == (MAR, "Budget cut")
    ahead.refresh_from_db()
    assert ahead.cancelled_on == MAR
    with pytest.raises(AccountPaysNothing):
        start(account, on=APR)


def test_a_status_of_churned_ends_them_today(account: Account) -> None:
    today = civil_today(account.organization)
    start_subscription(account=account, by=None, items=[facts(account, "10000")], starts_on=today - timedelta(days=9))
    update_account(account=account, by=None, status="churned", arr=Decimal(120000))

    assert account.subscriptions.get().cancelled_on == today
    assert by_kind(account)[today, "churn"] == Decimal("-10000.00")


def test_merging_brings_subscriptions_along(organization: Organization, account: Account) -> None:
    other = create_account(organization=organization, by=None, name="Acme Ltd", arr=Decimal(60000))
    today = civil_today(organization)
    start_subscription(account=account, by=None, items=[facts(account, "10000")], starts_on=today)

    survivor = merge_accounts(into=other, others=[account], by=None)

    assert survivor.arr == Decimal("120000.00")
    assert survivor.subscriptions.count() == 1
    assert list(ledger_problems(organization)) == []


def test_the_timeline_tells_what_happened(account: Account) -> None:
    subscription = start(account, "10000")
    change_subscription(subscription=subscription, by=None, items=[facts(account, "15000")], on=FEB, today=TODAY)
    cancel_subscription(subscription=subscription, by=None, on=APR, reason="Too dear", today=TODAY)

    lines = account.activities.filter(subject_kind="subscription").order_by("pk").values_list("kind", "title", "text")
    assert list(lines) == [
        ("expansion", "Subscribed from 1 Jan 2026: ₹10,000 a month", ""),
        ("expansion", "Subscription changed from 1 Feb 2026: ₹10,000 → ₹15,000 a month", ""),
        ("churn", "Subscription cancelled, without service from 1 Apr 2026: -₹15,000 a month", "Too dear"),
    ]


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"currency": "USD"}, "exchange_rate"),
        ({"exchange_rate": Decimal(80)}, "exchange_rate"),
        ({"currency": "usd", "exchange_rate": Decimal(80)}, "currency"),
        ({"currency": "USD", "exchange_rate": Decimal(0)}, "exchange_rate"),
        ({"currency": "USD", "exchange_rate": Decimal("0.0000001")}, "exchange_rate"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"notice_days": 731}, "notice_days"),
        ({"interval": "fortnight"}, "interval"),
        ({"on": date(1066, 10, 14)}, "starts_on"),
    ],
)
def test_what_cannot_be_is_refused(account: Account, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        start(account, **more)

    assert list(refusal.value.errors or {}) == [field]
    assert not account.subscriptions.exists()
    assert by_kind(account) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"discount": Decimal(1), "discount_pct": Decimal(1)},
        {"discount": Decimal("10000.01")},
        {"quantity": Decimal("9999999999")},
    ],
)
def test_items_that_cannot_be_are_refused(account: Account, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidSubscription) as refusal:
        start(account, items=[facts(account, "10000", **more)])

    assert list(refusal.value.errors or {}) == ["items"]
    assert not account.subscriptions.exists()


def test_more_than_an_account_can_pay_is_refused(account: Account) -> None:
    with pytest.raises(InvalidSubscription, match="too much"):
        start(account, "1000000000")  # 12,00,00,00,000 a year; ARR has ten digits

    assert not account.subscriptions.exists()


def test_days_outside_its_life_are_refused(account: Account) -> None:
    subscription = start(account, on=FEB, ends_on=date(2026, 12, 31))
    with pytest.raises(InvalidSubscription, match="begins on 1 Feb 2026"):
        change_subscription(subscription=subscription, by=None, items=[facts(account, "1")], on=JAN, today=TODAY)
    with pytest.raises(InvalidSubscription, match="ends before that, on 31 Dec 2026"):
        change_subscription(
            subscription=subscription, by=None, items=[facts(account, "1")], on=date(2027, 1, 1), today=TODAY
        )
    with pytest.raises(InvalidSubscription, match="start, 1 Feb 2026"):
        cancel_subscription(subscription=subscription, by=None, on=JAN, today=TODAY)
    with pytest.raises(InvalidSubscription, match="Its term ends before that"):
        cancel_subscription(subscription=subscription, by=None, on=date(2027, 1, 2), today=TODAY)
    with pytest.raises(InvalidSubscription):
        pause_subscription(subscription=subscription, by=None, on=JAN, today=TODAY)
    with pytest.raises(NotPaused):
        resume_subscription(subscription=subscription, by=None, today=TODAY)

    assert by_kind(account) == {(FEB, "new"): Decimal("10000.00")}


def test_nothing_is_done_twice(account: Account) -> None:
    subscription = start(account)
    pause_subscription(subscription=subscription, by=None, on=FEB, today=TODAY)
    with pytest.raises(AlreadyPaused):
        pause_subscription(subscription=subscription, by=None, on=MAR, today=TODAY)
    cancel_subscription(subscription=subscription, by=None, on=APR, today=TODAY)
    with pytest.raises(SubscriptionOver):
        cancel_subscription(subscription=subscription, by=None, on=MAY, today=TODAY)
    with pytest.raises(SubscriptionOver):
        resume_subscription(subscription=subscription, by=None, today=TODAY)

    assert by_kind(account) == {(JAN, "new"): Decimal("10000.00"), (FEB, "churn"): Decimal("-10000.00")}


def test_what_began_keeps_its_terms_and_is_not_deleted(account: Account) -> None:
    subscription = start(account)
    with pytest.raises(SubscriptionHasBegun):
        update_subscription(subscription=subscription, by=None, interval="year", today=TODAY)
    with pytest.raises(SubscriptionHasBegun):
        delete_subscription(subscription=subscription, by=None, today=TODAY)

    ahead = start(account, "500", on=date(2026, 6, 1))
    moved = update_subscription(subscription=ahead, by=None, interval="year", starts_on=date(2026, 7, 1), today=TODAY)
    assert moved.items.get().starts_on == date(2026, 7, 1)
    delete_subscription(subscription=moved, by=None, today=TODAY)
    assert account.subscriptions.get().pk == subscription.pk


def test_an_archived_account_subscribes_to_nothing(account: Account) -> None:
    archive_account(account=account, by=None)

    with pytest.raises(AccountArchived):
        start(account)


def test_the_database_keeps_what_no_caller_may_skip(account: Account) -> None:
    subscription = start(account)
    for wrong in ({"quantity": 0}, {"discount": -1}, {"discount_pct": 101}, {"ends_on": date(2025, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SubscriptionItem.objects.filter(subscription=subscription).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=subscription.pk).update(exchange_rate=2)


def test_history_keeps_every_state(account: Account) -> None:
    subscription = start(account)
    cancel_subscription(subscription=subscription, by=None, on=APR, today=TODAY)

    states = subscription.history.order_by("history_id").values_list("history_type", "cancelled_on")
    assert list(states) == [("+", None), ("~", APR)]
    assert isinstance(subscription.created_at, datetime)
