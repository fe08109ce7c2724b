"""Money comes in: recorded, allocated, taken back when it bounces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.models import Account
from accounts.services.activity import Happening, record_activity
from billing.document_querysets import rounded
from billing.enums import PaymentMethod, TdsCertificate
from billing.exceptions import InvalidDocument, NothingToDo, OverAllocated
from billing.models import CreditNote, Invoice, Payment
from billing.services.settlement import Entry, settle, take_back
from csplatform.formatting import plain, rupees_full
from csplatform.models import User
from csplatform.money import ZERO
from csplatform.periods import today as civil_today

ONE = Decimal("1.000000")
HOME_CURRENCY = "INR"


class Share(TypedDict):
    """What of a payment settles one invoice."""

    invoice: Invoice
    cash: Decimal
    tds: Decimal


class PaymentFacts(TypedDict, total=False):
    amount: Decimal
    tds: Decimal
    received_on: date
    method: str
    reference: str
    currency: str
    exchange_rate: Decimal
    provider: str
    provider_reference: str


@transaction.atomic
def record_payment(
    *, account: Account, by: User | None, facts: PaymentFacts, allocations: Sequence[Share] = ()
) -> Payment:
    """Keep what a customer paid, and settle invoices with it. What is left is the customer's advance.

    A gateway's event that was recorded before is found again and changes nothing."""
    organization = account.organization
    if facts.get("provider_reference"):
        known = organization.payments.filter(
            provider=facts.get("provider", ""), provider_reference=facts["provider_reference"]
        ).first()
        if known:
            return known
    today = civil_today(organization)
    received_on = facts.get("received_on") or today
    if received_on > today:
        raise InvalidDocument("received_on", "Money cannot have come ahead of today.")
    tds = facts["tds"] if "tds" in facts else sum((share["tds"] for share in allocations), ZERO)
    amount = facts.get("amount", ZERO)
    if amount < 0 or tds < 0 or not amount + tds:
        raise InvalidDocument("amount", "A payment is above 0.")
    currency = facts.get("currency", HOME_CURRENCY)
    rate = facts.get("exchange_rate", ONE)
    if currency == HOME_CURRENCY and rate != ONE:
        raise InvalidDocument("exchange_rate", "A payment in rupees has the exchange rate 1.")
    if rate <= 0:
        raise InvalidDocument("exchange_rate", "The exchange rate is above 0.")
    payment = Payment(
        organization=organization,
        account=account,
        amount=amount,
        tds=tds,
        currency=currency,
        exchange_rate=rate,
        received_on=received_on,
        method=facts.get("method") or PaymentMethod.BANK,
        reference=facts.get("reference", ""),
        provider=facts.get("provider", ""),
        provider_reference=facts.get("provider_reference", ""),
        tds_certificate=TdsCertificate.CLAIMED if tds else TdsCertificate.NONE,
        recorded_by=by,
    )
    payment._history_user = by
    payment.save()
    _tell(payment, f"Payment received: {_amount_text(payment)}", by=by)
    if allocations:
        _allocate(payment, allocations, on=received_on, by=by)
    payment.refresh_from_db()
    return payment


@transaction.atomic
def allocate_payment(*, payment: Payment, by: User | None, allocations: Sequence[Share]) -> Payment:
    """Settle invoices with money that was on account; it counts from today."""
    stored = _locked(payment)
    if stored.is_reversed:
        raise NothingToDo("This payment was reversed.")
    _allocate(stored, allocations, on=civil_today(payment.organization), by=by)
    stored.refresh_from_db()
    return stored


@transaction.atomic
def reverse_payment(*, payment: Payment, by: User | None, on: date, reason: str) -> Payment:
    """The payment bounced or was charged back on that day: what it settled is outstanding again since then."""
    stored = _locked(payment)
    if stored.is_reversed:
        raise NothingToDo("This payment was reversed already.")
    if not reason.strip():
        raise InvalidDocument("reason", "Say what happened.")
    if on < stored.received_on:
        raise InvalidDocument("on", "It cannot have bounced before it came.")
    if on > civil_today(stored.organization):
        raise InvalidDocument("on", "It cannot have bounced ahead of today.")
    if stored.refunded:
        raise OverAllocated("Part of this payment was paid back already.")
    take_back(stored.organization, stored.allocations.filter(reversal_of=None), on=on, by=by)
    stored.reversed_on, stored.reverse_reason = on, reason.strip()[:255]
    stored._history_user = by
    stored.save(update_fields=["reversed_on", "reverse_reason", "updated_at"])
    _tell(stored, f"Payment of {_amount_text(stored)} reversed: {stored.reverse_reason}", by=by)
    return stored


@transaction.atomic
def apply_credit(
    *, credit_note: CreditNote, invoice: Invoice, amount: Decimal, by: User | None, on: date | None = None
) -> CreditNote:
    """Settle an invoice with what a credit note left over."""
    notes = credit_note.organization.credit_notes.select_for_update(no_key=True)
    stored = notes.get(pk=credit_note.pk)
    if amount <= 0:
        raise InvalidDocument("amount", "A credit is above 0.")
    if invoice.account_id != stored.account_id:
        raise InvalidDocument("invoice_id", "The credit is of another customer.")
    if invoice.currency != stored.invoice.currency:
        raise InvalidDocument("invoice_id", "The credit is in another currency.")
    raised = credit_note.organization.credit_notes.filter(
        pk=stored.pk, total__gte=rounded(F("applied") + F("paid_out") + amount)
    ).update(applied=rounded(F("applied") + amount), updated_at=timezone.now())
    if not raised:
        raise OverAllocated(f"{stored} has {plain(stored.left_over)} left.")
    entry = Entry(invoice_id=invoice.pk, on=on or civil_today(stored.organization), amount=amount)
    settle(stored.organization, stored, [entry], by=by)
    stored.refresh_from_db()
    return stored


@transaction.atomic
def set_tds_certificate(*, payment: Payment, by: User | None, status: str) -> Payment:
    """How far the certificate of the tax that was withheld has come."""
    stored = _locked(payment)
    if not stored.tds:
        raise InvalidDocument("tds_certificate", "Nothing was withheld from this payment.")
    stored.tds_certificate = status
    stored._history_user = by
    stored.save(update_fields=["tds_certificate", "updated_at"])
    return stored


def _locked(payment: Payment) -> Payment:
    rows = payment.organization.payments.select_for_update(no_key=True, of=("self",)).select_related("account")
    stored: Payment = rows.get(pk=payment.pk)
    return stored


def _allocate(payment: Payment, shares: Sequence[Share], *, on: date, by: User | None) -> None:
    """Raise what is allocated of the payment first, then settle: together never more than came in."""
    entries = []
    for share in shares:
        cash, tds, invoice = share["cash"], share["tds"], share["invoice"]
        if cash < 0 or tds < 0 or not cash + tds:
            raise InvalidDocument("allocations", f"{invoice}: an allocation is above 0.")
        if invoice.account_id != payment.account_id:
            raise InvalidDocument("allocations", f"{invoice} is of another customer.")
        if invoice.currency != payment.currency:
            raise InvalidDocument(
                "allocations", f"{invoice} is in {invoice.currency}, the payment {payment.currency}."
            )
        entries.append(Entry(invoice_id=invoice.pk, on=on, amount=cash + tds, cash=cash, tds=tds))
    if not entries:
        raise InvalidDocument("allocations", "Name at least one invoice.")
    if len({entry.invoice_id for entry in entries}) < len(entries):
        raise InvalidDocument("allocations", "Name each invoice once.")
    cash = sum((entry.cash for entry in entries), ZERO)
    tds = sum((entry.tds for entry in entries), ZERO)
    raised = Payment.objects.filter(
        pk=payment.pk,
        reversed_on=None,
        amount__gte=rounded(F("allocated") + F("refunded") + cash),
        tds__gte=rounded(F("allocated_tds") + tds),
    ).update(
        allocated=rounded(F("allocated") + cash),
        allocated_tds=rounded(F("allocated_tds") + tds),
        updated_at=timezone.now(),
    )
    if not raised:
        left, left_tds = plain(payment.unallocated), plain(payment.unallocated_tds)
        raise OverAllocated(f"The payment has {left} and {left_tds} of tax withheld left to allocate.")
    settle(payment.organization, payment, entries, by=by)


def _amount_text(payment: Payment) -> str:
    text = (
        rupees_full(payment.amount) if payment.currency == HOME_CURRENCY else f"{payment.currency} {payment.amount}"
    )
    return f"{text} and {rupees_full(payment.tds)} tax withheld" if payment.tds else text


def _tell(payment: Payment, title: str, *, by: User | None) -> None:
    record_activity(
        Happening(account=payment.account, kind=ActivityKind.PAYMENT, title=title, by=by, subject=payment)
    )
