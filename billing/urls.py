"""Addresses of the billing room's pages, under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.views import revenue, subscription
from billing.views.account import AccountBillingView
from billing.views.dashboard import BillingDashboardView

app_name = "billing"
urlpatterns = [
    path("/billing", BillingDashboardView.as_view(), name="dashboard"),
    path("/revenue", revenue.RevenueView.as_view(), name="revenue"),
    path("/revenue/movements.csv", revenue.MovementExportView.as_view(), name="movement_export"),
    path("/accounts/<account_key:key>/billing", AccountBillingView.as_view(), name="account_billing"),
    path(
        "/accounts/<account_key:key>/billing/subscriptions/new",
        subscription.subscription_start,
        name="subscription_start",
    ),
    path("/billing/subscriptions", subscription.SubscriptionListView.as_view(), name="subscription_list"),
    path("/billing/subscriptions/<uuid:uuid>/change", subscription.subscription_change, name="subscription_change"),
    path("/billing/subscriptions/<uuid:uuid>/cancel", subscription.subscription_cancel, name="subscription_cancel"),
    path("/billing/subscriptions/<uuid:uuid>/pause", subscription.subscription_pause, name="subscription_pause"),
    path("/billing/subscriptions/<uuid:uuid>/resume", subscription.subscription_resume, name="subscription_resume"),
    path("/billing/subscriptions/<uuid:uuid>/renew", subscription.subscription_renew, name="subscription_renew"),
    path("/billing/renewals/<uuid:uuid>", subscription.renewal_edit, name="renewal_edit"),
]
