"""Credit notes on pages: the list, the document, and what is noted on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django.views.generic import DetailView

from billing.document_filters import CreditNoteFilter
from billing.document_querysets import CreditNoteQuerySet, summed
from billing.enums import ItcReversal
from billing.forms.documents import ApplyCreditForm
from billing.models import CreditNote
from billing.printing import printed_credit_note
from billing.services.credit_note import mark_note_reconciled, record_note_irn, set_itc_reversal
from billing.services.payment import apply_credit
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell
from csplatform.http import AuthenticatedRequest
from csplatform.money import round2
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page

ITC_TONES = {
    ItcReversal.NOT_APPLICABLE: "gray",
    ItcReversal.PENDING: "warning",
    ItcReversal.CONFIRMED: "success",
}


class CreditNoteListView(BillingListView):
    """Credit notes, newest first."""

    template_name = "billing/credit_note_list.html"
    context_object_name = "notes"
    filter_class = CreditNoteFilter
    sorts = {"date": "date", "number": "number", "account": "account__name_key", "taxable": "taxable_inr"}
    default_sort = "-date"
    then_by = ("-number", "-pk")
    export_name = "credit-notes"
    export_header = (
        "Number", "Date", "Account", "Invoice", "Reason", "Section", "GST", "Taxable", "CGST", "SGST", "IGST",
        "Total", "Left over", "Credit reversed", "Reconciled",
    )  # fmt: skip

    def all_rows(self) -> CreditNoteQuerySet:
        notes: CreditNoteQuerySet = self.request.organization.credit_notes.all()
        return notes

    def sums(self, rows: QuerySet[Any]) -> dict[str, Any]:
        tax = F("cgst_inr") + F("sgst_inr") + F("igst_inr")
        found = rows.order_by().aggregate(taxable=summed("taxable_inr"), tax=summed(tax))
        return {"total": {name: round2(value) for name, value in found.items()}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": [(note, ITC_TONES[ItcReversal(note.itc_reversal)]) for note in context["notes"]],
        }

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        for note in rows.iterator(chunk_size=1_000):
            yield [
                note.number,
                note.date,
                note.account.name,
                note.invoice.number,
                note.get_reason_display(),
                note.section,
                note.is_gst,
                note.taxable,
                note.cgst,
                note.sgst,
                note.igst,
                note.total,
                note.left_over,
                note.get_itc_reversal_display(),
                note.reconciled_at,
            ]


class CreditNoteDetailView(OrganizationView, DetailView[CreditNote]):
    """One credit note as it prints, and what became of it."""

    template_name = "billing/credit_note_detail.html"
    context_object_name = "note"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> CreditNoteQuerySet:
        notes: CreditNoteQuerySet = self.request.organization.credit_notes.for_list()
        return notes

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = self.object
        may_write = can(self.request.member, Action.WRITE_BILLING)
        return super().get_context_data(
            **printed_credit_note(note),
            entries=list(note.applications.select_related("invoice", "reversal_of").order_by("date", "pk")),
            refund=self.request.organization.refunds.filter(credit_note=note).select_related("processed_by").first(),
            itc_tone=ITC_TONES[ItcReversal(note.itc_reversal)],
            may_write=may_write,
            apply_form=ApplyCreditForm(note=note) if may_write and note.left_over else None,
            **kwargs,
        )


def _reconcile(note: CreditNote, request: AuthenticatedRequest) -> str:
    mark_note_reconciled(note=note, by=request.user)
    return f"{note} is marked reconciled."


def _itc(note: CreditNote, request: AuthenticatedRequest) -> str:
    set_itc_reversal(note=note, by=request.user, status=request.POST.get("status", ""))
    return "The status of the customer's credit is saved."


def _irn(note: CreditNote, request: AuthenticatedRequest) -> str:
    record_note_irn(note=note, by=request.user, irn=request.POST.get("irn", ""))
    return "The IRN is kept."


def _apply(note: CreditNote, request: AuthenticatedRequest) -> str:
    form = ApplyCreditForm(request.POST, note=note)
    if not form.is_valid():
        raise DomainError("Choose an open invoice of the customer, and an amount above 0.")
    apply_credit(credit_note=note, by=request.user, **form.cleaned_data)
    return f"{form.cleaned_data['invoice']} is settled with it."


ACTIONS: dict[str, Callable[[CreditNote, AuthenticatedRequest], str]] = {
    "reconcile": _reconcile,
    "itc": _itc,
    "irn": _irn,
    "apply": _apply,
}


@require_POST
@page(write=Action.WRITE_BILLING)
def credit_note_action(request: AuthenticatedRequest, uuid: str, key: str) -> HttpResponse:
    """Note something on it, then show it."""
    rows = request.organization.credit_notes.select_related("account", "invoice", "organization")
    note = get_object_or_404(rows, uuid=uuid)
    try:
        told = ACTIONS[key](note, request)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, told)
    return redirect(note)
