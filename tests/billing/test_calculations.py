"""Recurring revenue as arithmetic: every figure here is worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.calculations import (
    Item,
    Pause,
    Terms,
    annualised,
    arr_of,
    brier_score,
    cohort_of,
    line_net,
    mrr_changes,
    next_term,
    renewal_probability,
    subscription_mrr,
)
from billing.enums import SubscriptionStatus

JAN, FEB, MAR, APR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def item(price: str, **facts: object) -> Item:
    return Item(**{"quantity": Decimal(1), "unit_price": Decimal(price), "starts_on": JAN} | facts)  # type: ignore[arg-type]


def terms(*items: Item, **facts: object) -> Terms:
    return Terms(**{"interval": "month", "starts_on": JAN, "items": items} | facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("interval", "price", "mrr"),
    [
        ("month", "1000", "1000.00"),
        ("week", "1000", "4333.33"),  # 1,000 × 52 ÷ 12 = 4,333.333…
        ("quarter", "1000", "333.33"),  # ÷ 3
        ("half_year", "1000", "166.67"),  # ÷ 6 = 166.666…
        ("year", "100000", "8333.33"),  # ÷ 12 = 8,333.333…
        ("year", "0.06", "0.01"),  # 0.005 rounds up
        ("week", "0.03", "0.13"),  # 0.03 × 52 ÷ 12 = 0.13 exactly; 0.03 × 4.33 would be 0.1299
    ],
)
def test_an_interval_s_price_becomes_a_month_s(interval: str, price: str, mrr: str) -> None:
    assert subscription_mrr(Decimal(price), interval=interval) == Decimal(mrr)


def test_a_foreign_price_counts_at_the_fixed_rate_and_is_rounded_once() -> None:
    # 99.99 USD a year × 83.123456 ÷ 12 = 692.62619…; rounding 99.99 ÷ 12 to 8.33 first would give 692.42
    assert subscription_mrr(Decimal("99.99"), interval="year", exchange_rate=Decimal("83.123456")) == Decimal(
        "692.63"
    )


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("1.5", "33.33", {}, "50.00"),  # 49.995 rounds up
        ("3", "33.33", {"discount_pct": Decimal("12.5")}, "87.49"),  # 99.99 − 12.49875 → 12.50
        ("2", "500", {"discount": Decimal("0.01")}, "999.99"),
        ("1", "10", {"discount_pct": Decimal(100)}, "0.00"),
    ],
)
def test_a_line_is_quantity_times_price_less_its_discount(
    quantity: str, price: str, discount: dict[str, Decimal], net: str
) -> None:
    assert line_net(Decimal(quantity), Decimal(price), **discount) == Decimal(net)


def test_arr_is_twelve_times_mrr_as_it_is_booked() -> None:
    # A year at 1,00,000 is 8,333.33 a month; the ledger and ARR agree to the paisa: 99,999.96.
    assert arr_of(subscription_mrr(Decimal(100000), interval="year")) == Decimal("99999.96")


# -- days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "day", "status"),
    [
        ({}, date(2025, 12, 31), SubscriptionStatus.SCHEDULED),
        ({}, JAN, SubscriptionStatus.ACTIVE),
        ({"ends_on": FEB}, FEB, SubscriptionStatus.ACTIVE),  # the last day of a term is one with service
        ({"ends_on": FEB}, date(2026, 2, 2), SubscriptionStatus.ENDED),
        ({"cancelled_on": FEB}, date(2026, 1, 31), SubscriptionStatus.ACTIVE),
        ({"cancelled_on": FEB}, FEB, SubscriptionStatus.CANCELLED),  # the first day without
        ({"pauses": (Pause(starts_on=FEB, resumes_on=MAR),)}, date(2026, 2, 28), SubscriptionStatus.PAUSED),
        ({"pauses": (Pause(starts_on=FEB, resumes_on=MAR),)}, MAR, SubscriptionStatus.ACTIVE),
        ({"pauses": (Pause(starts_on=FEB),)}, date(2030, 1, 1), SubscriptionStatus.PAUSED),
        ({"pauses": (Pause(starts_on=FEB),), "cancelled_on": MAR}, MAR, SubscriptionStatus.CANCELLED),
    ],
)
def test_status_is_read_from_the_dates(facts: dict[str, object], day: date, status: SubscriptionStatus) -> None:
    assert terms(item("100"), **facts).status_on(day) == status


def test_only_an_active_subscription_has_mrr() -> None:
    paused = terms(item("100"), pauses=(Pause(starts_on=FEB, resumes_on=MAR),), cancelled_on=APR)

    days = [date(2025, 12, 31), JAN, FEB, MAR, APR]
    assert [paused.mrr_on(day) for day in days] == [Decimal(mrr) for mrr in ("0", "100", "0", "100", "0")]


def test_changes_are_told_on_the_days_they_happen() -> None:
    # 100 from January, 150 from February on; a second subscription of 50 in March only.
    first = terms(item("100", ends_on=date(2026, 1, 31)), item("150", starts_on=FEB), cancelled_on=APR)
    second = terms(item("50", starts_on=MAR), starts_on=MAR, ends_on=date(2026, 3, 31))

    assert mrr_changes([first, second], since=date(2025, 1, 1), until=date(2026, 12, 31)) == {
        JAN: Decimal(100),
        FEB: Decimal(150),
        MAR: Decimal(200),
        APR: Decimal(0),
    }


def test_nothing_is_said_of_days_on_which_nothing_runs() -> None:
    """Before it begins and after it ended, what a file says of the account counts."""
    ended = terms(item("100"), ends_on=date(2026, 1, 31))

    assert mrr_changes([ended], since=date(2025, 1, 1), until=date(2025, 12, 31)) == {}
    assert mrr_changes([ended], since=MAR, until=APR) == {}


def test_one_that_was_cancelled_before_it_began_was_never_there() -> None:
    assert mrr_changes([terms(item("100"), cancelled_on=date(2025, 12, 1))], since=date(2025, 1, 1), until=APR) == {}


# -- terms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "following"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), (date(2027, 1, 1), date(2027, 12, 31))),
        (date(2023, 3, 1), date(2024, 2, 29), (date(2024, 3, 1), date(2025, 2, 28))),  # from a leap year into none
        (date(2026, 1, 31), date(2026, 2, 27), (date(2026, 2, 28), date(2026, 3, 27))),  # a month, clamped
        (date(2026, 4, 1), date(2026, 6, 30), (date(2026, 7, 1), date(2026, 9, 30))),
        (date(2026, 1, 1), date(2026, 1, 10), (date(2026, 1, 11), date(2026, 1, 20))),  # ten days
    ],
)
def test_the_next_term_is_as_long_as_this_one(start: date, end: date, following: tuple[date, date]) -> None:
    assert next_term(start, end) == following


# -- retention and forecast -------------------------------------------------------------------------


def test_a_cohort_takes_each_account_for_itself() -> None:
    # Opening 100 + 200 + 50 = 350. One grew to 150, one shrank to 120, one left; the fourth is newer.
    opening = {1: Decimal(100), 2: Decimal(200), 3: Decimal(50), 4: Decimal(0)}
    closing = {1: Decimal(150), 2: Decimal(120), 4: Decimal(900)}

    cohort = cohort_of(opening, closing)

    assert (cohort.accounts, cohort.retained) == (3, 2)
    assert (cohort.opening_mrr, cohort.closing_mrr) == (Decimal(350), Decimal(270))
    assert cohort.kept_mrr == Decimal(220)  # 100 + 120: the growth of the first hides no loss


def test_twelve_months_of_loss_are_not_twelve_times_one() -> None:
    # 2 % a month leaves 0.98^12 = 0.78471…, so 21.5 % are lost in a year, not 24 %.
    assert round(annualised(Decimal(2)), 1) == Decimal("21.5")


def test_experience_is_drawn_towards_the_prior() -> None:
    # 3 of 5 renewed, prior 0.95 weighing 10: (3 + 9.5) ÷ 15
    assert renewal_probability(3, 5, prior=Decimal("0.95"), weight=10) == Decimal("12.5") / 15
    assert renewal_probability(0, 0, prior=Decimal("0.30"), weight=10) == Decimal("0.3")


def test_the_brier_score_is_the_mean_squared_miss() -> None:
    # (0.9 − 1)² + (0.6 − 0)² = 0.01 + 0.36, over two
    assert brier_score([(Decimal("0.9"), True), (Decimal("0.6"), False)]) == Decimal("0.185")
    assert brier_score([]) is None
