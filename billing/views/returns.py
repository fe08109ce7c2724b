"""Refunds and GST on pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from billing.document_filters import RefundFilter
from billing.document_querysets import RefundQuerySet, summed
from billing.enums import RefundStatus
from billing.forms.filing import FileForm, UnfileForm
from billing.selectors.gstr1 import AMOUNTS, Gstr1, gstr1, period_named
from billing.services.refund import complete_refund, fail_refund, reject_refund
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.money import round2
from csplatform.periods import PeriodError, add_months, month_start, parse_date, today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page

MONTHS_OFFERED = 6
OUTCOMES: dict[str, Any] = {"complete": complete_refund, "fail": fail_refund, "reject": reject_refund}
GST_HEADER = [
    "Section", "Document", "Number", "Date", "Customer", "GSTIN", "Place of supply", "Taxable", "CGST", "SGST",
    "IGST", "Not ready because",
]  # fmt: skip


class RefundListView(BillingListView):
    """What customers asked back, newest first."""

    template_name = "billing/refund_list.html"
    context_object_name = "refunds"
    filter_class = RefundFilter
    sorts = {"date": "date", "account": "account__name_key", "amount": "amount_inr"}
    default_sort = "-date"
    then_by = ("-number", "-pk")
    export_name = "refunds"
    export_header = (
        "Refund", "Date", "Account", "Invoice", "Reason", "Amount ₹", "Mode", "Status", "Decided", "By",
        "Credit note", "Note",
    )  # fmt: skip

    def all_rows(self) -> RefundQuerySet:
        refunds: RefundQuerySet = self.request.organization.refunds.all()
        return refunds

    def sums(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """All the filtered rows, and of them those that count: neither failed nor rejected."""
        counted = Q(status__in=[RefundStatus.PROCESSING, RefundStatus.COMPLETED])
        found = rows.order_by().aggregate(amount=summed("amount_inr"), counted=summed("amount_inr", filter=counted))
        return {"total": {name: round2(value) for name, value in found.items()}}

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        for refund in rows.iterator(chunk_size=1_000):
            yield [
                refund.number,
                refund.date,
                refund.account.name,
                refund.invoice.number if refund.invoice else "",
                refund.get_reason_display(),
                refund.amount_inr,
                refund.get_mode_display(),
                refund.get_status_display(),
                refund.decided_on,
                refund.processed_by.display_name if refund.processed_by else "",
                refund.credit_note.number if refund.credit_note else "",
                refund.outcome_note,
            ]


@require_POST
@page(write=Action.WRITE_BILLING)
def refund_outcome(request: AuthenticatedRequest, uuid: str, outcome: str) -> HttpResponse:
    """Complete, fail or reject a request."""
    refund = get_object_or_404(
        request.organization.refunds.select_related("invoice", "payment", "organization"), uuid=uuid
    )
    try:
        done = OUTCOMES[outcome](refund=refund, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{done.number} is {done.get_status_display().lower()}.")
    return redirect("billing:refund_list")


class GstView(OrganizationView, TemplateView):
    """What a month's return lists, and what is not ready to be filed."""

    template_name = "billing/gst.html"

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        organization = request.organization
        day = today(organization)
        try:
            text = request.GET.get("period", "")
            month = parse_date(f"{text}-01", parameter="period") if text else day
        except PeriodError:
            return redirect(request.path)
        found = gstr1(organization, period_named(organization, month))
        if request.GET.get("format") == "csv":
            name = f"gstr1-{found.period.name}.csv"
            return csv_response(organization, name, GST_HEADER, lambda: _rows(found))
        months = [add_months(month_start(day), -back) for back in range(MONTHS_OFFERED)]
        context = self.get_context_data(
            found=found,
            sections=[
                (section, sums, [row for row in found.rows if row.section == section])
                for section, sums in found.by_section.items()
            ],
            periods=[
                {
                    "label": f"{each:%b %Y}",
                    "url": f"?period={each:%Y-%m}",
                    "is_current": each in found.period.window,
                }
                for each in reversed(months)
            ],
            profile=organization.tax_profiles.filter(is_default=True).first(),
            is_over=found.period.window.end < day,
            filings=list(organization.return_filings.filter(period=found.period.name).select_related("written_by")),
            file_form=FileForm(initial={"period": found.period.name, "filed_on": day}),
            unfile_form=UnfileForm(initial={"period": found.period.name}),
            may_write=can(request.member, Action.WRITE_BILLING),
            **kwargs,
        )
        return self.render_to_response(context)


def _rows(found: Gstr1) -> Iterator[list[Cell]]:
    """The rows, then one sum line per tax."""
    for row in found.rows:
        yield [
            row.section.value,
            row.document,
            row.number,
            row.date,
            row.customer,
            row.gstin,
            row.place_of_supply,
            row.taxable,
            row.cgst,
            row.sgst,
            row.igst,
            " ".join(row.flaws),
        ]
    for at, name in enumerate(AMOUNTS):
        sums: list[Cell] = [""] * len(AMOUNTS)
        sums[at] = found.sums[name]
        yield ["Sum", name, "", "", "", "", "", *sums, ""]
