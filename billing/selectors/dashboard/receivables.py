"""What customers owe: gross, at the close of a day, by age; and how the share that came in has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from billing.document_querysets import InvoiceQuerySet, summed
from billing.enums import AgeBucket, EntryKind, OverdueStatus
from billing.models import Invoice
from billing.selectors.dashboard.view import BillingView
from billing.tax.receivables import age_bucket, overdue_status
from csplatform.money import ZERO, round2, round_half_up
from csplatform.periods import BillingPeriod, Window

MOST_SHOWN = 50
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivables:
    """Balances at the close of the day, with tax."""

    pending: Decimal
    """All that is outstanding, due or not."""
    customers: int
    """Who owe any of it."""
    overdue: Decimal
    average_days: int
    """Of the overdue invoices, a plain mean."""
    ages: Mapping[AgeBucket, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRow:
    """An overdue invoice."""

    invoice: Invoice
    amount: Decimal
    paid: Decimal
    outstanding: Decimal
    days: int

    @property
    def status(self) -> OverdueStatus:
        return overdue_status(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPoint:
    """One stretch of the window: of what should have come in, the share that did."""

    label: str
    rate_pct: Decimal


def open_invoices(view: BillingView) -> InvoiceQuerySet:
    """The invoices with a balance at the close of the day, annotated `settled_then` and `balance`.

    PERFORMANCE: what was settled for good by then has an earlier `settled_on` and is left to the index. Of today that
    is one value to look up; an OR beside it made SQLite read a million invoices for seventy thousand.
    """
    unsettled = view.standing().filter(settled_on=None)
    if view.day < view.today:
        unsettled = view.standing().filter(Q(settled_on=None) | Q(settled_on__gt=view.day))
    invoices: InvoiceQuerySet = unsettled.with_balance_on(view.day, today=view.today).filter(Q(balance__gt=0))
    return invoices


def overdue_invoices(view: BillingView) -> InvoiceQuerySet:
    """Those of them that were due before the day; due on it is not overdue."""
    return open_invoices(view).filter(due_date__lt=view.day)


def receivables(view: BillingView) -> Receivables:
    """Two queries, grouped by the day of falling due."""
    by_due = open_invoices(view).values_list("due_date").annotate(count=Count("pk"), owed=summed("balance"))
    pending = overdue = ZERO
    late_invoices = late_days = 0
    ages = dict.fromkeys(AgeBucket, ZERO)
    for due, count, balance in by_due:
        balance, days = round2(balance), (view.day - due).days
        pending += balance
        bucket = age_bucket(days)
        if bucket is not None:
            overdue += balance
            ages[bucket] += balance
            late_invoices += count
            late_days += count * days
    mean = Decimal(late_days) / late_invoices if late_invoices else ZERO
    return Receivables(
        pending=pending,
        customers=open_invoices(view).aggregate(customers=Count("account", distinct=True))["customers"],
        overdue=overdue,
        average_days=int(round_half_up(mean, 0)),
        ages=ages,
    )


def overdue_rows(view: BillingView, *, most: int = MOST_SHOWN) -> list[OverdueRow]:
    """Most days overdue first, ties by date, then number."""
    invoices = overdue_invoices(view).select_related("account", "account__tax_profile")
    return [
        OverdueRow(
            invoice=invoice,
            amount=invoice.total_inr,
            paid=round2(invoice.settled_then),
            outstanding=round2(invoice.balance),
            days=(view.day - due).days,
        )
        for invoice in invoices.order_by("due_date", "issue_date", "number")[:most]
        if (due := invoice.due_date) is not None
    ]


def collection_rate(collected: Decimal, overdue: Decimal, written_off: Decimal) -> Decimal:
    """Of what should have come in, what did, in percent: kept within 0 and 100, and 0 where nothing should have."""
    should = collected + overdue + written_off
    if should <= 0:
        return ZERO
    return min(max(collected * 100 / should, ZERO), Decimal(100))


def collection_trend(view: BillingView) -> list[CollectionPoint]:
    """The rate of each stretch of the window, by what was overdue at its end. Three queries for any number."""
    stretches = _stretches(view)
    entries = view.organization.allocations.dated_in(view.window).order_by()
    moved = list(entries.values_list("date", "kind").annotate(amount=summed("amount_inr")))

    def within(window: Window, kind: EntryKind) -> Decimal:
        return sum((round2(amount) for day, found, amount in moved if found == kind and day in window), ZERO)

    overdue = overdue_at(view, [stretch.end for _, stretch in stretches])
    return [
        CollectionPoint(
            label=label,
            rate_pct=round_half_up(
                collection_rate(
                    within(stretch, EntryKind.PAYMENT), overdue[stretch.end], within(stretch, EntryKind.WRITE_OFF)
                ),
                1,
            ),
        )
        for label, stretch in stretches
    ]


def overdue_at(view: BillingView, days: list[date]) -> dict[date, Decimal]:
    """What was overdue at the close of each of these days, in two queries.

    An invoice that was settled for good before the first of them owes nothing on any of them."""
    first = min(days)
    invoices = view.standing().filter(due_date__lt=max(days)).filter(Q(settled_on=None) | Q(settled_on__gt=first))
    owed = {due: round2(total) for due, total in invoices.values_list("due_date").annotate(owed=summed("total_inr"))}
    entries = view.organization.allocations.filter(date__lte=max(days), invoice__in=invoices).order_by()
    paid = list(entries.values_list("invoice__due_date", "date").annotate(total=summed("amount_inr")))
    return {
        day: sum((total for due, total in owed.items() if due < day), ZERO)
        - sum((round2(amount) for due, on, amount in paid if due < day and on <= day), ZERO)
        for day in days
    }


def _stretches(view: BillingView) -> list[tuple[str, Window]]:
    """Seven-day blocks counted back from the last day, the earliest with the remainder; single days of a week."""
    if view.period.name == BillingPeriod.DAYS_7:
        return [(f"Day {at}", Window(day, day)) for at, day in enumerate(view.window, start=1)]
    count = view.window.length // WEEK
    ends = [view.day - timedelta(days=WEEK * back) for back in reversed(range(count))]
    starts = [view.window.start, *(end + timedelta(days=1) for end in ends[:-1])]
    return [
        (f"Week {at}", Window(start, end)) for at, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]
