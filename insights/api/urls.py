"""Routes that span the rooms: the success-insights contract, accounts, the day."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401  # registers <account_key:…>
from csplatform.api.browser import redirect_browsers
from insights.api import views
from insights.api.accounts import AccountViewSet
from insights.api.dashboard import AccountDashboardView, AccountManagementContractView
from insights.api.shared_plans import SharedPlanListView, SharedPlanView
from insights.api.today import TodayListView

account_list = redirect_browsers("accounts:account_list")(views.AccountListView.as_view())
account_detail = redirect_browsers("insights:account_overview")(views.AccountDetailView.as_view())
account_insight = views.AccountInsightView.as_view()
portfolio_summary = redirect_browsers("insights:portfolio_summary")(views.PortfolioSummaryView.as_view())

contract_accounts = AccountViewSet.as_view({"get": "list", "post": "create"})
contract_account = AccountViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
contract_restore = AccountViewSet.as_view({"post": "restore"})

urlpatterns = [
    path("account-management-api.php", AccountManagementContractView.as_view(), name="account_management_contract"),
    path("api/dashboards/account-management", AccountDashboardView.as_view(), name="api_account_dashboard"),
    path("api/today", TodayListView.as_view(), name="api_today"),
    path("api/accounts", contract_accounts, name="api_accounts"),
    path("api/accounts/<account_key:key>", contract_account, name="api_account"),
    path("api/accounts/<account_key:key>/restore", contract_restore, name="api_account_restore"),
    path("api/accounts/<account_key:key>/shared-plans", SharedPlanListView.as_view(), name="api_shared_plans"),
    path(
        "api/accounts/<account_key:key>/shared-plans/<uuid:plan_uuid>",
        SharedPlanView.as_view(),
        name="api_shared_plan",
    ),
    path("accounts", account_list, name="api_success_accounts"),
    path("accounts/<account_key:key>", account_detail, name="api_success_account"),
    path("portfolio/summary", portfolio_summary, name="api_portfolio_summary"),
    path("insights/portfolio", views.PortfolioInsightView.as_view(), name="api_portfolio_insight"),
    path("insights/account/<account_key:key>", account_insight, name="api_account_insight"),
]
