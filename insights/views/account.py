"""The overview of one account: the first tab of its pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from accounts.selectors.account_by_key import account_by_key
from csplatform.formatting import moment_text
from csplatform.periods import civil_date
from csplatform.views.base import OrganizationView
from health.views.charts import history_chart, history_finding
from insights.selectors.account_overview import account_overview
from insights.writers.base import Wishes
from insights.writers.rules import RulesWriter


class AccountOverviewView(OrganizationView, TemplateView):
    """How the account stands, why, and what to do next; the words come from the figures beside them."""

    template_name = "insights/account_overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, now = self.request.organization, timezone.now()
        account = account_by_key(organization.accounts.for_list(), kwargs["key"])
        overview = account_overview(organization, account, today=civil_date(now, organization))
        return super().get_context_data(
            account=account,
            overview=overview,
            text=RulesWriter().write_account(overview.facts, Wishes()),
            chart=history_chart(overview.history),
            chart_finding=history_finding(overview.history),
            tags=account.tags.all(),
            as_of=now,
            written=f"Written by rules from the figures on this page, {moment_text(now, organization.zone)}",
            **kwargs,
        )
