"""Many people at once: nothing is settled twice, and numbers stay consecutive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from billing.exceptions import BillingRefused, OverAllocated
from billing.models import Allocation, BillingRun, BillingRunItem, Invoice, Payment
from billing.services.billable import BillingChoice
from billing.services.billing_run import start_run
from billing.services.invoice import issue_invoice
from billing.services.payment import Share, allocate_payment, record_payment
from billing.services.subscription import ItemFacts, start_subscription
from csplatform.enums import Role
from csplatform.jobs import execute
from csplatform.models import Job, Membership, Organization
from csplatform.periods import Window, today
from csplatform.tenancy import every_organization, organization_scope
from tests.factories.csplatform import MembershipFactory, OrganizationFactory
from tests.factories.documents import D, customer, draft, issued, tax_profile
from tests.factories.products import ProductFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers queue by themselves"),
]


@pytest.fixture
def acme() -> Organization:
    with every_organization(write=True, why="a test arranges"):
        organization: Organization = OrganizationFactory(name="Acme", slug="acme")
        tax_profile(organization)
    return organization


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    def run(at: int) -> Any:
        try:
            return work(at)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(run, range(count)))


def test_twenty_payments_at_once_never_settle_more_than_is_owed(acme: Organization) -> None:
    with organization_scope(acme, write=True):
        invoice = issued(customer(acme), "1000", on=today(acme))  # 1,180 with GST

    def pay(_: int) -> bool:
        with organization_scope(acme, write=True):
            try:
                record_payment(
                    account=invoice.account,
                    by=None,
                    facts={"amount": D(100), "received_on": today(acme)},
                    allocations=[Share(invoice=invoice, cash=D(100), tds=D(0))],
                )
            except OverAllocated:
                return False
            return True

    outcomes = at_once(20, pay)

    with every_organization(write=False, why="a test asserts"):
        assert outcomes.count(True) == 11  # the twelfth would make it 1,200
        assert Invoice.objects.get().settled == D(1100)
        assert sum(Allocation.objects.values_list("amount", flat=True)) == D(1100)


def test_one_payment_is_not_allocated_twice(acme: Organization) -> None:
    with organization_scope(acme, write=True):
        buyer = customer(acme)
        invoices = [issued(buyer, "100", on=today(acme)) for _ in range(8)]
        payment = record_payment(account=buyer, by=None, facts={"amount": D(236), "received_on": date(2026, 1, 1)})

    def allocate(at: int) -> bool:
        with organization_scope(acme, write=True):
            try:
                share = Share(invoice=invoices[at], cash=D(118), tds=D(0))
                allocate_payment(payment=payment, by=None, allocations=[share])
            except OverAllocated:
                return False
            return True

    assert at_once(8, allocate).count(True) == 2
    with every_organization(write=False, why="a test asserts"):
        assert Payment.objects.get().unallocated == 0


def test_fifty_invoices_issued_at_once_are_numbered_without_a_gap(acme: Organization) -> None:
    with organization_scope(acme, write=True):
        buyer = customer(acme)
        drafts = [draft(buyer, "100") for _ in range(50)]

    def issue(at: int) -> str:
        with organization_scope(acme, write=True):
            return issue_invoice(invoice=drafts[at], by=None).number

    numbers = sorted(at_once(50, issue))

    assert [int(number[-4:]) for number in numbers] == list(range(1, 51))


def test_two_runs_at_once_bill_each_interval_once(acme: Organization) -> None:
    with organization_scope(acme, write=True):
        farah = MembershipFactory(organization=acme, role=Role.FINANCE)
        product = ProductFactory(organization=acme)
        for at in range(40):
            start_subscription(
                account=customer(acme, f"Customer {at}"),
                items=[ItemFacts(product=product, unit_price=D(100))],
                starts_on=today(acme).replace(day=1),
                by=None,
            )
    choice = BillingChoice(window=Window(today(acme).replace(day=1), today(acme)))

    runs = at_once(4, lambda _: _started(farah, choice))
    for run in runs:
        if run is not None and not run.job.is_finished:  # its lane was busy: the pump would come back
            execute(run.job.pk)

    with every_organization(write=False, why="a test asserts"):
        numbers = sorted(Invoice.objects.values_list("number", flat=True))
        assert [int(number[-4:]) for number in numbers] == list(range(1, 41))
        assert Invoice.objects.values("subscription", "period_start").distinct().count() == 40


def test_even_past_the_lane_two_workers_bill_each_interval_once(acme: Organization) -> None:
    with organization_scope(acme, write=True):
        farah = MembershipFactory(organization=acme, role=Role.FINANCE)
        product = ProductFactory(organization=acme)
        for at in range(20):
            start_subscription(
                account=customer(acme, f"Customer {at}"),
                items=[ItemFacts(product=product, unit_price=D(100))],
                starts_on=today(acme).replace(day=1),
                by=None,
            )
    choice = BillingChoice(window=Window(today(acme).replace(day=1), today(acme)))
    runs = [start_run(member=farah, choice=choice, respond_async=True) for _ in range(4)]
    with every_organization(write=True, why="a test arranges"):
        Job.objects.update(lane="")

    at_once(4, lambda at: execute(runs[at].job.pk))

    with every_organization(write=False, why="a test asserts"):
        assert Invoice.objects.count() == 20
        outcomes = BillingRunItem.objects.values_list("outcome", flat=True)
        assert (list(outcomes).count("issued"), list(outcomes).count("skipped")) == (20, 60)


def _started(member: Membership, choice: BillingChoice) -> BillingRun | None:
    try:
        return start_run(member=member, choice=choice)
    except BillingRefused:  # another had billed everything already
        return None
