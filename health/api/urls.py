"""Health's API routes."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from health.api import ingest, metrics, views
from health.api.alerts import AlertViewSet
from health.api.churn_weights import ChurnWeightsView
from health.api.lab import LabListView, LabProposeView, LabRunView
from health.api.pulse import PulseView
from health.api.scorecards import ScorecardViewSet

urlpatterns = [
    path("ingest/csv", ingest.IngestCsvView.as_view(), name="ingest_csv"),
    path("health/recompute", views.RecomputeHealthView.as_view(), name="recompute_health"),
    path("api/accounts/<account_key:key>/health", views.AccountHealthView.as_view(), name="account_health"),
    path(
        "api/accounts/<account_key:key>/health/explain",
        views.AccountExplainView.as_view(),
        name="account_health_explain",
    ),
    path(
        "api/accounts/<account_key:key>/health/override", metrics.HealthOverrideView.as_view(), name="health_override"
    ),
    path("api/accounts/<account_key:key>/pulse", PulseView.as_view(), name="account_pulse"),
    path("api/health/lab", LabListView.as_view(), name="api_lab_runs"),
    path("api/health/lab/<uuid:uuid>", LabRunView.as_view(), name="api_lab_run"),
    path("api/health/lab/<uuid:uuid>/propose", LabProposeView.as_view(), name="api_lab_propose"),
    path("api/alerts", AlertViewSet.as_view({"get": "list"}), name="api_alerts"),
    path("api/alerts/<uuid:uuid>", AlertViewSet.as_view({"get": "retrieve"}), name="api_alert"),
    *(
        path(f"api/alerts/<uuid:uuid>/{verb}", AlertViewSet.as_view({"post": verb}))
        for verb in ("acknowledge", "snooze", "resolve")
    ),
    path("api/churn-weights", ChurnWeightsView.as_view(), name="api_churn_weights"),
    path("api/scorecards", ScorecardViewSet.as_view({"get": "list", "post": "create"}), name="api_scorecards"),
    path(
        "api/scorecards/<uuid:uuid>",
        ScorecardViewSet.as_view({"get": "retrieve", "patch": "update", "delete": "destroy"}),
        name="api_scorecard",
    ),
    *(
        path(f"api/scorecards/<uuid:uuid>/{verb}", ScorecardViewSet.as_view({"post": verb}))
        for verb in ("publish", "primary", "beside", "retire")
    ),
    path("api/v1/health", metrics.HealthMetricListView.as_view(), name="health_metrics"),
]
