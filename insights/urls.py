"""Pages that span the rooms, under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401  # registers <account_key:…>
from insights.views.account import AccountOverviewView, AccountPeekView
from insights.views.dashboard import PortfolioDashboardView
from insights.views.insight import (
    InsightListView,
    account_insight_write,
    insight_detail,
    portfolio_insight_write,
)
from insights.views.merge import account_merge
from insights.views.model_settings import model_settings_page
from insights.views.portfolio import PortfolioSummaryView
from insights.views.renewals import RenewalDeskView, RenewalExportView, renewal_status
from insights.views.success_plan import account_plan, plan_revoke
from insights.views.team import TeamExportView, TeamView, handover, handover_do, handover_pack_page
from insights.views.today import (
    TodayView,
    today_capacity,
    today_complete,
    today_reopen,
    today_snooze,
    today_wake,
)

app_name = "insights"

urlpatterns = [
    path("/portfolio", PortfolioDashboardView.as_view(), name="portfolio"),
    path("", TodayView.as_view(), name="today"),
    path("/today/capacity", today_capacity, name="today_capacity"),
    path("/today/accounts/<account_key:key>/snooze", today_snooze, name="today_snooze"),
    path("/today/accounts/<account_key:key>/wake", today_wake, name="today_wake"),
    path("/today/follow-ups/<uuid:uuid>/complete", today_complete, name="today_complete"),
    path("/today/follow-ups/<uuid:uuid>/reopen", today_reopen, name="today_reopen"),
    path("/renewals", RenewalDeskView.as_view(), name="renewals"),
    path("/renewals/export", RenewalExportView.as_view(), name="renewal_export"),
    path("/renewals/<uuid:uuid>/status", renewal_status, name="renewal_status"),
    path("/team", TeamView.as_view(), name="team"),
    path("/team/export", TeamExportView.as_view(), name="team_export"),
    path("/team/handover", handover, name="handover"),
    path("/team/handover/do", handover_do, name="handover_do"),
    path("/team/handover/pack", handover_pack_page, name="handover_pack"),
    path("/portfolio/summary", PortfolioSummaryView.as_view(), name="portfolio_summary"),
    path("/accounts/merge", account_merge, name="account_merge"),
    path("/accounts/<account_key:key>", AccountOverviewView.as_view(), name="account_overview"),
    path("/accounts/<account_key:key>/peek", AccountPeekView.as_view(), name="account_peek"),
    path("/accounts/<account_key:key>/plan", account_plan, name="account_plan"),
    path("/accounts/<account_key:key>/plan/<uuid:plan_uuid>/revoke", plan_revoke, name="plan_revoke"),
    path("/accounts/<account_key:key>/insight", account_insight_write, name="account_insight_write"),
    path("/settings/language-model", model_settings_page, name="model_settings"),
    path("/insights", InsightListView.as_view(), name="insight_list"),
    path("/insights/portfolio", portfolio_insight_write, name="portfolio_insight_write"),
    path("/insights/<uuid:uuid>", insight_detail, name="insight_detail"),
]
