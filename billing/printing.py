"""Documents on paper: what they say, and the same as a PDF where the machine can make one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from num2words import num2words

from billing.models import CreditNote, Invoice
from billing.selectors.statement import Statement
from csplatform.exceptions import DomainError
from csplatform.money import round2

STYLE = Path(settings.BASE_DIR) / "static" / "css" / "document.css"
"""The same sheet that the page prints with."""
SUBUNIT_NAMES = {"INR": "INR", "USD": "USD", "EUR": "EUR", "GBP": "GBP"}


class NoPdf(DomainError):
    code = "no_pdf"
    status = 503
    message = "PDFs cannot be made on this installation. Print the page instead: it says the same."


def pdf_of(template: str, context: Mapping[str, Any]) -> bytes:
    """A document as a PDF; refused where WeasyPrint or its Pango is not installed."""
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise NoPdf from error
    style = CSS(string=STYLE.read_text(encoding="utf-8"), url_fetcher=_nothing_from_outside)
    page = HTML(string=render_to_string(template, dict(context)), url_fetcher=_nothing_from_outside)
    document: bytes = page.write_pdf(stylesheets=[style])
    return document


def pdf_response(template: str, context: Mapping[str, Any], name: str) -> HttpResponse:
    """The same as an answer that a browser shows."""
    response = HttpResponse(pdf_of(template, context), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def invoice_pdf(invoice: Invoice) -> bytes:
    return pdf_of("billing/invoice_pdf.html", printed_invoice(invoice))


def credit_note_pdf(note: CreditNote) -> bytes:
    return pdf_of("billing/credit_note_pdf.html", printed_credit_note(note))


def printed_credit_note(note: CreditNote) -> dict[str, Any]:
    """Everything that a credit note has to say: its invoice with its day, and what is taken from each line."""
    return {
        "note": note,
        "invoice": note.invoice,
        "lines": list(note.lines.select_related("invoice_line").order_by("invoice_line__position", "pk")),
        "words": in_words(note.total, note.invoice.currency),
    }


def printed_statement(found: Statement) -> dict[str, Any]:
    """A statement with both parties as their profiles name them now."""
    organization, account = found.account.organization, found.account
    supplier = organization.tax_profiles.filter(is_default=True).first()
    customer = organization.customer_tax_profiles.filter(account=account).first()
    return {
        "found": found,
        "supplier": {
            "name": supplier.legal_name if supplier else organization.name,
            "address": supplier.address if supplier else "",
            "gstin": supplier.gstin if supplier else "",
        },
        "customer": {
            "name": (customer.legal_name if customer else "") or account.name,
            "address": customer.address if customer else "",
            "gstin": customer.gstin if customer else "",
        },
    }


def printed_invoice(invoice: Invoice) -> dict[str, Any]:
    """Everything that a tax invoice has to say."""
    return {
        "invoice": invoice,
        "lines": list(invoice.lines.all()),
        "words": in_words(invoice.total, invoice.currency),
        "export_note": export_note(invoice),
    }


def in_words(amount: Decimal, currency: str) -> str:
    """One lakh, eighteen thousand rupees. Two places, or a whole number would be read as paise."""
    two_places = round2(amount)
    try:
        text = str(num2words(two_places, lang="en_IN", to="currency", currency=currency))
    except NotImplementedError:
        text = f"{num2words(two_places, lang='en')} {currency}"
    text = text.removesuffix(", zero paise").removesuffix(", zero cents")
    return f"{text[:1].upper()}{text[1:]} only"


def export_note(invoice: Invoice) -> str:
    """The sentence that the law wants on zero-rated supplies."""
    supplies = {"EXP": "export", "SEZ": "supply to a special economic zone for authorised operations"}
    meant = supplies.get(invoice.section[:3])
    if not meant:
        return ""
    if invoice.is_with_payment:
        return f"Supply meant for {meant} on payment of integrated tax"
    lut = invoice.supplier.get("lut_number", "") if invoice.supplier else ""
    under = f" (LUT {lut})" if lut else ""
    return f"Supply meant for {meant} under LUT without payment of IGST{under}"


def _nothing_from_outside(url: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError(f"A document needs nothing from {url}.")
