"""Giving money back: the request, its outcome, and the credit note that it issues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activity
from billing.document_querysets import rounded
from billing.enums import IrnStatus, ItcReversal, RefundMode, RefundReason, RefundStatus, Section
from billing.exceptions import InvalidDocument, NothingToDo, NotIssued, OverAllocated, OverCredited
from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Payment, Refund
from billing.services.invoice import IRN_SECTIONS
from billing.services.settlement import Entry, lock_invoices, settle
from billing.tax.amounts import Amounts, sum_of
from billing.tax.numbers import document_number
from billing.tax.parameters import ITC_REVERSAL
from billing.tax.returns import last_day_for_note, note_section
from billing.tax.settlement import next_share, shares
from csplatform.formatting import plain, rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO, round2
from csplatform.periods import financial_year
from csplatform.periods import today as civil_today
from csplatform.services.sequence import take_numbers

COUNTED = (RefundStatus.PROCESSING, RefundStatus.COMPLETED)


@transaction.atomic
def request_refund(
    *,
    invoice: Invoice,
    by: User | None,
    amount: Decimal,
    reason: str = RefundReason.OTHER,
    mode: str = RefundMode.CASH,
    on: date | None = None,
) -> Refund:
    """Ask for part of an invoice to be given back, tax included; together at most its total."""
    organization = invoice.organization
    day = _day(organization, on)
    if amount <= 0:
        raise InvalidDocument("amount", "A refund is above 0.")
    counter = take_numbers(organization, f"refund {financial_year(day)}")
    stored = lock_invoices(organization, [invoice.pk])[invoice.pk]
    if not stored.is_issued:
        raise NotIssued
    if stored.issue_date and day < stored.issue_date:
        raise InvalidDocument("date", "A refund is not dated before its invoice.")
    before = stored.refunds.filter(status__in=COUNTED).aggregate(
        amount=Sum("amount"), inr=Sum("amount_inr"), value=Sum("value_inr")
    )
    asked = round2(before["amount"] or ZERO)
    if asked + amount > stored.total:
        raise OverCredited(
            f"{stored}: {plain(amount)} is more than can still be refunded ({plain(stored.total - asked)})."
        )
    refund = Refund(
        organization=organization,
        account=stored.account,
        number=document_number("REF", day, counter),
        invoice=stored,
        amount=amount,
        amount_inr=next_share(
            part=stored.total_inr,
            whole=stored.total,
            before=asked,
            amount=amount,
            given=round2(before["inr"] or ZERO),
        ),
        value_inr=next_share(
            part=stored.taxable_inr,
            whole=stored.total,
            before=asked,
            amount=amount,
            given=round2(before["value"] or ZERO),
        ),
        reason=reason,
        mode=mode,
        date=day,
    )
    return _begun(refund, by=by)


@transaction.atomic
def request_overpayment_refund(
    *, payment: Payment, by: User | None, amount: Decimal, reason: str = RefundReason.OTHER, on: date | None = None
) -> Refund:
    """Ask for money on account to be paid back. No invoice, no credit note, no GST."""
    organization = payment.organization
    day = _day(organization, on)
    if amount <= 0:
        raise InvalidDocument("amount", "A refund is above 0.")
    counter = take_numbers(organization, f"refund {financial_year(day)}")
    rows = organization.payments.select_for_update(no_key=True, of=("self",)).select_related("account")
    stored = rows.get(pk=payment.pk)
    waiting = stored.refunds.filter(status=RefundStatus.PROCESSING).aggregate(total=Sum("amount"))["total"] or ZERO
    if amount > stored.unallocated - round2(waiting):
        raise OverAllocated(f"The payment has {plain(stored.unallocated)} on account.")
    refund = Refund(
        organization=organization,
        account=stored.account,
        number=document_number("REF", day, counter),
        payment=stored,
        amount=amount,
        amount_inr=round2(amount * stored.exchange_rate),
        reason=reason,
        mode=RefundMode.CASH,
        date=day,
    )
    return _begun(refund, by=by)


@transaction.atomic
def complete_refund(*, refund: Refund, by: User | None) -> Refund:
    """Give it back: issues the credit note, which first lowers what is owed on its invoice; what is left over is paid
    out, or kept for later invoices. An overpayment goes back as it came."""
    organization = refund.organization
    today = civil_today(organization)
    if refund.payment is not None:
        stored = _processing(refund)
        _pay_back(stored, refund.payment)
    elif refund.invoice is not None:
        supplier, year = refund.invoice.supplier_gstin, financial_year(refund.date)
        counter = take_numbers(organization, f"credit note {supplier} {year}")
        stored = _processing(refund)
        note = _issue_note(stored, counter, by=by)
        _use_note(note, stored, by=by)
        stored.credit_note = note
    stored.status, stored.decided_on, stored.processed_by = RefundStatus.COMPLETED, today, by
    _decided(stored, by=by)
    return stored


@transaction.atomic
def fail_refund(*, refund: Refund, by: User | None, note: str = "") -> Refund:
    """The payout did not go through."""
    return _closed(refund, RefundStatus.FAILED, by=by, note=note)


@transaction.atomic
def reject_refund(*, refund: Refund, by: User | None, note: str = "") -> Refund:
    """It is not owed."""
    return _closed(refund, RefundStatus.REJECTED, by=by, note=note)


# -- the request ------------------------------------------------------------------------------------


def _day(organization: Organization, on: date | None) -> date:
    today = civil_today(organization)
    if on and on > today:
        raise InvalidDocument("date", "A refund is not dated ahead of today.")
    return on or today


def _begun(refund: Refund, *, by: User | None) -> Refund:
    refund._history_user = by
    refund.save()
    _tell(refund, f"Refund {refund.number} requested: {rupees_full(refund.amount_inr)}", by=by)
    return refund


def _processing(refund: Refund) -> Refund:
    rows = refund.organization.refunds.select_for_update(no_key=True, of=("self",))
    stored: Refund = rows.select_related("account", "invoice", "payment").get(pk=refund.pk)
    if stored.status != RefundStatus.PROCESSING:
        raise NothingToDo(f"This refund is {stored.get_status_display().lower()} already.")
    return stored


def _closed(refund: Refund, status: RefundStatus, *, by: User | None, note: str) -> Refund:
    stored = _processing(refund)
    stored.status, stored.decided_on, stored.processed_by = status, civil_today(stored.organization), by
    stored.outcome_note = note.strip()[:255]
    _decided(stored, by=by)
    return stored


def _decided(refund: Refund, *, by: User | None) -> None:
    refund._history_user = by
    refund.save(update_fields=["status", "decided_on", "processed_by", "outcome_note", "credit_note", "updated_at"])
    _tell(refund, f"Refund {refund.number} {refund.get_status_display().lower()}", by=by)


def _pay_back(refund: Refund, payment: Payment) -> None:
    paid = Payment.objects.filter(
        pk=payment.pk,
        reversed_on=None,
        amount__gte=rounded(F("allocated") + F("refunded") + refund.amount),
    ).update(refunded=rounded(F("refunded") + refund.amount), updated_at=timezone.now())
    if not paid:
        raise OverAllocated("The money is no longer on account.")


# -- the credit note --------------------------------------------------------------------------------


def _issue_note(refund: Refund, counter: int, *, by: User | None) -> CreditNote:
    assert refund.invoice is not None  # noqa: S101 -- an overpayment's refund issues none
    invoice = lock_invoices(refund.organization, [refund.invoice.pk])[refund.invoice.pk]
    if not invoice.is_issued or invoice.issue_date is None:
        raise NotIssued
    is_gst = refund.date <= last_day_for_note(invoice.issue_date)
    lines, off = _credited_lines(invoice, refund.amount, is_gst=is_gst)
    amounts = sum_of([each for _, each in lines])
    in_rupees = amounts.at_rate(invoice.exchange_rate)
    section = note_section(invoice.section)
    note = CreditNote(
        organization=refund.organization,
        account=invoice.account,
        invoice=invoice,
        number=document_number("CN", refund.date, counter),
        financial_year=financial_year(refund.date),
        supplier_gstin=invoice.supplier_gstin,
        date=refund.date,
        reason=refund.reason,
        section=section,
        is_gst=is_gst,
        taxable=amounts.taxable,
        cgst=amounts.cgst,
        sgst=amounts.sgst,
        igst=amounts.igst,
        round_off=off,
        total=amounts.total + off,
        taxable_inr=in_rupees.taxable,
        cgst_inr=in_rupees.cgst,
        sgst_inr=in_rupees.sgst,
        igst_inr=in_rupees.igst,
    )
    if is_gst and section == Section.CDNR and ITC_REVERSAL.on(refund.date):
        note.itc_reversal = ItcReversal.PENDING
    if is_gst and invoice.irn_status != IrnStatus.NOT_REQUIRED and invoice.section in IRN_SECTIONS:
        note.irn_status = IrnStatus.PENDING
    note._history_user = by
    note.save()
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            organization=refund.organization,
            credit_note=note,
            invoice_line=line,
            taxable=each.taxable,
            cgst=each.cgst,
            sgst=each.sgst,
            igst=each.igst,
        )
        for line, each in lines
    )
    return note


def _credited_lines(
    invoice: Invoice, amount: Decimal, *, is_gst: bool
) -> tuple[Sequence[tuple[InvoiceLine, Amounts]], Decimal]:
    """A gross amount spread over the lines in proportion to what is left of each, at each line's own taxes; and what
    is left to the rounding of the invoice's total. A commercial note carries no tax."""
    lines = list(invoice.lines.all())
    sums = CreditNoteLine.objects.filter(invoice_line__in=lines).order_by().values_list("invoice_line")
    credited = {
        key: Amounts(taxable=round2(taxable), cgst=round2(cgst), sgst=round2(sgst), igst=round2(igst))
        for key, taxable, cgst, sgst, igst in sums.annotate(Sum("taxable"), Sum("cgst"), Sum("sgst"), Sum("igst"))
    }
    left = [_of_line(line) - credited.get(line.pk, Amounts()) for line in lines]
    before = invoice.credit_notes.aggregate(total=Sum("total"))["total"] or ZERO
    is_last = round2(before) + amount == invoice.total
    of_lines = sum((each.total for each in left), ZERO)
    spread = of_lines if is_last else min(amount, of_lines)
    parts = []
    for line, rest, gross in zip(lines, left, shares(spread, [max(each.total, ZERO) for each in left]), strict=True):
        if gross:
            parts.append((line, _part_of_line(line, rest, gross) if is_gst else Amounts(taxable=gross)))
    return parts, amount - spread


def _of_line(line: InvoiceLine) -> Amounts:
    return Amounts(taxable=line.taxable, cgst=line.cgst, sgst=line.sgst, igst=line.igst)


def _part_of_line(line: InvoiceLine, rest: Amounts, gross: Decimal) -> Amounts:
    """Taxes first, each at its share of the whole line and never more than is left; the value is what remains."""
    if gross == rest.total:
        return rest
    before = line.total - rest.total
    half = next_share(part=line.cgst, whole=line.total, before=before, amount=gross, given=line.cgst - rest.cgst)
    igst = next_share(part=line.igst, whole=line.total, before=before, amount=gross, given=line.igst - rest.igst)
    half, igst = min(max(half, ZERO), rest.cgst), min(max(igst, ZERO), rest.igst)
    return Amounts(taxable=gross - 2 * half - igst, cgst=half, sgst=half, igst=igst)


def _use_note(note: CreditNote, refund: Refund, *, by: User | None) -> None:
    """First against its own invoice, then paid out or kept."""
    invoice = note.invoice
    applied = min(invoice.outstanding, note.total)
    paid_out = note.total - applied if refund.mode == RefundMode.CASH else ZERO
    note.applied, note.paid_out = applied, paid_out
    note._history_user = by
    note.save(update_fields=["applied", "paid_out", "updated_at"])
    if applied:
        settle(note.organization, note, [Entry(invoice_id=invoice.pk, on=note.date, amount=applied)], by=by)


def _tell(refund: Refund, title: str, *, by: User | None) -> None:
    record_activity(Happening(account=refund.account, kind=ActivityKind.INVOICE, title=title, by=by, subject=refund))
