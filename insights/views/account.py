"""The overview of one account: the first tab of its pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from accounts.permissions import can_assign_owners
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.account_sheet import account_sheet
from csplatform.formatting import date_text, moment_text, score
from csplatform.periods import civil_date, today
from csplatform.templatetags.shell import slug
from csplatform.views.base import OrganizationView
from health.selectors.history import weeks_of
from health.views.charts import history_chart, history_finding
from insights.selectors.account_overview import account_overview, account_peek
from insights.writers.base import Wishes
from insights.writers.rules import RulesWriter


class AccountOverviewView(OrganizationView, TemplateView):
    """How the account stands, why, and what to do next; the words come from the figures beside them."""

    template_name = "insights/account_overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, now = self.request.organization, timezone.now()
        account = account_by_key(organization.accounts.for_list().select_related("parent"), kwargs["key"])
        fields = list(organization.custom_fields.all())
        overview = account_overview(organization, account, today=civil_date(now, organization), fields=fields)
        return super().get_context_data(
            account=account,
            overview=overview,
            text=RulesWriter().write_account(overview.facts, Wishes()),
            score_move=overview.score_move,
            chart=history_chart(overview.history),
            chart_finding=history_finding(overview.history),
            sheet=account_sheet(
                account, [field for field in fields if not field.is_archived], today=civil_date(now, organization)
            ),
            locked=() if can_assign_owners(self.request.member) else ("owner", "team"),
            weeks=[
                {
                    "label": f"{date_text(week.start)} to {date_text(week.end)}",
                    "value": week.score,
                    "text": f"{score(week.score)}, {week.band.label if week.band else 'unknown'}",
                    "tone": f"band-{slug(week.band) or 'unknown'}",
                }
                for week in weeks_of(overview.history, today=civil_date(now, organization))
            ],
            as_of=now,
            written=f"Written by rules from the figures on this page, {moment_text(now, organization.zone)}",
            **kwargs,
        )


class AccountPeekView(OrganizationView, TemplateView):
    """A quick look at an account from any list: in a drawer by htmx, else as a page."""

    def get_template_names(self) -> list[str]:
        return ["insights/_account_peek.html" if self.request.htmx else "insights/account_peek.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        account = account_by_key(organization.accounts.for_list(), kwargs["key"])
        return super().get_context_data(
            account=account, peek=account_peek(organization, account, today=today(organization)), **kwargs
        )
