"""What finance did by hand in the demo: disputes, a recovered debt, a void invoice, drafts on the desk."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

from billing.document_querysets import InvoiceQuerySet
from billing.enums import LineKind, TdsCertificate
from billing.exceptions import CannotVoid
from billing.models import Invoice
from billing.services.invoice import InvoiceFacts, LineFacts, create_draft, set_dispute, void_invoice
from billing.services.payment import Share, record_payment
from billing.services.write_off import reverse_write_off
from csplatform.models import Organization, User
from csplatform.money import ZERO

DISPUTES = (
    "Two virtual machines stood still for a week",
    "The discount that we agreed on is missing",
    "Billed twice",
)
DRAFTS = (Decimal(45_000), Decimal(18_500), Decimal(72_000))
CERTIFIED_AFTER = timedelta(days=100)
"""After that customers have sent their certificates of the tax they withheld."""


def write_aftermath(organization: Organization, *, by: User | None, today: date) -> None:
    """Through the services that people use, so that everything they leave behind is there, too."""
    overdue: InvoiceQuerySet = organization.invoices.overdue(today).filter(settled=0)
    for invoice, reason in zip(overdue.order_by("-due_date", "pk"), DISPUTES, strict=False):
        set_dispute(invoice=invoice, by=by, is_disputed=True, reason=reason)
    _recover(organization, by=by, today=today)
    _void(organization, by=by, today=today)
    _draft(organization, by=by)
    withheld = organization.payments.filter(tds__gt=0, received_on__lt=today - CERTIFIED_AFTER)
    withheld.update(tds_certificate=TdsCertificate.VERIFIED)


def _void(organization: Organization, *, by: User | None, today: date) -> None:
    """The newest invoice that still may be: not registered with the government for a day, nor in a filed return."""
    open_ones = organization.invoices.open().filter(settled=0, is_disputed=False, subscription=None)
    for invoice in open_ones.filter(due_date__gt=today).order_by("-issue_date", "-pk"):
        with suppress(CannotVoid):
            void_invoice(invoice=invoice, by=by, reason="Sent to the wrong company")
            return


def _recover(organization: Organization, *, by: User | None, today: date) -> None:
    """A customer that was given up pays after all."""
    given_up = organization.write_offs.filter(reversed_on=None, invoice__currency="INR")
    for write_off in given_up.select_related("organization").order_by("-date", "pk")[:1]:
        reverse_write_off(write_off=write_off, by=by, on=today)
        invoice = Invoice.objects.select_related("account", "organization").get(pk=write_off.invoice_id)
        record_payment(
            account=invoice.account,
            by=by,
            facts={"amount": write_off.amount, "received_on": today, "reference": "Settlement"},
            allocations=[Share(invoice=invoice, cash=write_off.amount, tds=ZERO)],
        )


def _draft(organization: Organization, *, by: User | None) -> None:
    """Work that is not billed yet: drafts have no number and count nowhere."""
    product = organization.products.order_by("position", "pk").first()
    largest = organization.accounts.open().filter(tax_profile__currency="INR").order_by("-arr", "pk")
    for account, price in zip(largest[: len(DRAFTS)], DRAFTS, strict=False):
        line = LineFacts(
            product=product, description="Migration and set-up", unit_price=price, kind=LineKind.ONE_TIME
        )
        create_draft(organization=organization, by=by, facts=InvoiceFacts(account=account, lines=[line]))
