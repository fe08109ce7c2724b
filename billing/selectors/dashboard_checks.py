"""Do the billing dashboard's figures add up with each other, and with the documents? One sentence for each that does
not. What a figure is compared with is worked out on another road than the dashboard takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from billing.document_querysets import summed
from billing.enums import EntryKind, RefundStatus
from billing.selectors.dashboard.contract import (
    BillingBoard,
    billing_board,
    collection_efficiency,
    kpis,
    refund_metrics,
)
from billing.selectors.dashboard.receivables import overdue_at, overdue_rows
from billing.selectors.dashboard.view import BillingView
from billing.selectors.mrr import mrr_at
from csplatform import periods
from csplatform.models import Organization
from csplatform.money import ZERO, monthly, round2
from csplatform.periods import BillingPeriod, last_months

EARLIER_DAYS = (0, 37)
"""Days before today of which the dashboard is asked: it is proved for the past, too."""
EVERY_ROW = 1_000_000


def dashboard_problems(
    organization: Organization, *, today: date | None = None, days: tuple[int, ...] = EARLIER_DAYS
) -> Iterator[str]:
    """Every figure of every period, of today and of a day in the past, that does not add up."""
    today = today or periods.today(organization)
    for back in days:
        day = today - timedelta(days=back)
        for name in BillingPeriod:
            view = BillingView(organization=organization, period=periods.billing_period(name, day), today=today)
            for problem in _problems_of(view):
                yield f"Dashboard of {name} to {day}: {problem}"
    yield from _mrr_apart_from_accounts(organization, today)


def _problems_of(view: BillingView) -> Iterator[str]:
    board = billing_board(view)
    yield from _value_that_does_not_add_up(view, board)
    yield from _tax_that_does_not_add_up(view, board)
    yield from _owed_that_does_not_add_up(view, board)
    yield from _refunds_that_do_not_add_up(view, board)
    yield from _months_that_do_not_add_up(view, board)
    yield from _texts_that_disagree(view, board)


def _differ(what: str, found: Decimal | int, expected: Decimal | int) -> Iterator[str]:
    if found != expected:
        yield f"{what} comes to {found}, not {expected}."


def _value_that_does_not_add_up(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """Σ categories = Σ products = Σ team = invoiced; Σ products = Σ team = collected; net = collected − refunds."""
    lines = view.organization.invoice_lines.filter(invoice__in=view.issued()).order_by()
    invoiced = round2(lines.aggregate(total=summed("taxable_inr"))["total"])
    entries = view.organization.allocations.dated_in(view.window).order_by()
    received = entries.filter(kind=EntryKind.PAYMENT).aggregate(value=summed("value_inr"), gross=summed("amount_inr"))
    collected = round2(received["value"])
    revenue = board.revenue
    yield from _differ("invoiced", revenue.invoiced, invoiced)
    yield from _differ("invoiced by products", sum((row.invoiced for row in board.products), ZERO), invoiced)
    yield from _differ("invoiced by the team", sum((row.amount for row in board.team), ZERO), invoiced)
    yield from _differ("invoices of the team", sum(row.invoices for row in board.team), view.issued().count())
    yield from _differ("collected", revenue.collected, collected)
    yield from _differ("collected by products", sum((row.collected for row in board.products), ZERO), collected)
    yield from _differ("collected by the team", sum((row.collections for row in board.team), ZERO), collected)
    yield from _differ("collected with GST", revenue.collected_gross, round2(received["gross"]))
    given_up = entries.filter(kind=EntryKind.WRITE_OFF).aggregate(value=summed("value_inr"))
    yield from _differ("bad debts", revenue.written_off, round2(given_up["value"]))
    yield from _differ("net realised revenue", revenue.net_realised, collected - revenue.refunded)


def _tax_that_does_not_add_up(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """Σ of the GST cards = tax charged − tax credited, line by line; their invoices are all invoices."""
    names = ("cgst_inr", "sgst_inr", "igst_inr")
    charged = view.issued().aggregate(**{name: summed(name) for name in names})
    notes = view.organization.credit_notes.of_gst().dated_in(view.window).order_by()
    credited = notes.aggregate(**{name: summed(name) for name in names}, value=summed("taxable_inr"))
    tax = round2(sum((charged[name] - credited[name] for name in names), ZERO))
    groups = board.revenue.tax_groups.values()
    yield from _differ("GST", board.revenue.tax, tax)
    yield from _differ("GST by category", sum((group.tax for group in groups), ZERO), tax)
    yield from _differ("invoices by category", sum(group.invoices for group in groups), view.issued().count())
    base = board.revenue.invoiced - round2(credited["value"])
    yield from _differ("what GST is charged on", board.revenue.taxed_value, base)


def _owed_that_does_not_add_up(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """Σ of the ages = overdue, worked out from dated entries; pending is all totals less all entries."""
    owed, invoices = board.owed, view.standing()
    entries = view.organization.allocations.filter(invoice__in=invoices, date__lte=view.day).order_by()
    totals = round2(invoices.aggregate(total=summed("total_inr"))["total"])
    pending = totals - round2(entries.aggregate(total=summed("amount_inr"))["total"])
    overdue = overdue_at(view, [view.day])[view.day]
    yield from _differ("pending", owed.pending, pending)
    yield from _differ("overdue", owed.overdue, overdue)
    yield from _differ("overdue by age", sum(owed.ages.values(), ZERO), overdue)
    rows = overdue_rows(view, most=EVERY_ROW)
    yield from _differ("the rows of what is overdue", sum((row.outstanding for row in rows), ZERO), overdue)
    for row in rows:
        if row.amount - row.paid != row.outstanding:
            yield f"{row.invoice}: {row.amount} less {row.paid} is not {row.outstanding}."


def _refunds_that_do_not_add_up(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """Σ of the reasons = the refunds that count: neither failed nor rejected by the day."""
    given_up = Q(status__in=[RefundStatus.FAILED, RefundStatus.REJECTED], decided_on__lte=view.day)
    counted = view.organization.refunds.dated_in(view.window).exclude(given_up).order_by()
    found = counted.aggregate(count=Count("pk"), value=summed("value_inr"))
    yield from _differ("refunds by reason", board.revenue.refunds, found["count"])
    yield from _differ("refunds", board.revenue.refunded, round2(found["value"]))


def _months_that_do_not_add_up(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """Invoiced − collected − credits − write-offs = pending in every month, invoice by invoice."""
    for month, window in zip(board.months, last_months(view.day, len(board.months)), strict=True):
        dated = view.standing().filter(issue_date__range=(window.start, window.end))
        sums = dated.with_value_settled_on(view.day).aggregate(
            invoiced=Sum("taxable_inr"), paid=Sum("value_paid"), credited=Sum("value_credited")
        )
        invoiced, paid, credited = (round2(sums[name] or ZERO) for name in ("invoiced", "paid", "credited"))
        yield from _differ(f"invoiced in {window.start:%B}", month.invoiced, invoiced)
        yield from _differ(f"collected of {window.start:%B}", month.collected, paid)
        yield from _differ(f"pending of {window.start:%B}", month.pending, invoiced - paid - credited)


def _texts_that_disagree(view: BillingView, board: BillingBoard) -> Iterator[str]:
    """What the contract prints twice is the same twice."""
    printed, refunds = kpis(view, board.revenue, board.owed), refund_metrics(board.revenue)
    overdue = collection_efficiency(board.revenue, board.owed)["totalOverdue"]
    if printed["overdueAmount"]["value"] != overdue:
        yield f"overdue is printed as {printed['overdueAmount']['value']} and as {overdue}."
    for key, name in (("value", "totalRefunds"), ("refundRate", "refundRate")):
        if printed["refundsCredits"][key] != refunds[name]:
            yield f"{name} is printed as {printed['refundsCredits'][key]} and as {refunds[name]}."


def _mrr_apart_from_accounts(organization: Organization, today: date) -> Iterator[str]:
    """MRR at today's close = Σ ARR ÷ 12 of the accounts."""
    pays = organization.accounts.filter(arr__gt=0).order_by().values_list("arr", flat=True)
    expected = sum((monthly(arr or ZERO) for arr in pays), ZERO)
    ahead = organization.mrr_movements.filter(date__gt=today).exists()
    if not ahead:
        yield from _differ("MRR", mrr_at(organization, today), expected)


def line_tax_problems(organization: Organization) -> Iterator[str]:
    """Every line's GST is its rate of its value, to paise and half up: two equal halves, or one whole."""
    lines = organization.invoice_lines.exclude(Q(cgst=0) & Q(igst=0)).order_by("invoice", "position")
    names = ("invoice__number", "position", "taxable", "rate", "cgst", "igst")
    for number, position, taxable, rate, half, whole in lines.values_list(*names).iterator(chunk_size=5_000):
        expected = round2(taxable * rate / 200) if half else round2(taxable * rate / 100)
        if (half or whole) != expected:
            yield f"Invoice {number}, line {position}: {half or whole} of tax, where {rate} % of {taxable} is due."
    untaxed = organization.invoice_lines.filter(cgst=0, igst=0, rate__gt=0, taxable__gte=1).filter(
        invoice__reverse_charge=False, invoice__is_with_payment=True
    )
    for number, position in untaxed.order_by("invoice", "position").values_list("invoice__number", "position"):
        yield f"Invoice {number}, line {position}: no tax, and nothing that says why."
