"""How invoices are found."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from billing.models import Invoice
from csplatform.models import Membership
from csplatform.search import Hit, Searcher, register_searcher


def find_invoices(member: Membership, text: str, limit: int) -> list[Hit]:
    """By the beginning of the number, the newest first; a draft has none and is not found."""
    invoices: QuerySet[Invoice] = member.organization.invoices.filter(number__istartswith=text).exclude(number="")
    return [
        Hit(
            title=invoice.number,
            url=_address(invoice),
            detail=f"{invoice.account.name} · {invoice.issue_date:%d %b %Y}" if invoice.issue_date else "",
            id=str(invoice.uuid),
        )
        for invoice in invoices.select_related("account").order_by("-issue_date", "-pk")[:limit]
    ]


def _address(invoice: Invoice) -> str:
    """Its own page, else the account's bills, else the account."""
    for name, argument in (
        ("billing:invoice_detail", invoice.uuid),
        ("billing:account_billing", invoice.account.number),
    ):
        try:
            return reverse(name, args=[argument])
        except NoReverseMatch:
            continue
    return invoice.account.get_absolute_url()


def register_searchers() -> None:
    """Called once, when the room is ready."""
    register_searcher(
        Searcher(kind="invoices", label="Invoices", icon="file-invoice", find=find_invoices, position=30)
    )
