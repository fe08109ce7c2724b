"""The billing dashboard: the contract's fifteen blocks, from the figures its JSON is made of."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import TemplateView

from billing.selectors.dashboard.contract import billing_board, contract_body
from billing.selectors.dashboard.view import billing_view
from billing.views import dashboard_charts as charts
from billing.views.alerts import alert_url
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.formatting import date_text
from csplatform.http import AuthenticatedRequest
from csplatform.periods import BillingPeriod
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView

PERIOD_LABELS = {
    BillingPeriod.DAYS_7: "7 days",
    BillingPeriod.DAYS_15: "15 days",
    BillingPeriod.DAYS_30: "30 days",
    BillingPeriod.DAYS_90: "90 days",
}


class BillingDashboardView(OrganizationView, TemplateView):
    """What was invoiced and came in, what is owed and since when, and what to do about it."""

    template_name = "billing/dashboard.html"

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        try:
            context = self.get_context_data(**kwargs)
        except DomainError:
            return redirect(request.path)  # a period or day that is none: begin anew
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, asked = timezone.now(), self.request.GET
        organization = self.request.organization
        as_of = periods.parse_as_of(asked.get("as_of"), today=periods.today(organization, now=now))
        view = billing_view(organization, now=now, period=asked.get("period"), as_of=as_of)
        board = billing_board(view)
        body = contract_body(view, board)
        kept = "" if view.day == view.today else f"&as_of={view.day.isoformat()}"
        return super().get_context_data(
            view=view,
            board=board,
            body=body,
            as_of=now,
            window=f"{date_text(view.window.start)} to {date_text(view.window.end)}",
            efficiency=(
                f"{body['collectionEfficiency']['collectionRate']} of the whole time · "
                f"{body['collectionEfficiency']['avgCollectionPeriod']} from invoice to money"
            ),
            is_empty=not organization.invoices.exists(),
            periods=[
                {"label": label, "url": f"?period={name}{kept}", "is_current": name == view.period.name}
                for name, label in PERIOD_LABELS.items()
            ],
            alerts=[{"alert": alert, "url": alert_url(alert)} for alert in board.alerts.shown],
            may_write=can(self.request.member, Action.WRITE_BILLING),
            overdue=list(zip(board.overdue, body["overdueDetails"], strict=True)),
            refunds=list(zip(board.refunds, body["refundDetails"], strict=True)),
            taxes=list(zip(board.invoices, body["gstDetails"], strict=True)),
            payers=list(zip(board.payers, body["customerHealth"], strict=True)),
            risky=list(zip(board.high_risk, body["highRiskCustomers"], strict=True)),
            overdue_sum=sum(row.outstanding for row in board.overdue),
            sales_chart=charts.sales_chart(board.months),
            sales_finding=charts.sales_finding(board.months),
            ages_chart=charts.ages_chart(board.owed),
            ages_finding=charts.ages_finding(board.owed),
            trend_chart=charts.trend_chart(board.points),
            trend_finding=charts.trend_finding(board.points),
            reasons_chart=charts.reasons_chart(board.revenue),
            reasons_finding=charts.reasons_finding(board.revenue),
            products_chart=charts.products_chart(board.products),
            products_finding=charts.products_finding(board.products),
            **kwargs,
        )
