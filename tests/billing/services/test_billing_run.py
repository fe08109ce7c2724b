"""Billing what subscriptions owe: which intervals, exactly once, whatever happens to the job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from billing.calculations import intervals_starting
from billing.enums import BillingOutcome, DocumentState, SkipReason
from billing.exceptions import BillingRefused, CannotIssue, DocumentIsFinal
from billing.models import BillingRun, BillingRunItem, Invoice, InvoiceLine, Subscription
from billing.selectors.document_checks import document_problems
from billing.services import billing_run
from billing.services.billable import BillingChoice, plan_billing
from billing.services.billing_run import ISSUE, UNDO, continue_run, start_run
from billing.services.invoice import set_dispute
from billing.services.subscription import ItemFacts, cancel_subscription, pause_subscription, start_subscription
from billing.services.tax_profile import save_tax_profile
from csplatform.enums import JobStatus
from csplatform.jobs import execute
from csplatform.models import Membership, Notification, Organization
from csplatform.periods import Window
from tests.factories.accounts import AccountFactory
from tests.factories.documents import MAHARASHTRA, D, customer, issued, paid, tax_profile
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
NOW = "2026-11-20T06:00Z"
TODAY = date(2026, 11, 20)
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme(organization: Organization) -> Organization:
    tax_profile(organization)
    return organization


def subscribe(account: Account, *prices: str, on: date = date(2026, 1, 15), interval: str = "month") -> Subscription:
    product = account.organization.products.first() or ProductFactory(organization=account.organization)
    items = [ItemFacts(product=product, quantity=D(1), unit_price=D(price)) for price in prices]
    return start_subscription(account=account, items=items, interval=interval, starts_on=on, by=None, today=TODAY)


def run_of(member: Membership, window: Window = NOVEMBER, **choice: Any) -> BillingRun:
    return start_run(member=member, choice=BillingChoice(window=window, **choice))


def outcomes(run: BillingRun) -> dict[str, tuple[str, str]]:
    return {item.account.name: (item.outcome, item.skipped) for item in run.items.select_related("account")}


@pytest.mark.parametrize(
    ("interval", "starts_on", "since", "until", "expected"),
    [
        # The 31st is the last day of shorter months, and comes back.
        ("month", "2026-01-31", "2026-02-01", "2026-02-28", [("2026-02-28", "2026-03-30")]),
        ("month", "2026-01-31", "2026-03-01", "2026-03-31", [("2026-03-31", "2026-04-29")]),
        ("month", "2026-01-15", "2026-11-01", "2026-11-30", [("2026-11-15", "2026-12-14")]),
        ("quarter", "2026-01-15", "2026-11-01", "2026-11-30", []),
        ("quarter", "2026-02-10", "2026-11-01", "2026-11-30", [("2026-11-10", "2027-02-09")]),
        ("year", "2024-02-29", "2026-02-01", "2026-02-28", [("2026-02-28", "2027-02-27")]),
        ("half_year", "2026-05-05", "2026-11-05", "2026-11-05", [("2026-11-05", "2027-05-04")]),
        # 2 November 2026 is 7 × 44 days after 29 December 2025.
        ("week", "2025-12-29", "2026-11-01", "2026-11-08", [("2026-11-02", "2026-11-08")]),
        ("month", "2026-12-01", "2026-11-01", "2026-11-30", []),
    ],
)  # fmt: skip
def test_intervals_are_counted_from_the_first_day(
    interval: str, starts_on: str, since: str, until: str, expected: list[tuple[str, str]]
) -> None:
    day = date.fromisoformat

    found = intervals_starting(interval, day(starts_on), since=day(since), until=day(until))

    assert found == [(day(start), day(end)) for start, end in expected]


def test_a_month_is_billed_with_numbers_dates_tax_and_lines(acme: Organization, farah: Membership) -> None:
    here, there = customer(acme, "Here"), customer(acme, "There", treatment="registered", gstin=MAHARASHTRA)
    subscribe(here, "1000", "500.50", on=date(2026, 1, 15))
    subscribe(there, "2000", on=date(2026, 3, 3))

    run = run_of(farah)

    assert run.job.status == JobStatus.SUCCEEDED
    # 1,500.50 + 2 × 135.05 (90.00 + 45.05 a half: 9 % of 500.50 is 45.045) and 2,000 + 360.
    assert run.job.message == "November 2026: 2 invoices issued, ₹4,131 with GST."
    first, second = Invoice.objects.order_by("number")
    assert (first.number, first.account.name, first.issue_date) == ("INV-2026-0001", "There", date(2026, 11, 3))
    assert (second.number, second.account.name, second.issue_date) == ("INV-2026-0002", "Here", date(2026, 11, 15))
    assert (first.igst, first.total, first.section) == (D(360), D(2360), "B2B")
    assert (second.cgst, second.sgst, second.total) == (D("135.05"), D("135.05"), D("1770.60"))
    assert second.due_date == date(2026, 11, 30)
    assert second.supplier["gstin"] == acme.tax_profiles.get().gstin
    line = second.lines.first()
    assert line is not None
    assert (line.service_from, line.service_to, line.kind) == (date(2026, 11, 15), date(2026, 12, 14), "recurring")
    assert second.history.count() == 1
    assert here.activities.filter(title__startswith="Invoice INV-2026-0002 issued").count() == 1
    assert list(document_problems(acme)) == []
    assert [news.title for news in Notification.objects.filter(membership=farah)] == [run.job.message]


def test_what_is_skipped_says_why(acme: Organization, farah: Membership) -> None:
    billed, paused, disputing, free = (customer(acme, name) for name in ("Billed", "Paused", "Disputing", "Free"))
    nowhere = subscribe(AccountFactory(organization=acme, name="Nowhere"), "1000")
    subscribe(billed, "1000")
    pause_subscription(subscription=subscribe(paused, "1000"), on=date(2026, 11, 1), by=None, today=TODAY)
    subscribe(disputing, "1000")
    subscribe(free, "0")
    set_dispute(invoice=issued(disputing, "100", on=date(2026, 10, 1)), by=None, is_disputed=True, reason="Down")
    left = subscribe(customer(acme, "Left"), "1000")
    cancel_subscription(subscription=left, on=date(2026, 11, 10), by=None, reason="", today=TODAY)
    run_of(farah)

    again = plan_billing(acme, BillingChoice(window=NOVEMBER), today=TODAY)

    assert again.due == []
    assert {(each.subscription.account.name, each.skipped) for each in again.skipped} == {
        ("Billed", SkipReason.BILLED),
        ("Paused", SkipReason.PAUSED),
        ("Disputing", SkipReason.DISPUTED),
        ("Free", SkipReason.FREE),
        ("Nowhere", SkipReason.NO_TAX_PROFILE),
    }
    assert nowhere.account.invoices.count() == 0
    with pytest.raises(BillingRefused, match="Nothing is left to bill"):
        run_of(farah)
    assert run_of(farah, includes_disputed=True).job.message.startswith("November 2026: 1 invoice issued")


def test_the_plan_costs_the_same_for_any_number(
    acme: Organization, django_assert_num_queries: Callable[..., Any]
) -> None:
    for at in range(3):
        subscribe(customer(acme, f"Customer {at}"), "1000", "20")

    with django_assert_num_queries(7):  # supplier, subscriptions, items, pauses, tax profiles, billed, disputed
        plan = plan_billing(acme, BillingChoice(window=NOVEMBER), today=TODAY)

    assert len(plan.due) == 3


def test_invoices_bear_a_day_that_is_open(acme: Organization, farah: Membership) -> None:
    save_tax_profile(organization=acme, by=None, filed_periods=["2026-09"])
    subscribe(customer(acme), "1000", on=date(2026, 1, 10))
    # March lies in the year before, September is filed, and 10 December is still to come: those bear today's date.
    days = {
        each.start: each.day
        for each in plan_billing(
            acme, BillingChoice(window=Window(date(2026, 3, 1), date(2026, 12, 31))), today=TODAY
        ).due
    }

    assert days[date(2026, 3, 10)] == TODAY
    assert days[date(2026, 4, 10)] == date(2026, 4, 10)
    assert days[date(2026, 9, 10)] == TODAY
    assert days[date(2026, 12, 10)] == TODAY
    run_of(farah, Window(date(2026, 3, 1), date(2026, 12, 31)))
    assert set(Invoice.objects.values_list("financial_year", flat=True)) == {"2026-27"}
    dates = list(Invoice.objects.order_by("number").values_list("issue_date", flat=True))
    assert dates == sorted(dates)


def test_one_date_for_all_must_be_allowed(acme: Organization, farah: Membership) -> None:
    subscribe(customer(acme), "1000")

    with pytest.raises(CannotIssue, match="financial year 2025-26 is closed"):
        run_of(farah, issue_date=date(2026, 3, 31))

    assert BillingRun.objects.count() == Invoice.objects.count() == 0


def test_without_a_tax_profile_of_its_own_an_organisation_bills_nobody(
    organization: Organization, farah: Membership
) -> None:
    subscribe(customer(organization), "1000")

    with pytest.raises(CannotIssue, match="no tax profile yet"):
        run_of(farah)

    assert BillingRun.objects.count() == 0


def test_drafts_are_looked_at_first_and_then_issued(acme: Organization, farah: Membership) -> None:
    subscribe(customer(acme, "One"), "1000")
    subscribe(customer(acme, "Two"), "500")
    run = run_of(farah, as_drafts=True)
    assert run.job.message == "November 2026: 2 drafts written, ₹1,770 with GST."
    assert set(Invoice.objects.values_list("state", "number")) == {(DocumentState.DRAFT, "")}
    Invoice.objects.get(account__name="Two").delete()

    run = continue_run(run=run, member=farah, step=ISSUE)

    assert outcomes(run) == {"One": (BillingOutcome.ISSUED, ""), "Two": (BillingOutcome.TAKEN_BACK, "")}
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.issue_date) == ("INV-2026-0001", date(2026, 11, 15))
    assert list(document_problems(acme)) == []


def test_taking_back_voids_what_nobody_paid_and_the_interval_can_be_billed_again(
    acme: Organization, farah: Membership
) -> None:
    subscribe(customer(acme, "Paid"), "1000")
    subscribe(customer(acme, "Unpaid"), "500")
    run = run_of(farah)
    paid(Invoice.objects.get(account__name="Paid"), "100", on=TODAY)

    run = continue_run(run=run, member=farah, step=UNDO)

    assert run.job.message == "November 2026: 1 invoice taken back; 1 invoice could not be."
    assert outcomes(run) == {"Paid": (BillingOutcome.ISSUED, ""), "Unpaid": (BillingOutcome.TAKEN_BACK, "")}
    kept = run.items.get(account__name="Paid")
    assert kept.told.startswith("Something is paid")
    assert [each.account.name for each in Invoice.objects.filter(state=DocumentState.VOID)] == ["Unpaid"]
    again = run_of(farah)
    assert outcomes(again) == {"Unpaid": (BillingOutcome.ISSUED, ""), "Paid": (BillingOutcome.SKIPPED, "billed")}
    assert list(document_problems(acme)) == []


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing after it runs."""


@pytest.mark.parametrize("killed_in", ["after the chunk's writes", "between two chunks"])
def test_a_killed_run_goes_on_and_bills_each_interval_once(
    acme: Organization, farah: Membership, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    monkeypatch.setattr(billing_run, "CHUNK", 2)
    for at in range(7):
        subscribe(customer(acme, f"Customer {at}"), "1000", on=date(2026, 1, 1 + at))
    real, calls = billing_run._STEPS["bill"], []

    def dies_in_the_second_chunk(run: BillingRun, keys: Any) -> None:
        calls.append(keys)
        if killed_in == "between two chunks" and len(calls) == 2:
            raise Killed
        real(run, keys)
        if killed_in == "after the chunk's writes" and len(calls) == 2:
            raise Killed  # before the transaction commits

    monkeypatch.setitem(billing_run._STEPS, "bill", dies_in_the_second_chunk)
    with pytest.raises(Killed):
        run_of(farah)
    monkeypatch.setitem(billing_run._STEPS, "bill", real)
    run = BillingRun.objects.get()
    assert Invoice.objects.count() == 2
    assert run.job.status == JobStatus.RUNNING
    run.job.lease_until = timezone.now() - timedelta(seconds=1)
    run.job.save()

    execute(run.job.pk)

    run.job.refresh_from_db()
    assert (run.job.status, run.job.done, run.job.result["issued"]) == (JobStatus.SUCCEEDED, 7, 7)
    numbers = Invoice.objects.order_by("issue_date", "pk").values_list("number", flat=True)
    assert list(numbers) == [f"INV-2026-{at:04}" for at in range(1, 8)]
    assert Invoice.objects.values("subscription", "period_start").distinct().count() == 7
    assert list(document_problems(acme)) == []


def test_what_was_billed_since_the_run_was_asked_for_is_skipped(
    acme: Organization, farah: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(customer(acme, "One"), "1000")
    subscribe(customer(acme, "Two"), "1000")
    first = start_run(member=farah, choice=BillingChoice(window=NOVEMBER), respond_async=True)
    second = start_run(member=farah, choice=BillingChoice(window=NOVEMBER), respond_async=True)

    execute(second.job.pk)
    execute(first.job.pk)

    assert Invoice.objects.count() == 2
    assert set(outcomes(first).values()) == {(BillingOutcome.SKIPPED, SkipReason.BILLED)}
    assert set(outcomes(second).values()) == {(BillingOutcome.ISSUED, "")}


def test_the_same_key_starts_one_run(acme: Organization, farah: Membership) -> None:
    subscribe(customer(acme), "1000")
    choice = BillingChoice(window=NOVEMBER)

    first = start_run(member=farah, choice=choice, key="november", fingerprint="a")
    again = start_run(member=farah, choice=choice, key="november", fingerprint="a")

    assert first == again
    assert Invoice.objects.count() == 1
    with pytest.raises(BillingRefused, match="another body"):
        start_run(member=farah, choice=choice, key="november", fingerprint="b")


def test_a_foreign_subscription_is_billed_at_its_rate_or_the_one_given(acme: Organization, farah: Membership) -> None:
    product = ProductFactory(organization=acme)
    buyer = customer(acme, "Globex", treatment="overseas", country="US", currency="USD")
    start_subscription(
        account=buyer,
        items=[ItemFacts(product=product, quantity=D(1), unit_price=D(100))],
        starts_on=date(2026, 10, 5),
        currency="USD",
        exchange_rate=D(80),
        by=None,
        today=TODAY,
    )

    run_of(farah, Window(date(2026, 10, 1), date(2026, 10, 31)))
    run_of(farah, exchange_rates={"USD": D("84.5")})

    october, november = Invoice.objects.order_by("period_start")
    # 100 dollars and 18 % IGST, for want of an undertaking: 118 × 80 and 118 × 84.5.
    assert (october.total, october.total_inr) == (D(118), D(9440))
    assert (november.total, november.total_inr) == (D(118), D(9971))


def test_the_owner_of_the_last_invoice_goes_on_looking_after_it(
    acme: Organization, farah: Membership, alice: Membership
) -> None:
    subscribe(customer(acme), "1000")
    run_of(farah, Window(date(2026, 10, 1), date(2026, 10, 31)))
    assert Invoice.objects.get().owner == farah.user
    Invoice._base_manager.update(owner=alice.user)

    run_of(farah)

    assert Invoice.objects.get(period_start=date(2026, 11, 15)).owner == alice.user


def test_a_stopped_run_goes_on(acme: Organization, farah: Membership) -> None:
    subscribe(customer(acme), "1000")
    run = start_run(member=farah, choice=BillingChoice(window=NOVEMBER), respond_async=True)
    run.job.status = JobStatus.CANCELLED
    run.job.save()

    run = continue_run(run=run, member=farah, step="bill")

    assert BillingRunItem.objects.get().outcome == BillingOutcome.ISSUED
    with pytest.raises(BillingRefused, match="nothing left"):
        continue_run(run=run, member=farah, step="bill")


def test_what_a_run_has_issued_is_final(acme: Organization, farah: Membership, api_for: Callable[..., Any]) -> None:
    subscribe(customer(acme), "1000")
    run_of(farah)
    invoice, line = Invoice.objects.get(), InvoiceLine.objects.get()

    invoice.taxable = line.taxable = D(1)
    for change in (invoice.save, line.save, invoice.delete, line.delete, Invoice.objects.all().delete):
        with pytest.raises(DocumentIsFinal):
            change()
    with pytest.raises(DocumentIsFinal):
        Invoice.objects.update(total=1)
    assert api_for(farah).put(f"/api/invoices/{invoice.uuid}", {"notes": "x"}).status_code == 409
    assert api_for(farah).delete(f"/api/invoices/{invoice.uuid}").status_code == 409

    assert Invoice.objects.values_list("taxable", "total").get() == (D(1000), D(1180))
