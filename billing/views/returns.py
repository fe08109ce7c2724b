"""Refunds and GST on pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from billing.document_filters import RefundFilter
from billing.document_querysets import RefundQuerySet
from billing.selectors.gstr1 import AMOUNTS, Gstr1, gstr1, period_named
from billing.services.refund import complete_refund, fail_refund, reject_refund
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.periods import PeriodError, add_months, month_start, parse_date, today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView

MONTHS_OFFERED = 6
OUTCOMES: dict[str, Any] = {"complete": complete_refund, "fail": fail_refund, "reject": reject_refund}
GST_HEADER = [
    "Section", "Document", "Number", "Date", "Customer", "GSTIN", "Place of supply", "Taxable", "CGST", "SGST",
    "IGST", "Not ready because",
]  # fmt: skip


class RefundListView(OrganizationView, PagedListView):
    """What customers asked back, newest first."""

    template_name = "billing/refund_list.html"
    context_object_name = "refunds"

    def get_queryset(self) -> RefundQuerySet:
        refunds = self.request.organization.refunds.all()
        self.filter = RefundFilter(self.request.GET, queryset=refunds, member=self.request.member)
        found: RefundQuerySet = self.filter.qs.order_by("-date", "-number").for_list()
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            filter=self.filter,
            has_refunds=self.request.organization.refunds.exists(),
            may_write=can(self.request.member, Action.WRITE_BILLING),
            **kwargs,
        )


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
