"""The health tab of an account: why it has its score, how that came about, and the rows behind it."""

from __future__ import annotations

from typing import Any

from django.utils.http import urlencode
from django.views.generic import DetailView

from accounts.models import Account
from accounts.selectors.account_by_key import account_by_key
from csplatform import periods
from csplatform.views.base import OrganizationView
from health.querysets import DailyMetricsQuerySet
from health.selectors.explanation import health_explanation
from health.selectors.history import health_history, health_weeks
from health.views.charts import history_chart, history_finding, week_bars, weeks_in_words
from health.views.paging import PagedListView

HISTORY_DAYS = {"30": "30 days", "90": "90 days", "365": "12 months"}
DEFAULT_HISTORY = "365"
TAB = "health"


class AccountHealthView(OrganizationView, DetailView):
    """The explanation in full, its history and its last twelve weeks."""

    template_name = "health/account_health.html"
    context_object_name = "account"

    def get_object(self, queryset: object = None) -> Account:
        accounts = self.request.organization.accounts.for_list()
        return account_by_key(accounts, self.kwargs["key"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = periods.today(self.request.organization)
        asked = self.request.GET.get("days", "")
        days = asked if asked in HISTORY_DAYS else DEFAULT_HISTORY
        history = health_history(self.object, today=today, days=int(days))
        weeks = health_weeks(self.object, today=today)
        return super().get_context_data(
            explanation=health_explanation(self.object, today=today),
            chart=history_chart(history),
            chart_finding=history_finding(history),
            chart_period=HISTORY_DAYS[days],
            chart_choices=[
                {"label": label, "url": f"?{urlencode({'days': value})}", "is_current": value == days}
                for value, label in HISTORY_DAYS.items()
            ],
            weeks=week_bars(weeks),
            weeks_in_words=weeks_in_words(weeks),
            account_tab=TAB,
            **kwargs,
        )


class AccountMetricsView(OrganizationView, PagedListView):
    """The daily metrics of an account as they were reported, newest first."""

    template_name = "health/account_metrics.html"
    context_object_name = "rows"
    default_page_size = 50

    def get_queryset(self) -> DailyMetricsQuerySet:
        organization = self.request.organization
        self.account = account_by_key(organization.accounts.for_list(), self.kwargs["key"])
        return self.account.daily_metrics.order_by("-date")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(account=self.account, account_tab=TAB, **kwargs)
