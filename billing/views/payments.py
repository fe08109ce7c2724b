"""Payments on pages: the list, money without an invoice, and what it settles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView

from billing.document_filters import PaymentFilter
from billing.document_querysets import PaymentQuerySet, summed
from billing.forms.payments import AllocationForm, CertificateForm, NewPaymentForm
from billing.models import Payment
from billing.selectors.open_invoices import MOST_INVOICES, open_invoices_of
from billing.services.payment import allocate_payment, record_payment, set_tds_certificate
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.money import round2
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page


class PaymentListView(BillingListView):
    """Money that came in, newest first."""

    template_name = "billing/payment_list.html"
    context_object_name = "payments"
    filter_class = PaymentFilter
    sorts = {
        "received": "received_on",
        "account": "account__name_key",
        "amount": "amount_inr",
        "advance": "advance_inr",
    }
    default_sort = "-received"
    export_name = "payments"
    export_header = (
        "Received", "Account", "Method", "Reference", "Currency", "Amount", "TDS", "TDS certificate", "Allocated",
        "On account", "Reversed", "Reason", "Invoices",
    )  # fmt: skip

    def all_rows(self) -> PaymentQuerySet:
        payments: PaymentQuerySet = self.request.organization.payments.all()
        return payments.with_rupees()

    def sums(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """In rupees at each receipt's rate, without what was reversed."""
        found = (
            rows.order_by()
            .filter(reversed_on=None)
            .aggregate(amount=summed("amount_inr"), tds=summed("tds_inr"), advance=summed("advance_inr"))
        )
        return {"total": {name: round2(value) for name, value in found.items()}}

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        for each in rows.iterator(chunk_size=1_000):
            numbers = dict.fromkeys(entry.invoice.number for entry in each.allocations.all())
            yield [
                each.received_on,
                each.account.name,
                each.get_method_display(),
                each.reference,
                each.currency,
                each.amount,
                each.tds,
                each.get_tds_certificate_display() if each.tds else "",
                each.allocated + each.allocated_tds,
                each.unallocated,
                each.reversed_on,
                each.reverse_reason,
                " ".join(numbers),
            ]


class PaymentDetailView(OrganizationView, DetailView[Payment]):
    """One payment and what it settled."""

    template_name = "billing/payment_detail.html"
    context_object_name = "payment"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> PaymentQuerySet:
        payments: PaymentQuerySet = self.request.organization.payments.for_list()
        return payments

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payment = self.object
        return super().get_context_data(
            entries=list(payment.allocations.select_related("invoice", "reversal_of").order_by("date", "pk")),
            refunds=list(payment.refunds.select_related("processed_by")),
            certificate=CertificateForm(initial={"status": payment.tds_certificate or "claimed"}),
            may_write=can(self.request.member, Action.WRITE_BILLING),
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def payment_create(request: AuthenticatedRequest) -> HttpResponse:
    """Record money; where the customer owes something, say next what it settles."""
    account = request.organization.accounts.with_key(request.GET.get("account", "")).first()
    form = NewPaymentForm(posted(request), organization=request.organization, account=account)
    if form.is_valid():
        try:
            payment = record_payment(account=form.cleaned_data["account"], by=request.user, facts=form.facts())
        except DomainError as error:
            add_refusal(form, error)
        else:
            if open_invoices_of(payment).exists():
                messages.success(request, "The payment is recorded. Now say what it settles, or leave it on account.")
                return redirect("billing:payment_allocate", payment.uuid)
            messages.success(
                request, "The payment is recorded. Nothing is owed, so it stays on the customer's account."
            )
            return redirect(payment)
    return render(request, "billing/payment_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def payment_allocate(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Settle open invoices with what is on account: the oldest first is proposed."""
    payment = get_object_or_404(request.organization.payments.select_related("account", "organization"), uuid=uuid)
    if not payment.unallocated and not payment.unallocated_tds:
        messages.info(request, "Nothing of this payment is left to allocate.")
        return redirect(payment)
    form = AllocationForm(posted(request), payment=payment, invoices=list(open_invoices_of(payment)[:MOST_INVOICES]))
    if form.is_valid():
        try:
            allocate_payment(payment=payment, by=request.user, allocations=form.shares())
        except DomainError as error:
            form.add_error(None, explain(error))
        else:
            messages.success(request, "The payment is allocated.")
            return redirect(payment)
    context = {"form": form, "payment": payment}
    return render(request, "billing/payment_allocate.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.WRITE_BILLING)
def payment_certificate(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """The certificate of the tax withheld was claimed, or came and was verified."""
    payment = get_object_or_404(request.organization.payments.select_related("organization"), uuid=uuid)
    form = CertificateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose how far the certificate has come: claimed or verified.")
        return redirect(payment)
    try:
        set_tds_certificate(payment=payment, by=request.user, status=form.cleaned_data["status"])
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "The status of the certificate is saved.")
    return redirect(payment)
