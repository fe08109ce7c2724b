"""API routes of what finance collects with."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.api import collections

collection_urlpatterns = [
    path(
        "api/accounts/<account_key:key>/statement", collections.StatementView.as_view(), name="api_account_statement"
    ),
    path("api/receivables/ageing", collections.AgeingView.as_view(), name="api_ageing"),
    path("api/promises", collections.PromiseListView.as_view(), name="api_promises"),
    path("api/credit-notes", collections.CreditNoteViewSet.as_view({"get": "list"}), name="api_credit_notes"),
    path(
        "api/credit-notes/<uuid:uuid>",
        collections.CreditNoteViewSet.as_view({"get": "retrieve"}),
        name="api_credit_note",
    ),
    path("api/credit-notes/<uuid:uuid>/pdf", collections.CreditNoteViewSet.as_view({"get": "pdf"})),
    *(
        path(f"api/credit-notes/<uuid:uuid>/{verb}", collections.CreditNoteViewSet.as_view({"post": verb}))
        for verb in ("reconcile", "itc", "irn", "apply")
    ),
    path("api/gst/filings", collections.FilingListView.as_view(), name="api_gst_filings"),
    path("api/gst/filings/undo", collections.UnfileView.as_view(), name="api_gst_unfile"),
]
