"""The one way in which something settles an invoice, and the one way in which that is taken back.

Call with the source (payment, credit note, write-off) locked and raised already; the invoices are locked here, in the
order of their keys, after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max
from django.utils import timezone

from billing.document_querysets import rounded
from billing.enums import EntryKind
from billing.exceptions import NothingToDo, NotIssued, OverAllocated
from billing.models import Allocation, CreditNote, Invoice, Payment, WriteOff
from billing.tax.settlement import first_day_it_fits, next_share
from csplatform.formatting import plain
from csplatform.models import Organization, User
from csplatform.money import ZERO

Source = Payment | CreditNote | WriteOff
KINDS: dict[type[Any], tuple[EntryKind, str]] = {
    Payment: (EntryKind.PAYMENT, "payment"),
    CreditNote: (EntryKind.CREDIT, "credit_note"),
    WriteOff: (EntryKind.WRITE_OFF, "write_off"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to settle an invoice, from which day on."""

    invoice_id: int
    on: date
    amount: Decimal
    cash: Decimal = ZERO
    tds: Decimal = ZERO


def lock_invoices(organization: Organization, keys: Collection[int]) -> dict[int, Invoice]:
    """The invoices as stored now, held until the transaction ends; by key, in the order of keys."""
    rows = organization.invoices.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True, of=("self",))
    return {invoice.pk: invoice for invoice in rows.select_related("account")}


def settle(
    organization: Organization, source: Source, entries: Sequence[Entry], *, by: User | None
) -> list[Allocation]:
    """Enter what settles invoices: never more than is outstanding, each dated as wished or since when it fits."""
    invoices = lock_invoices(organization, {entry.invoice_id for entry in entries})
    kind, column = KINDS[type(source)]
    written = []
    bounced = _entries_where_any_was_reversed(organization, invoices)
    for entry in sorted(entries, key=lambda each: each.invoice_id):
        invoice = invoices[entry.invoice_id]
        if not invoice.is_issued:
            raise NotIssued(f"{invoice}: this invoice is not issued, or it was voided.")
        if entry.amount > invoice.outstanding:
            raise OverAllocated(
                f"{invoice}: {plain(entry.amount)} is more than is outstanding ({plain(invoice.outstanding)})."
            )
        day = max(entry.on, invoice.issue_date or entry.on)
        if invoice.pk in bounced:
            day = first_day_it_fits(bounced[invoice.pk], total=invoice.total, wanted=day, amount=entry.amount)
        amount_inr = next_share(
            part=invoice.total_inr,
            whole=invoice.total,
            before=invoice.settled,
            amount=entry.amount,
            given=invoice.settled_inr,
        )
        value_inr = next_share(
            part=invoice.taxable_inr,
            whole=invoice.total,
            before=invoice.settled,
            amount=entry.amount,
            given=invoice.settled_value_inr,
        )
        allocation = Allocation(
            organization=organization,
            invoice=invoice,
            kind=kind,
            date=day,
            cash=entry.cash,
            tds=entry.tds,
            amount=entry.amount,
            amount_inr=amount_inr,
            value_inr=value_inr,
            created_by=by,
            **{column: source},
        )
        allocation.save(force_insert=True)
        _raise_settled(allocation, invoice)
        written.append(allocation)
    return written


def take_back(
    organization: Organization, entries: Iterable[Allocation], *, on: date, by: User | None
) -> list[Allocation]:
    """Enter the opposite of entries, each on the day it is taken back, so that past days stay as they were."""
    entries = sorted(entries, key=lambda each: (each.invoice_id, each.pk))
    invoices = lock_invoices(organization, {entry.invoice_id for entry in entries})
    written = []
    for entry in entries:
        if Allocation.objects.filter(reversal_of=entry).exists():
            raise NothingToDo
        reversal = Allocation(
            organization=organization,
            invoice=invoices[entry.invoice_id],
            kind=entry.kind,
            payment_id=entry.payment_id,
            credit_note_id=entry.credit_note_id,
            write_off_id=entry.write_off_id,
            date=max(on, entry.date),
            cash=-entry.cash,
            tds=-entry.tds,
            amount=-entry.amount,
            amount_inr=-entry.amount_inr,
            value_inr=-entry.value_inr,
            reversal_of=entry,
            created_by=by,
        )
        reversal.save(force_insert=True)
        _raise_settled(reversal, invoices[entry.invoice_id])
        written.append(reversal)
    return written


def _raise_settled(entry: Allocation, invoice: Invoice) -> None:
    """Add an entry to what is settled of its invoice. The condition catches what a lock has missed."""
    rows = Invoice.objects.filter(pk=invoice.pk)
    changed = rows.filter(settled__lte=rounded(F("total") - entry.amount)).update(
        settled=rounded(F("settled") + entry.amount),
        settled_inr=rounded(F("settled_inr") + entry.amount_inr),
        settled_value_inr=rounded(F("settled_value_inr") + entry.value_inr),
        written_off=rounded(F("written_off") + (entry.amount if entry.kind == EntryKind.WRITE_OFF else ZERO)),
        updated_at=timezone.now(),
    )
    if not changed:
        raise OverAllocated
    invoice.refresh_from_db(fields=["settled", "settled_inr", "settled_value_inr", "written_off", "updated_at"])
    settled_on = None
    if invoice.settled == invoice.total:
        settled_on = invoice.allocations.aggregate(last=Max("date"))["last"]
    rows.update(settled_on=settled_on)
    invoice.settled_on = settled_on


def _entries_where_any_was_reversed(
    organization: Organization, keys: Iterable[int]
) -> dict[int, list[tuple[date, Decimal]]]:
    found: dict[int, list[tuple[date, Decimal]]] = {}
    entries = organization.allocations.filter(invoice__in=list(keys)).values_list("invoice", "date", "amount")
    for key, day, amount in entries:
        found.setdefault(key, []).append((day, amount))
    return {key: each for key, each in found.items() if any(amount < 0 for _, amount in each)}
