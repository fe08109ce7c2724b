"""What was invoiced and what came in: values without tax, which add up with each other, and their GST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Sum
from django.db.models.functions import NullIf

from accounts.enums import BillingLabel
from billing.document_querysets import summed
from billing.enums import EntryKind, GstCategory, RefundReason
from billing.selectors.dashboard.view import BillingView
from billing.tax.returns import gst_category
from csplatform.money import ZERO, round2
from csplatform.periods import Window, last_months

CHART_MONTHS = 6
SHARE = DecimalField(max_digits=24, decimal_places=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The invoices of one GST category in the window."""

    value: Decimal
    """Taxable value invoiced."""
    invoices: int
    tax: Decimal
    """Charged, less that of the GST credit notes of the window."""
    credited_value: Decimal
    """Taxable value of those notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingRevenue:
    """Flows of the window: taxable value unless a name says gross."""

    invoiced: Decimal
    invoiced_before: Decimal
    """In the window that it is compared with."""
    collected: Decimal
    collected_gross: Decimal
    written_off: Decimal
    written_off_gross: Decimal
    refunded: Decimal
    refund_reasons: Mapping[RefundReason, int]
    tax_groups: Mapping[GstCategory, TaxGroup]
    collection_days: int
    """From invoice to money, weighted by amount."""

    @property
    def net_realised(self) -> Decimal:
        return self.collected - self.refunded

    @property
    def refunds(self) -> int:
        return sum(self.refund_reasons.values())

    @property
    def tax(self) -> Decimal:
        """Charged, less what credit notes took back: what is filed."""
        return sum((group.tax for group in self.tax_groups.values()), ZERO)

    @property
    def taxed_value(self) -> Decimal:
        """What that tax is of: value invoiced less value credited."""
        return self.invoiced - sum((group.credited_value for group in self.tax_groups.values()), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesMonth:
    """The invoices of one month, and what has become of them since."""

    month: date
    invoiced: Decimal
    collected: Decimal
    pending: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRevenue:
    label: BillingLabel
    invoiced: Decimal
    collected: Decimal


def billing_revenue(view: BillingView) -> BillingRevenue:
    """The flows of the window in seven queries."""
    entries = view.organization.allocations.dated_in(view.window).order_by()
    settled = {
        kind: (value, amount)
        for kind, value, amount in entries.values_list("kind").annotate(
            value=summed("value_inr"), amount=summed("amount_inr")
        )
    }
    collected, collected_gross = settled.get(EntryKind.PAYMENT, (ZERO, ZERO))
    written_off, written_off_gross = settled.get(EntryKind.WRITE_OFF, (ZERO, ZERO))
    refunds = view.organization.refunds.dated_in(view.window).counted_on(view.day).order_by()
    by_reason = {
        reason: (count, value)
        for reason, count, value in refunds.values_list("reason").annotate(
            count=Count("pk"), value=summed("value_inr")
        )
    }
    groups = _tax_groups(view)
    return BillingRevenue(
        invoiced=sum((group.value for group in groups.values()), ZERO),
        invoiced_before=_invoiced(view, view.period.previous),
        collected=round2(collected),
        collected_gross=round2(collected_gross),
        written_off=round2(written_off),
        written_off_gross=round2(written_off_gross),
        refunded=sum((round2(value) for _, value in by_reason.values()), ZERO),
        refund_reasons={reason: by_reason.get(reason, (0, ZERO))[0] for reason in RefundReason},
        tax_groups=groups,
        collection_days=_collection_days(view),
    )


def _invoiced(view: BillingView, window: Window) -> Decimal:
    return round2(
        view.organization.invoices.issued_in(window).order_by().aggregate(total=summed("taxable_inr"))["total"]
    )


def _tax_groups(view: BillingView) -> dict[GstCategory, TaxGroup]:
    """By category: every section of the return belongs to one."""
    value, tax, credited = (dict.fromkeys(GstCategory, ZERO) for _ in range(3))
    count = dict.fromkeys(GstCategory, 0)
    taxes = F("cgst_inr") + F("sgst_inr") + F("igst_inr")
    sections = view.issued().values_list("section")
    for section, invoices, section_value, section_tax in sections.annotate(
        count=Count("pk"), value=summed("taxable_inr"), charged=summed(taxes)
    ):
        category = gst_category(section)
        count[category] += invoices
        value[category] += round2(section_value)
        tax[category] += round2(section_tax)
    notes = view.organization.credit_notes.of_gst().dated_in(view.window).order_by()
    for section, note_value, note_tax in notes.values_list("invoice__section").annotate(
        value=summed("taxable_inr"), charged=summed(taxes)
    ):
        credited[gst_category(section)] += round2(note_value)
        tax[gst_category(section)] -= round2(note_tax)
    return {
        category: TaxGroup(
            value=value[category],
            invoices=count[category],
            tax=tax[category],
            credited_value=credited[category],
        )
        for category in GstCategory
    }


def _collection_days(view: BillingView) -> int:
    """Days from issue to payment, weighted by amount, of what came in within the window; bounces are not receipts."""
    entries = view.organization.allocations.dated_in(view.window).filter(kind=EntryKind.PAYMENT, amount__gt=0)
    rows = entries.order_by().values_list("date", "invoice__issue_date").annotate(amount=summed("amount_inr"))
    total = weighted = ZERO
    for day, issued_on, amount in rows:
        total += amount
        weighted += amount * (day - issued_on).days
    return int((weighted / total).quantize(Decimal(1), rounding="ROUND_HALF_UP")) if total else 0


def sales_and_collection(view: BillingView) -> list[SalesMonth]:
    """The last six calendar months by the month of issue: what of their value has come in by the day.

    PERFORMANCE: nothing settles an invoice before its date, so entries before the first month need not be read."""
    months = last_months(view.day, CHART_MONTHS)
    first = months[0].start
    invoices = view.standing().filter(issue_date__gte=first).values_list("issue_date")
    invoiced = {day: round2(value) for day, value in invoices.annotate(value=summed("taxable_inr"))}
    dated = view.organization.allocations.filter(date__range=(first, view.day))
    entries = dated.filter(invoice__issue_date__gte=first).order_by()
    settled: dict[tuple[date, bool], Decimal] = {}
    for day, kind, value in entries.values_list("invoice__issue_date", "kind").annotate(value=summed("value_inr")):
        key = (day, kind == EntryKind.PAYMENT)
        settled[key] = settled.get(key, ZERO) + round2(value)

    def within(window: Window, amounts: Mapping[date, Decimal]) -> Decimal:
        return sum((amount for day, amount in amounts.items() if window.start <= day <= window.end), ZERO)

    paid = {day: value for (day, is_payment), value in settled.items() if is_payment}
    given_up = {day: value for (day, is_payment), value in settled.items() if not is_payment}
    return [
        SalesMonth(
            month=window.start,
            invoiced=within(window, invoiced),
            collected=within(window, paid),
            pending=max(within(window, invoiced) - within(window, paid) - within(window, given_up), ZERO),
        )
        for window in months
    ]


def product_revenue(view: BillingView) -> list[ProductRevenue]:
    """By the products' billing labels, all six; the sums are those of the whole window.

    A payment belongs to the lines of its invoice by their value; what rounding leaves goes to the largest.
    """
    lines = view.organization.invoice_lines.filter(invoice__in=view.issued()).order_by()
    invoiced = dict.fromkeys(BillingLabel, ZERO)
    for label, value in lines.values_list("product__billing_label").annotate(value=summed("taxable_inr")):
        invoiced[_label(label)] += round2(value)
    share = ExpressionWrapper(
        F("value_inr") * F("invoice__lines__taxable_inr") / NullIf(F("invoice__taxable_inr"), ZERO),
        output_field=SHARE,
    )
    entries = view.organization.allocations.dated_in(view.window).filter(kind=EntryKind.PAYMENT).order_by()
    collected = dict.fromkeys(BillingLabel, ZERO)
    for label, value in entries.values_list("invoice__lines__product__billing_label").annotate(value=Sum(share)):
        collected[_label(label)] += round2(value or ZERO)
    total = round2(entries.aggregate(total=summed("value_inr"))["total"])
    largest = max(collected, key=lambda label: (collected[label], -list(collected).index(label)))
    collected[largest] += total - sum(collected.values(), ZERO)
    return [
        ProductRevenue(label=label, invoiced=invoiced[label], collected=collected[label]) for label in BillingLabel
    ]


def _label(label: str | None) -> BillingLabel:
    """Lines without a product count under the last one."""
    return BillingLabel(label) if label else BillingLabel.DR_AND_BACKUP
