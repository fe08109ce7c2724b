"""Invoices on pages: the list with its export, one invoice, its draft, and what finance does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F, Sum
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView, View

from billing.document_filters import InvoiceFilter
from billing.document_querysets import InvoiceQuerySet
from billing.enums import ReminderChannel
from billing.forms import documents as forms
from billing.models import Invoice
from billing.printing import printed_invoice
from billing.services import invoice as services
from billing.services.payment import PaymentFacts, Share, record_payment, reverse_payment
from billing.services.refund import request_refund
from billing.services.reminder import send_reminders, write_collection_note
from billing.services.write_off import reverse_write_off, write_off_invoice
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.money import ZERO, round2
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView

SORTS = {
    "number": "number",
    "account": "account__name_key",
    "issued": "issue_date",
    "due": "due_date",
    "total": "total_inr",
    "outstanding": "outstanding_then",
}
DEFAULT_SORT, OVERDUE_SORT = "-issued", "due"
EXPORT_HEADER = [
    "Number", "Account", "Status", "Date", "Due", "Currency", "Taxable", "CGST", "SGST", "IGST", "Total", "Settled",
    "Outstanding", "Days overdue", "Place of supply", "Section",
]  # fmt: skip


def sorted_invoices(invoices: InvoiceQuerySet, sort: str) -> InvoiceQuerySet:
    """By one column, then by number."""
    column = F(SORTS[sort.removeprefix("-")])
    order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    with_owed = invoices.annotate(outstanding_then=F("total_inr") - F("settled_inr"))
    return with_owed.order_by(order, "-number", "-pk")


class InvoiceListView(OrganizationView, PagedListView):
    """Invoices by filter, a page at a time; htmx gets the list alone."""

    context_object_name = "invoices"
    default_sort = DEFAULT_SORT
    is_overdue_list = False

    def get_queryset(self) -> InvoiceQuerySet:
        organization = self.request.organization
        invoices = organization.invoices.all()
        if self.is_overdue_list:
            invoices = invoices.overdue(today(organization))
        self.filter = InvoiceFilter(self.request.GET, queryset=invoices, member=self.request.member)
        return sorted_invoices(self.filter.qs, self.sort).for_list()

    @property
    def sort(self) -> str:
        wanted = self.request.GET.get("sort", self.default_sort)
        return wanted if wanted.removeprefix("-") in SORTS else self.default_sort

    def get_template_names(self) -> list[str]:
        return ["billing/_invoice_table.html" if self.request.htmx else "billing/invoice_list.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        day = today(self.request.organization)
        sums = self.filter.qs.issued().order_by().aggregate(total=Sum("total_inr"), settled=Sum("settled_inr"))
        total, settled = round2(sums["total"] or ZERO), round2(sums["settled"] or ZERO)
        return context | {
            "filter": self.filter,
            "current_sort": self.sort,
            "rows": [
                (invoice, invoice.days_overdue(day), invoice.overdue_status(day)) for invoice in context["invoices"]
            ],
            "total": total,
            "outstanding": total - settled,
            "has_invoices": bool(context["page_obj"].paginator.count) or self.request.organization.invoices.exists(),
            "is_overdue_list": self.is_overdue_list,
            "list_url": self.request.path,
            "may_write": can(self.request.member, Action.WRITE_BILLING),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class OverdueListView(InvoiceListView):
    """What is owed past its day, most days first."""

    default_sort = OVERDUE_SORT
    is_overdue_list = True


class InvoiceExportView(OrganizationView, View):
    """Exactly the filtered and sorted rows, all pages."""

    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        organization = request.organization
        sort = request.GET.get("sort", DEFAULT_SORT)
        rows = InvoiceFilter(request.GET, queryset=organization.invoices.all(), member=request.member).qs
        if request.GET.get("overdue"):
            rows = rows.overdue(today(organization))
        ordered = sorted_invoices(rows, sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT).for_list()
        name = f"invoices-{today(organization).isoformat()}.csv"
        return csv_response(organization, name, EXPORT_HEADER, lambda: _export_rows(ordered))


def _export_rows(invoices: InvoiceQuerySet) -> Iterator[list[Cell]]:
    day = None
    for invoice in invoices.select_related("organization").iterator(chunk_size=2_000):
        day = day or today(invoice.organization)
        yield [
            invoice.number,
            invoice.account.name,
            invoice.status.label,
            invoice.issue_date,
            invoice.due_date,
            invoice.currency,
            invoice.taxable,
            invoice.cgst,
            invoice.sgst,
            invoice.igst,
            invoice.total,
            invoice.settled,
            invoice.outstanding,
            invoice.days_overdue(day),
            invoice.place_name,
            invoice.section,
        ]


class InvoiceDetailView(OrganizationView, DetailView[Invoice]):
    """One invoice as it prints, and what became of it."""

    template_name = "billing/invoice_detail.html"
    context_object_name = "invoice"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> InvoiceQuerySet:
        invoices: InvoiceQuerySet = self.request.organization.invoices.for_detail().select_related("organization")
        return invoices

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invoice, day = self.object, today(self.request.organization)
        return super().get_context_data(
            **printed_invoice(invoice),
            days_overdue=invoice.days_overdue(day),
            overdue_status=invoice.overdue_status(day),
            entries=list(invoice.allocations.select_related("payment", "credit_note", "reversal_of")),
            refunds=list(invoice.refunds.for_list()),
            write_offs=list(invoice.write_offs.filter(reversed_on=None)),
            reminders=list(invoice.reminders.select_related("sent_by")),
            notes=list(invoice.collection_notes.select_related("written_by")),
            may_write=can(self.request.member, Action.WRITE_BILLING),
            actions=[each for each in ACTIONS.values() if each.fits(invoice)],
            **kwargs,
        )


# -- drafts -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def invoice_create(request: AuthenticatedRequest) -> HttpResponse:
    """Begin an invoice."""
    return _draft_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def invoice_edit(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Change a draft."""
    invoice = _invoice(request, uuid)
    if not invoice.is_draft:
        messages.error(request, "An issued invoice never changes. Refund it, or void it.")
        return redirect(invoice)
    return _draft_page(request, invoice)


def _draft_page(request: AuthenticatedRequest, invoice: Invoice | None) -> HttpResponse:
    organization = request.organization
    initial = {}
    if key := request.GET.get("account", ""):
        account = organization.accounts.with_key(key).first()
        initial = {"account": account.pk if account else None}
    form = forms.InvoiceForm(
        posted(request), organization=organization, invoice=invoice, **({"initial": initial} if initial else {})
    )
    lines = forms.line_formset(posted(request), organization=organization, invoice=invoice)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        facts = form.facts(lines.lines)
        try:
            if invoice is None:
                saved = services.create_draft(organization=organization, by=request.user, facts=facts)
            else:
                saved = services.update_draft(invoice=invoice, by=request.user, facts=facts)
        except DomainError as error:
            add_refusal(form, error)
            if error.errors:
                form.add_error(None, explain(error))
        else:
            messages.success(request, "The draft is saved. Issue it when it is right: then it is final.")
            return redirect(saved)
    return render(
        request,
        "billing/invoice_form.html",
        {"form": form, "lines": lines, "invoice": invoice},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@page(write=Action.WRITE_BILLING)
def invoice_delete(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Throw a draft away."""
    try:
        services.delete_draft(invoice=_invoice(request, uuid), by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("billing:invoice_detail", uuid)
    messages.success(request, "The draft is deleted.")
    return redirect("billing:invoice_list")


# -- what is done to an invoice ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAction:
    """A form on a page of its own, the service behind it, and where it makes sense."""

    key: str
    label: str
    heading: str
    form: type[forms.ActionForm]
    do: Callable[[Invoice, AuthenticatedRequest, dict[str, Any]], str]
    fits: Callable[[Invoice], bool]
    is_main: bool = False


def _issue(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    issued = services.issue_invoice(invoice=invoice, by=request.user, issue_date=data["issue_date"])
    return f"{issued.number} is issued."


def _void(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    services.void_invoice(invoice=invoice, by=request.user, reason=data["reason"])
    return f"{invoice.number} is void."


def _pay(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    tds = data["tds"] or ZERO
    facts = PaymentFacts(
        amount=data["amount"],
        tds=tds,
        received_on=data["received_on"],
        method=data["method"],
        reference=data["reference"],
        currency=invoice.currency,
    )
    if data.get("exchange_rate"):
        facts["exchange_rate"] = data["exchange_rate"]
    # What is more than the invoice stays on the customer's account.
    cash = min(data["amount"], max(invoice.outstanding - tds, ZERO))
    record_payment(
        account=invoice.account,
        by=request.user,
        facts=facts,
        allocations=[Share(invoice=invoice, cash=cash, tds=tds)],
    )
    return "The payment is recorded."


def _refund(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    refund = request_refund(
        invoice=invoice,
        by=request.user,
        amount=data["amount"],
        reason=data["reason"],
        mode=data["mode"],
        on=data["date"],
    )
    return f"{refund.number} is requested. Completing it issues the credit note."


def _write_off(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    write_off_invoice(invoice=invoice, by=request.user, amount=data["amount"], reason=data["reason"], on=data["date"])
    return "The debt is written off."


def _remind(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    letters = send_reminders(
        organization=request.organization, invoices=[invoice], channel=data["channel"], by=request.user
    )
    if data["channel"] == ReminderChannel.EMAIL:
        return f"The reminder is on its way to {letters[0].to}."
    return "The reminder is noted."


def _note(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    write_collection_note(
        invoice=invoice,
        by=request.user,
        kind=data["kind"],
        text=data["text"],
        promised_on=data["promised_on"],
        promised_amount=data["promised_amount"],
    )
    return "It is written down."


def _dispute(invoice: Invoice, request: AuthenticatedRequest, data: dict[str, Any]) -> str:
    services.set_dispute(invoice=invoice, by=request.user, is_disputed=data["is_disputed"], reason=data["reason"])
    return "Saved. Nobody is reminded of a disputed invoice."


def _is_owed(invoice: Invoice) -> bool:
    return invoice.is_issued and invoice.outstanding > 0


ACTIONS = {
    each.key: each
    for each in (
        InvoiceAction(
            key="issue",
            label="Issue",
            heading="Issue the invoice",
            form=forms.IssueForm,
            do=_issue,
            fits=lambda invoice: invoice.is_draft,
            is_main=True,
        ),
        InvoiceAction(
            key="pay",
            label="Record payment",
            heading="Record a payment",
            form=forms.PaymentForm,
            do=_pay,
            fits=_is_owed,
            is_main=True,
        ),
        InvoiceAction(
            key="remind", label="Remind", heading="Send a reminder", form=forms.RemindForm, do=_remind, fits=_is_owed
        ),
        InvoiceAction(
            key="note",
            label="Promise or note",
            heading="Log a promise to pay, or a note",
            form=forms.NoteForm,
            do=_note,
            fits=_is_owed,
        ),
        InvoiceAction(
            key="dispute", label="Dispute", heading="Dispute", form=forms.DisputeForm, do=_dispute, fits=_is_owed
        ),
        InvoiceAction(
            key="refund",
            label="Refund",
            heading="Request a refund",
            form=forms.RefundForm,
            do=_refund,
            fits=lambda invoice: invoice.is_issued,
        ),
        InvoiceAction(
            key="write-off",
            label="Write off",
            heading="Write the debt off",
            form=forms.WriteOffForm,
            do=_write_off,
            fits=_is_owed,
        ),
        InvoiceAction(
            key="void",
            label="Void",
            heading="Void the invoice",
            form=forms.VoidForm,
            do=_void,
            fits=lambda invoice: invoice.is_issued and not invoice.settled,
        ),
    )
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def invoice_action(request: AuthenticatedRequest, uuid: str, key: str) -> HttpResponse:
    """Ask for what an action needs, then do it."""
    invoice, action = _invoice(request, uuid), ACTIONS[key]
    form = action.form(posted(request), invoice=invoice)
    if form.is_valid():
        try:
            told = action.do(invoice, request, form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, told)
            return redirect(invoice)
    context = {"form": form, "invoice": invoice, "action": action}
    return render(request, "billing/invoice_action.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@page(write=Action.WRITE_BILLING)
def invoice_reconcile(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Compared with the books: ready to be filed."""
    invoice = _invoice(request, uuid)
    try:
        services.mark_reconciled(invoice=invoice, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{invoice} is marked reconciled.")
    return redirect(invoice)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def payment_reverse(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """A payment bounced: what it settled is owed again."""
    payment = get_object_or_404(request.organization.payments.select_related("account"), uuid=uuid)
    form = forms.ReverseForm(posted(request), initial={"on": today(request.organization)})
    entry = payment.allocations.select_related("invoice").first()
    back = entry.invoice.get_absolute_url() if entry else payment.account.get_absolute_url()
    if form.is_valid():
        try:
            reverse_payment(payment=payment, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The payment is reversed: what it settled is outstanding again.")
            return redirect(back)
    context = {"form": form, "payment": payment, "back": back}
    return render(request, "billing/payment_reverse.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@page(write=Action.WRITE_BILLING)
def write_off_reverse(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """The debt is owed again."""
    rows = request.organization.write_offs.select_related("invoice", "organization")
    write_off = get_object_or_404(rows, uuid=uuid)
    try:
        reverse_write_off(write_off=write_off, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "The write-off is reversed.")
    return redirect(write_off.invoice)


def _invoice(request: AuthenticatedRequest, uuid: str) -> Invoice:
    return get_object_or_404(request.organization.invoices.select_related("account", "organization"), uuid=uuid)
