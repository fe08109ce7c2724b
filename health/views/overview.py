"""The health page: how the portfolio is spread, who moved, who is at risk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from accounts.enums import AccountSize
from accounts.filters import CUSTOMERS, NOBODY
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
from health.selectors.comparison import BY, gap_counts, health_by, owner_names
from health.selectors.portfolio import MOVED_DAYS, at_risk_accounts, health_distribution, health_movers
from health.selectors.portfolio_trend import health_by_week
from health.selectors.recompute import latest_recompute
from health.selectors.score_ledger import score_ledgers
from health.services.recompute import recompute_organization
from health.views.charts import (
    average_chart,
    average_finding,
    band_url,
    distribution_chart,
    distribution_finding,
    distribution_legend,
)

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
        levels = health_by_week(organization, today=today)
        return super().get_context_data(
            filter=self.filter,
            distribution=distribution,
            expected_at_risk=f"{rupees_kpi(expected_arr_at_risk(organization.accounts.all()))} by churn risk",
            chart=distribution_chart(distribution),
            chart_finding=distribution_finding(distribution),
            legend=distribution_legend(distribution),
            unknown_url=band_url(None),
            trend_chart=average_chart(levels),
            trend_finding=average_finding(levels),
            **_movers(organization, today=today),
            **_comparison(organization, self.request.GET.get("by", "")),
            gaps=[(each, _gap_url(each.gap.key)) for each in gap_counts(organization, today=today)],
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


def _comparison(organization: Organization, wanted: str) -> dict[str, Any]:
    """Health by what the address names; each group with its name and its rows in the account list."""
    by = wanted if wanted in BY else next(iter(BY))
    groups = health_by(organization.accounts.all(), by)
    names = owner_names(organization, groups) if by == "owner" else dict(AccountSize.choices)
    return {
        "by": by,
        "ways": BY.items(),
        "groups": [
            {
                "group": group,
                "name": names.get(group.key, group.key) or ("Nobody" if by == "owner" else "Not set"),
                "url": _group_url(by, group.key),
            }
            for group in groups
        ],
    }


def _group_url(by: str, key: str) -> str:
    """The open accounts of a group; for a fact that is not set there is no such list, but for owners."""
    if not key and by != "owner":
        return _gap_url("no_segment") if by == "segment" else ""
    return f"{reverse('accounts:account_list')}?{urlencode({'status': CUSTOMERS, by: key or NOBODY})}"


def _gap_url(key: str) -> str:
    return f"{reverse('accounts:account_list')}?{urlencode({'gap': key})}"


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
