"""Do the tax documents and what settled them add up? One sentence for each that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby

from django.db.models import F, QuerySet, Sum

from billing.document_querysets import rounded
from billing.enums import DocumentState
from billing.models import Invoice
from csplatform.models import Organization
from csplatform.money import ZERO, round2

AMOUNTS = ("taxable", "cgst", "sgst", "igst")


def document_problems(organization: Organization) -> Iterator[str]:
    """Everything that is wrong with the organisation's documents."""
    for _, check in DOCUMENT_CHECKS:
        yield from check(organization)


def _lines_not_their_header(organization: Organization) -> Iterator[str]:
    names = (*AMOUNTS, "taxable_inr")
    sums = {
        row[0]: row[1:]
        for row in organization.invoice_lines.order_by()
        .values_list("invoice")
        .annotate(*(Sum(name) for name in names))
        .iterator(chunk_size=5_000)
    }
    headers = organization.invoices.exclude(state=DocumentState.DRAFT).order_by("pk")
    for key, number, *header in headers.values_list("pk", "number", *names).iterator(chunk_size=5_000):
        of_lines = [round2(value or ZERO) for value in sums.get(key, [ZERO] * len(names))]
        if of_lines != header:
            yield f"Invoice {number}: its lines come to {_texts(of_lines)}, its header says {_texts(header)}."


def _settled_not_its_entries(organization: Organization) -> Iterator[str]:
    names = ("amount", "amount_inr", "value_inr")
    entries = organization.allocations.order_by().values_list("invoice")
    sums = {row[0]: row[1:] for row in entries.annotate(*(Sum(name) for name in names)).iterator(chunk_size=5_000)}
    columns = ("settled", "settled_inr", "settled_value_inr")
    for key, number, *stored in organization.invoices.order_by("pk").values_list("pk", "number", *columns):
        entered = [round2(value or ZERO) for value in sums.get(key, [ZERO] * 3)]
        if entered != stored:
            yield f"Invoice {number}: {_texts(stored)} is settled, its entries come to {_texts(entered)}."
    for invoice in _settled_without_a_day(organization):
        yield f"Invoice {invoice.number}: since when it is settled does not agree with what is outstanding."


def _settled_without_a_day(organization: Organization) -> QuerySet[Invoice]:
    issued = organization.invoices.issued()
    return issued.filter(settled__gte=F("total"), settled_on=None) | issued.filter(
        settled__lt=F("total"), settled_on__isnull=False
    )


def _payments_over_allocated(organization: Organization) -> Iterator[str]:
    rows = organization.payments.order_by("pk").annotate(cash=Sum("allocations__cash"), held=Sum("allocations__tds"))
    for payment in rows.iterator(chunk_size=5_000):
        cash, tds = round2(payment.cash or ZERO), round2(payment.held or ZERO)
        of_payment = (ZERO, ZERO) if payment.is_reversed else (payment.allocated, payment.allocated_tds)
        if (cash, tds) != of_payment:
            yield f"Payment {payment.uuid}: {_texts([cash, tds])} is allocated, it says {_texts(list(of_payment))}."
    over = organization.payments.filter(amount__lt=rounded(F("allocated") + F("refunded")))
    for payment in over:
        yield f"Payment {payment.uuid}: more than its amount is allocated."


def _notes_beyond_their_invoice(organization: Organization) -> Iterator[str]:
    notes = organization.credit_notes.order_by().values_list("invoice__number", "invoice__total")
    for number, total, credited in notes.annotate(credited=Sum("total")):
        if round2(credited) > total:
            yield f"Invoice {number}: {round2(credited)} is credited of {total}."
    lines = organization.credit_note_lines.order_by().values_list(
        "invoice_line__invoice__number", *(f"invoice_line__{name}" for name in AMOUNTS), "invoice_line"
    )
    for number, *figures in lines.annotate(*(Sum(name, default=ZERO) for name in AMOUNTS)).filter(
        credit_note__is_gst=True
    ):
        of_line, credited = figures[:4], [round2(value) for value in figures[5:]]
        if any(part > whole for part, whole in zip(credited, of_line, strict=True)):
            yield f"Invoice {number}: {_texts(credited)} is credited of a line of {_texts(of_line)}."
    applied = organization.credit_notes.order_by("pk").annotate(entered=Sum("applications__amount"))
    for note in applied.iterator(chunk_size=5_000):
        if round2(note.entered or ZERO) != note.applied:
            yield f"Credit note {note.number}: {note.applied} is applied, its entries come to {note.entered}."


def _numbers_not_consecutive(organization: Organization) -> Iterator[str]:
    invoices = organization.invoices.exclude(number="").filter(is_imported=False)
    for what, rows in (("invoice", invoices), ("credit note", organization.credit_notes.all())):
        ordered = rows.order_by("supplier_gstin", "financial_year", "number").values_list(
            "supplier_gstin", "financial_year", "number"
        )
        for (gstin, year), series in groupby(ordered, key=lambda row: row[:2]):
            counters = sorted(int(number.rpartition("-")[2]) for _, _, number in series)
            if counters != list(range(1, len(counters) + 1)):
                yield f"The {what} numbers of {gstin} in {year} are not consecutive."


def _texts(values: list[Decimal] | tuple[Decimal, ...]) -> str:
    return " + ".join(str(value) for value in values)


DOCUMENT_CHECKS: tuple[tuple[str, Callable[[Organization], Iterator[str]]], ...] = (
    ("Invoices: lines add up to their header", _lines_not_their_header),
    ("Invoices: what is settled is the sum of its entries", _settled_not_its_entries),
    ("Payments: no more allocated than came in", _payments_over_allocated),
    ("Credit notes: within their invoice, line by line", _notes_beyond_their_invoice),
    ("Numbers: consecutive in each series", _numbers_not_consecutive),
)
