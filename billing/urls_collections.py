"""Addresses of what finance collects with: payments, statements, promises, ageing; under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.views import credit_notes, filings, payments, pdf, receivables
from billing.views.statement import StatementView

collection_urlpatterns = [
    path("/billing/payments", payments.PaymentListView.as_view(), name="payment_list"),
    path("/billing/payments/new", payments.payment_create, name="payment_create"),
    path("/billing/payments/<uuid:uuid>", payments.PaymentDetailView.as_view(), name="payment_detail"),
    path("/billing/payments/<uuid:uuid>/allocate", payments.payment_allocate, name="payment_allocate"),
    path("/billing/payments/<uuid:uuid>/certificate", payments.payment_certificate, name="payment_certificate"),
    path("/billing/ageing", receivables.AgeingView.as_view(), name="ageing"),
    path("/billing/promises", receivables.PromiseListView.as_view(), name="promise_list"),
    path("/billing/payers", receivables.PayersView.as_view(), name="payers"),
    path("/billing/high-risk", receivables.HighRiskView.as_view(), name="high_risk"),
    path("/accounts/<account_key:key>/billing/statement", StatementView.as_view(), name="statement"),
    path("/billing/invoices/<uuid:uuid>/pdf", pdf.invoice_pdf, name="invoice_pdf"),
    path("/billing/credit-notes", credit_notes.CreditNoteListView.as_view(), name="credit_note_list"),
    path("/billing/credit-notes/<uuid:uuid>", credit_notes.CreditNoteDetailView.as_view(), name="credit_note_detail"),
    path("/billing/credit-notes/<uuid:uuid>/pdf", pdf.credit_note_pdf, name="credit_note_pdf"),
    *(
        path(
            f"/billing/credit-notes/<uuid:uuid>/{key}",
            credit_notes.credit_note_action,
            {"key": key},
            name=f"credit_note_{key}",
        )
        for key in credit_notes.ACTIONS
    ),
    path("/billing/gst/file", filings.return_file, name="return_file"),
    path("/billing/gst/unfile", filings.return_unfile, name="return_unfile"),
]
