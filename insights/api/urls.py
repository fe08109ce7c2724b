"""Routes of the success-insights contract that span the rooms."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401  # registers <account_key:…>
from csplatform.api.browser import redirect_browsers
from insights.api import views

account_list = redirect_browsers("accounts:account_list")(views.AccountListView.as_view())
account_detail = redirect_browsers("insights:account_overview")(views.AccountDetailView.as_view())
account_insight = views.AccountInsightView.as_view()
portfolio_summary = redirect_browsers("insights:portfolio_summary")(views.PortfolioSummaryView.as_view())

urlpatterns = [
    path("accounts", account_list, name="api_success_accounts"),
    path("accounts/<account_key:key>", account_detail, name="api_success_account"),
    path("portfolio/summary", portfolio_summary, name="api_portfolio_summary"),
    path("insights/portfolio", views.PortfolioInsightView.as_view(), name="api_portfolio_insight"),
    path("insights/account/<account_key:key>", account_insight, name="api_account_insight"),
]
