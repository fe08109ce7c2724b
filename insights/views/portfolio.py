"""The portfolio summary: where the annual revenue stands, drawn and written."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from csplatform.formatting import counted, moment_text, percent
from csplatform.periods import civil_date
from csplatform.views.base import OrganizationView
from health.selectors.portfolio_trend import health_by_week
from health.views.charts import average_chart, average_finding
from insights.selectors.portfolio_facts import portfolio_facts
from insights.selectors.portfolio_summary import Group, portfolio_summary
from insights.selectors.portfolio_trends import revenue_by_month
from insights.views import charts
from insights.writers.base import Wishes
from insights.writers.rules import RulesWriter


class PortfolioSummaryView(OrganizationView, TemplateView):
    """Totals, buckets, segments and trends of the open accounts, with the same in words beside them.

    The words are written by rules on the spot: they always fit the numbers, and no page waits for a model.
    """

    template_name = "insights/portfolio_summary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, now = self.request.organization, timezone.now()
        today = civil_date(now, organization)
        summary = portfolio_summary(organization, today=today)
        facts = portfolio_facts(organization, today=today, summary=summary)
        revenue = revenue_by_month(organization, today=today)
        levels = health_by_week(organization, today=today)
        return super().get_context_data(
            summary=summary,
            facts=facts,
            text=RulesWriter().write_portfolio(facts, Wishes()),
            as_of=now,
            written=f"Written by rules from the figures on this page, {moment_text(now, organization.zone)}",
            health_hint=f"over {counted(summary.scored, 'scored account')}",
            risk_hint=_risk_hint(summary.at_risk),
            bucket_chart=charts.arr_by_bucket_chart(summary),
            bucket_finding=charts.arr_by_bucket_finding(summary),
            bucket_legend=charts.arr_by_bucket_legend(summary),
            bucket_rows=charts.bucket_rows(summary),
            segment_rows=charts.segment_rows(summary),
            revenue_chart=charts.revenue_chart(revenue),
            revenue_finding=charts.revenue_finding(revenue),
            health_chart=average_chart(levels),
            health_finding=average_finding(levels),
            **kwargs,
        )


def _risk_hint(at_risk: Group) -> str:
    return f"{counted(at_risk.accounts, 'account')}, {percent(at_risk.arr_share_pct)} of ARR"
