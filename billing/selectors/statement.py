"""A customer's account with us: what was charged and what came, day by day, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from accounts.models import Account
from billing.enums import DocumentState, PaymentMethod, RefundStatus
from billing.tax.returns import financial_year_start
from csplatform.formatting import date_text
from csplatform.money import ZERO
from csplatform.periods import PeriodError, Window, parse_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: charged raises what is owed, credited lowers it."""

    day: date
    what: str
    reference: str = ""
    charged: Decimal = ZERO
    credited: Decimal = ZERO
    url: str = ""
    """Of the page of what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    entry: Entry
    balance: Decimal
    """After it; negative is the customer's advance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The entries of a window in one currency, with what was owed before and after."""

    account: Account
    currency: str
    currencies: list[str]
    """In which there is anything at all, the account's statement in one of them."""
    window: Window
    opening: Decimal
    lines: list[StatementLine]
    charged: Decimal
    credited: Decimal
    outstanding: Decimal
    """Of invoices at the close; what is on account is not taken off."""

    @property
    def closing(self) -> Decimal:
        return self.opening + self.charged - self.credited

    @property
    def on_account(self) -> Decimal:
        """Money and credits that settle nothing yet."""
        return self.outstanding - self.closing


def statement(account: Account, window: Window, *, currency: str = "") -> Statement:
    """What happened in the window, in documents' own amounts; nine queries for any number of entries."""
    currencies = _currencies(account)
    currency = currency if currency in currencies else (currencies[0] if currencies else "INR")
    entries = sorted(
        (entry for entry in _entries(account, currency, window.end) if entry.day <= window.end),
        key=lambda entry: (entry.day, -entry.charged, entry.reference),
    )
    opening = sum((each.charged - each.credited for each in entries if each.day < window.start), ZERO)
    lines, balance = [], opening
    for entry in entries:
        if entry.day >= window.start:
            balance += entry.charged - entry.credited
            lines.append(StatementLine(entry=entry, balance=balance))
    return Statement(
        account=account,
        currency=currency,
        currencies=currencies,
        window=window,
        opening=opening,
        lines=lines,
        charged=sum((line.entry.charged for line in lines), ZERO),
        credited=sum((line.entry.credited for line in lines), ZERO),
        outstanding=_outstanding(account, currency, window.end),
    )


def _currencies(account: Account) -> list[str]:
    """Rupees first."""
    used = set(account.invoices.exclude(state=DocumentState.DRAFT).order_by().values_list("currency", flat=True))
    used |= set(account.payments.order_by().values_list("currency", flat=True))
    return sorted(used, key=lambda each: (each != "INR", each))


def _outstanding(account: Account, currency: str, day: date) -> Decimal:
    """Of invoices at the close of the day, from entries dated up to it."""
    standing = account.invoices.standing_on(day).filter(currency=currency).order_by()
    total = sum(standing.values_list("total", flat=True), ZERO)
    entries = account.organization.allocations.filter(invoice__in=standing, date__lte=day)
    return total - sum(entries.values_list("amount", flat=True), ZERO)


def statement_window(start: str, end: str, *, day: date) -> Window:
    """Both days included, as texts; from the financial year's first day until today unless given, never later."""
    until = parse_date(end, parameter="to") if end else day
    if until > day:
        raise PeriodError("to", f"must not be later than today ({day.isoformat()}).")
    since = parse_date(start, parameter="from") if start else financial_year_start(until)
    if since > until:
        raise PeriodError("from", "must not be later than to.")
    return Window(since, until)


def _entries(account: Account, currency: str, until: date) -> Iterator[Entry]:
    yield from _of_invoices(account, currency, until)
    yield from _of_payments(account, currency, until)
    yield from _of_credit_notes(account, currency, until)
    yield from _of_write_offs(account, currency, until)


def _of_invoices(account: Account, currency: str, until: date) -> Iterator[Entry]:
    rows = account.invoices.exclude(state=DocumentState.DRAFT).filter(currency=currency, issue_date__lte=until)
    for number, uuid, day, due, total, voided_on in rows.order_by("pk").values_list(
        "number", "uuid", "issue_date", "due_date", "total", "voided_on"
    ):
        url = reverse("billing:invoice_detail", args=[uuid])
        yield Entry(day=day or until, what=f"Invoice, due {date_text(due)}", reference=number, charged=total, url=url)
        if voided_on:
            yield Entry(day=voided_on, what="Invoice void", reference=number, credited=total, url=url)


def _of_payments(account: Account, currency: str, until: date) -> Iterator[Entry]:
    rows = account.payments.filter(currency=currency, received_on__lte=until).order_by("pk")
    for uuid, day, method, reference, amount, tds, reversed_on in rows.values_list(
        "uuid", "received_on", "method", "reference", "amount", "tds", "reversed_on"
    ):
        url = reverse("billing:payment_detail", args=[uuid])
        how = PaymentMethod(method).label.lower()
        if amount:
            yield Entry(day=day, what=f"Payment by {how}", reference=reference, credited=amount, url=url)
        if tds:
            yield Entry(day=day, what="Tax withheld (TDS)", reference=reference, credited=tds, url=url)
        if reversed_on:
            yield Entry(
                day=reversed_on, what=f"Payment by {how} reversed", reference=reference, charged=amount + tds, url=url
            )
    paid_back = account.refunds.filter(payment__currency=currency, status=RefundStatus.COMPLETED).order_by("pk")
    for number, decided_on, amount in paid_back.values_list("number", "decided_on", "amount"):
        yield Entry(day=decided_on or until, what="Advance paid back", reference=number, charged=amount)


def _of_credit_notes(account: Account, currency: str, until: date) -> Iterator[Entry]:
    rows = account.credit_notes.filter(invoice__currency=currency, date__lte=until).order_by("pk")
    for number, uuid, day, total, invoice in rows.values_list("number", "uuid", "date", "total", "invoice__number"):
        yield Entry(
            day=day,
            what=f"Credit note for {invoice}",
            reference=number,
            credited=total,
            url=reverse("billing:credit_note_detail", args=[uuid]),
        )
    refunds = account.refunds.filter(credit_note__invoice__currency=currency, credit_note__paid_out__gt=0)
    paid_out = refunds.order_by("pk").values_list("number", "decided_on", "credit_note__paid_out")
    for number, decided_on, amount in paid_out:
        yield Entry(day=decided_on or until, what="Refund paid out", reference=number, charged=amount)


def _of_write_offs(account: Account, currency: str, until: date) -> Iterator[Entry]:
    rows = account.organization.write_offs.filter(
        invoice__account=account, invoice__currency=currency, date__lte=until
    ).order_by("pk")
    for day, amount, number, reversed_on in rows.values_list("date", "amount", "invoice__number", "reversed_on"):
        yield Entry(day=day, what="Written off", reference=number, credited=amount)
        if reversed_on:
            yield Entry(day=reversed_on, what="Write-off taken back", reference=number, charged=amount)
