"""Giving a debt up, and taking that back when the customer pays after all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activity
from billing.exceptions import InvalidDocument, NothingToDo
from billing.models import Invoice, WriteOff
from billing.services.settlement import Entry, settle, take_back
from csplatform.formatting import rupees_full
from csplatform.models import User
from csplatform.periods import today as civil_today


@transaction.atomic
def write_off_invoice(
    *, invoice: Invoice, by: User | None, amount: Decimal, reason: str, on: date | None = None
) -> WriteOff:
    """Give up part of what is outstanding, tax included. GST stays as it was filed."""
    organization = invoice.organization
    today = civil_today(organization)
    day = on or today
    if amount <= 0:
        raise InvalidDocument("amount", "A write-off is above 0.")
    if not reason.strip():
        raise InvalidDocument("reason", "Say why the debt is given up.")
    if day > today:
        raise InvalidDocument("date", "A write-off is not dated ahead of today.")
    if invoice.issue_date and day < invoice.issue_date:
        raise InvalidDocument("date", "A write-off is not dated before its invoice.")
    write_off = WriteOff(
        organization=organization,
        invoice=invoice,
        amount=amount,
        date=day,
        reason=reason.strip()[:255],
        approved_by=by,
    )
    write_off._history_user = by
    write_off.save()
    settle(organization, write_off, [Entry(invoice_id=invoice.pk, on=day, amount=amount)], by=by)
    _tell(write_off, f"{rupees_full(amount)} of invoice {invoice.number} written off: {write_off.reason}", by=by)
    return write_off


@transaction.atomic
def reverse_write_off(*, write_off: WriteOff, by: User | None, on: date | None = None) -> WriteOff:
    """The debt is owed again, from that day; what the customer then pays is allocated like any payment."""
    rows = write_off.organization.write_offs.select_for_update(no_key=True, of=("self",))
    stored = rows.select_related("invoice__account").get(pk=write_off.pk)
    if stored.is_reversed:
        raise NothingToDo("This write-off was reversed already.")
    day = on or civil_today(stored.organization)
    if day < stored.date or day > civil_today(stored.organization):
        raise InvalidDocument("on", "It is reversed between the day of the write-off and today.")
    take_back(stored.organization, stored.entries.filter(reversal_of=None), on=day, by=by)
    stored.reversed_on = day
    stored._history_user = by
    stored.save(update_fields=["reversed_on", "updated_at"])
    _tell(stored, f"Write-off of {rupees_full(stored.amount)} on {stored.invoice.number} reversed", by=by)
    return stored


def _tell(write_off: WriteOff, title: str, *, by: User | None) -> None:
    invoice = write_off.invoice
    record_activity(
        Happening(account=invoice.account, kind=ActivityKind.INVOICE, title=title, by=by, subject=write_off)
    )
