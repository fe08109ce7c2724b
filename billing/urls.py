"""Addresses of the billing room's pages, under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.views.dashboard import BillingDashboardView

app_name = "billing"
urlpatterns = [
    path("/billing", BillingDashboardView.as_view(), name="dashboard"),
]
