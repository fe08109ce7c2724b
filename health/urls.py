"""Health's pages."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from health.views.account import AccountHealthView, AccountMetricsView, OverrideSetView, override_end
from health.views.overview import HealthOverviewView, RecomputeHealthView

app_name = "health"
urlpatterns = [
    path("/health", HealthOverviewView.as_view(), name="overview"),
    path("/health/recompute", RecomputeHealthView.as_view(), name="recompute"),
    path("/accounts/<account_key:key>/health", AccountHealthView.as_view(), name="account_health"),
    path("/accounts/<account_key:key>/health/metrics", AccountMetricsView.as_view(), name="account_metrics"),
    path("/accounts/<account_key:key>/health/override", OverrideSetView.as_view(), name="override_set"),
    path("/accounts/<account_key:key>/health/override/end", override_end, name="override_end"),
]
