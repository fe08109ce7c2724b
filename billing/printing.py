"""An invoice on paper: the page that prints, and the same as a PDF where the machine can make one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from num2words import num2words

from billing.models import Invoice
from csplatform.exceptions import DomainError
from csplatform.money import round2

SUBUNIT_NAMES = {"INR": "INR", "USD": "USD", "EUR": "EUR", "GBP": "GBP"}


class NoPdf(DomainError):
    code = "no_pdf"
    status = 503
    message = "PDFs cannot be made on this installation. Open the invoice's page and print it: it says the same."


def invoice_pdf(invoice: Invoice) -> bytes:
    """The printed invoice as a PDF; refused where WeasyPrint or its Pango is not installed."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NoPdf from error
    page = render_to_string("billing/invoice_pdf.html", printed_invoice(invoice))
    document: bytes = HTML(string=page, url_fetcher=_nothing_from_outside).write_pdf()
    return document


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
    raise ValueError(f"An invoice needs nothing from {url}.")
