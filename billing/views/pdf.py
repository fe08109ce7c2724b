"""Documents as PDF, from pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from billing.printing import NoPdf, pdf_response, printed_credit_note, printed_invoice
from csplatform.http import AuthenticatedRequest
from csplatform.views.base import page


def pdf_page(request: HttpRequest, template: str, context: Mapping[str, Any], name: str) -> HttpResponse:
    """The PDF, or a page that says why there is none and what to do instead."""
    try:
        return pdf_response(template, context, name)
    except NoPdf as error:
        return render(request, "503.html", {"message": error.message}, status=error.status)


@require_safe
@page()
def invoice_pdf(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    invoice = get_object_or_404(request.organization.invoices.select_related("account", "organization"), uuid=uuid)
    return pdf_page(request, "billing/invoice_pdf.html", printed_invoice(invoice), invoice.number or "draft")


@require_safe
@page()
def credit_note_pdf(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    note = get_object_or_404(request.organization.credit_notes.select_related("account", "invoice"), uuid=uuid)
    return pdf_page(request, "billing/credit_note_pdf.html", printed_credit_note(note), note.number)
