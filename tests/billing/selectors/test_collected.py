"""How much of a day's MRR has been paid for, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Account
from billing.enums import RefundReason
from billing.models import Subscription
from billing.selectors.collected import collected_mrr
from billing.services.invoice import InvoiceFacts, LineFacts, create_draft, issue_invoice, void_invoice
from billing.services.payment import reverse_payment
from billing.services.refund import complete_refund, request_refund
from billing.services.subscription import ItemFacts, pause_subscription, start_subscription
from billing.services.write_off import write_off_invoice
from csplatform.models import Organization
from tests.factories.documents import customer, paid, with_lut
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = date(2026, 11, 20)
OCT, NOV = date(2026, 10, 31), TODAY


def subscribed(
    account: Account, price: str, *, interval: str = "month", on: date = date(2026, 10, 1)
) -> Subscription:
    product = ProductFactory(organization=account.organization)
    items = [ItemFacts(product=product, unit_price=D(price))]
    return start_subscription(account=account, by=None, items=items, starts_on=on, interval=interval, today=TODAY)


def billed(subscription: Subscription, price: str, *, on: date):
    given = InvoiceFacts(account=subscription.account, lines=[LineFacts(unit_price=D(price))], issue_date=on)
    draft = create_draft(
        organization=subscription.organization,
        by=None,
        facts=given,
        subscription_id=subscription.pk,
        period_start=on,
    )
    return issue_invoice(invoice=draft, by=None)


def collected(organization: Organization, *, as_of: date = TODAY) -> list[Decimal]:
    """At the close of October, and of the day."""
    return collected_mrr(organization, [OCT, min(NOV, as_of)], as_of=as_of)


@pytest.fixture(autouse=True)
def _supplier(organization: Organization) -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        with_lut(organization)
        yield


def test_the_paid_share_of_the_invoice_that_covers_the_day(organization: Organization) -> None:
    monthly = subscribed(customer(organization, "Monthly"), "10000")
    paid(billed(monthly, "10000", on=date(2026, 10, 1)), "11800", on=date(2026, 10, 9))
    paid(billed(monthly, "10000", on=date(2026, 11, 1)), "5900", on=date(2026, 11, 9))

    # All of October; of November 5,900 of 11,800.
    assert collected(organization) == [D(10000), D(5000)]
    # The day before, nothing had been paid for November.
    assert collected(organization, as_of=date(2026, 11, 8)) == [D(10000), D(0)]


def test_a_prepaid_year_counts_in_each_of_its_months(organization: Organization) -> None:
    yearly = subscribed(customer(organization, "Yearly"), "120000", interval="year", on=date(2026, 5, 1))
    paid(billed(yearly, "120000", on=date(2026, 5, 1)), "141600", on=date(2026, 5, 1))

    assert collected(organization) == [D(10000), D(10000)]
    # From 1 May 2027 the year is over, and nothing has been billed.
    assert collected_mrr(organization, [date(2027, 4, 30), date(2027, 5, 1)], as_of=TODAY) == [D(10000), D(0)]


def test_a_month_from_the_31st_ends_where_the_next_one_begins(organization: Organization) -> None:
    """Its months begin on 31 August, 30 September and 31 October: the first is over on 30 September, and the second
    one holds 30 October."""
    monthly = subscribed(customer(organization, "Monthly"), "10000", on=date(2026, 8, 31))
    paid(billed(monthly, "10000", on=date(2026, 8, 31)), "11800", on=date(2026, 9, 1))
    billed(monthly, "10000", on=date(2026, 9, 30))

    def on(day: date) -> Decimal:
        return collected_mrr(organization, [day], as_of=TODAY)[0]

    assert [on(date(2026, 9, 29)), on(date(2026, 9, 30))] == [D(10000), D(0)]

    paid(organization.invoices.get(period_start=date(2026, 9, 30)), "11800", on=TODAY)
    assert [on(date(2026, 10, 30)), on(date(2026, 10, 31))] == [D(10000), D(0)]


def test_credits_lower_what_is_owed_and_write_offs_do_not(organization: Organization) -> None:
    credited = billed(subscribed(customer(organization, "Credited"), "10000"), "10000", on=date(2026, 11, 1))
    refund = request_refund(
        by=None, invoice=credited, amount=D(5900), reason=RefundReason.DOWNTIME_CREDIT, mode="credit", on=TODAY
    )
    complete_refund(refund=refund, by=None)
    paid(credited, "5900", on=TODAY)
    given_up = billed(subscribed(customer(organization, "Given up"), "4000"), "4000", on=date(2026, 11, 1))
    paid(given_up, "1180", on=TODAY)
    write_off_invoice(invoice=given_up, by=None, amount=D(3540), on=TODAY, reason="Closed down")

    # 5,900 of 11,800 less 5,900 is all of it; 1,180 of 4,720 is a quarter of 4,000.
    assert collected(organization)[1] == D(11000)


def test_a_bounced_payment_takes_its_share_back(organization: Organization) -> None:
    invoice = billed(subscribed(customer(organization, "Bounced"), "10000"), "10000", on=date(2026, 11, 1))
    payment = paid(invoice, "11800", on=date(2026, 11, 5))
    reverse_payment(payment=payment, by=None, on=date(2026, 11, 18), reason="Cheque returned")

    assert collected(organization)[1] == D(0)
    assert collected(organization, as_of=date(2026, 11, 17))[1] == D(10000)


def test_without_an_invoice_or_with_a_void_one_nothing_is_collected(organization: Organization) -> None:
    subscribed(customer(organization, "Never billed"), "10000")
    void_invoice(
        invoice=billed(subscribed(customer(organization, "Void"), "10000"), "10000", on=date(2026, 11, 1)),
        by=None,
        reason="Wrong",
    )

    assert collected(organization) == [D(0), D(0)]


def test_a_paused_subscription_pays_nothing_that_could_be_collected(organization: Organization) -> None:
    subscription = subscribed(customer(organization, "Paused"), "10000")
    paid(billed(subscription, "10000", on=date(2026, 11, 1)), "11800", on=date(2026, 11, 5))
    pause_subscription(subscription=subscription, by=None, on=date(2026, 11, 15), today=TODAY)

    assert collected(organization)[1] == D(0)


@pytest.mark.parametrize("customers", [1, 3])
def test_it_costs_the_same_for_any_number(organization, customers: int, django_assert_num_queries) -> None:
    for number in range(customers):
        subscription = subscribed(customer(organization, f"Customer {number}"), "10000")
        paid(billed(subscription, "10000", on=date(2026, 10, 1)), "11800", on=date(2026, 10, 9))
        paid(billed(subscription, "10000", on=date(2026, 11, 1)), "1180", on=date(2026, 11, 9))

    with django_assert_num_queries(3):
        assert collected(organization)[1] == 1000 * customers
