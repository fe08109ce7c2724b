"""What a customer owes, in the order in which money settles it."""

from __future__ import annotations

from collections.abc import Sequence

from billing.document_querysets import InvoiceQuerySet
from billing.models import Invoice, Payment
from billing.services.payment import Share
from billing.tax.allocation import propose

MOST_INVOICES = 200


def open_invoices_of(payment: Payment) -> InvoiceQuerySet:
    """Those in the payment's currency, the oldest due first."""
    invoices: InvoiceQuerySet = payment.organization.invoices.open()
    owed = invoices.filter(account=payment.account_id, currency=payment.currency)
    return owed.order_by("due_date", "issue_date", "number", "pk")


def proposed_shares(payment: Payment, invoices: Sequence[Invoice] | None = None) -> list[Share]:
    """What of the payment would settle each of them; those that get nothing are left out only when none are given."""
    owed = list(open_invoices_of(payment)[:MOST_INVOICES]) if invoices is None else list(invoices)
    found = propose(
        cash=payment.unallocated,
        tds=payment.unallocated_tds,
        outstanding=[invoice.outstanding for invoice in owed],
    )
    shares = [Share(invoice=invoice, cash=each.cash, tds=each.tds) for invoice, each in zip(owed, found, strict=True)]
    return [share for share in shares if invoices is not None or share["cash"] or share["tds"]]
