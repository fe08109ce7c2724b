"""The health page: how the portfolio is spread, who moved, who is at risk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from csplatform import periods
from csplatform.enums import JobStatus
from csplatform.formatting import rupees_kpi
from csplatform.http import AuthenticatedRequest
from csplatform.models import Organization
from csplatform.permissions import Action
from csplatform.tenancy import own_transactions
from csplatform.views.base import OrganizationView
from csplatform.views.paging import PagedListView
from health.filters import AtRiskFilter
from health.selectors.arr_at_risk import expected_arr_at_risk
from health.selectors.portfolio import MOVED_DAYS, at_risk_accounts, health_distribution, health_movers
from health.selectors.recompute import latest_recompute
from health.selectors.score_ledger import score_ledgers
from health.services.recompute import recompute_organization
from health.views.charts import band_url, distribution_chart, distribution_finding, distribution_legend

MOVERS_SHOWN = 5


class HealthOverviewView(OrganizationView, PagedListView):
    """Answers who changed and why, and where the ARR at risk is."""

    template_name = "health/overview.html"
    context_object_name = "accounts"

    def get_queryset(self) -> Any:
        organization = self.request.organization
        accounts = at_risk_accounts(organization.accounts.all(), today=periods.today(organization))
        self.filter = AtRiskFilter(self.request.GET, queryset=accounts, request=self.request)
        return self.filter.qs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        distribution = health_distribution(organization.accounts.all())
        today = periods.today(organization)
        return super().get_context_data(
            filter=self.filter,
            distribution=distribution,
            expected_at_risk=f"{rupees_kpi(expected_arr_at_risk(organization.accounts.all()))} by churn risk",
            chart=distribution_chart(distribution),
            chart_finding=distribution_finding(distribution),
            legend=distribution_legend(distribution),
            unknown_url=band_url(None),
            **_movers(organization, today=today),
            job=latest_recompute(organization),
            **kwargs,
        )


def _movers(organization: Organization, *, today: date) -> dict[str, Any]:
    """Who fell and who rose most, each with why, in a few words."""
    movers = health_movers(organization.accounts.all(), today=today, most=MOVERS_SHOWN)
    fallers, risers = list(movers.fallers), list(movers.risers)
    accounts = organization.accounts.filter(pk__in=[account.pk for account in (*fallers, *risers)])
    ledgers = score_ledgers(organization, accounts, since=today - timedelta(days=MOVED_DAYS), until=today)
    return {
        "fallers": [(account, ledgers[account.pk].reason) for account in fallers],
        "risers": [(account, ledgers[account.pk].reason) for account in risers],
    }


@own_transactions
class RecomputeHealthView(OrganizationView, View):
    """The button: scores at once where that is quick, else leaves the page with a job's progress."""

    write_permission = Action.RECOMPUTE_HEALTH

    def post(self, request: AuthenticatedRequest) -> HttpResponse:
        job = recompute_organization(organization=request.organization, by=request.user)
        if job.result:
            messages.success(request, job.result["message"])
        elif job.status == JobStatus.FAILED:
            messages.error(request, job.error)
        return HttpResponseRedirect(reverse("health:overview"))
