"""Health's pages."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from health.views.account import AccountHealthView, AccountMetricsView, OverrideSetView, PulseSetView, override_end
from health.views.alerts import (
    AlertListView,
    alert_acknowledge,
    alert_reopen,
    alert_resolve,
    alert_rules,
    alert_snooze,
    alert_times,
)
from health.views.churn_weights import churn_weight_page
from health.views.lab import lab, lab_propose, lab_run
from health.views.overview import HealthOverviewView, RecomputeHealthView
from health.views.scorecard_versions import (
    scorecard,
    scorecard_beside,
    scorecard_discard,
    scorecard_draft,
    scorecard_new,
    scorecard_primary,
    scorecard_publish,
    scorecard_retire,
)
from health.views.scorecards import scorecards

app_name = "health"
urlpatterns = [
    path("/health", HealthOverviewView.as_view(), name="overview"),
    path("/health/recompute", RecomputeHealthView.as_view(), name="recompute"),
    path("/health/churn-weights", churn_weight_page, name="churn_weights"),
    path("/health/lab", lab, name="lab"),
    path("/health/lab/<uuid:uuid>", lab_run, name="lab_run"),
    path("/health/lab/<uuid:uuid>/propose", lab_propose, name="lab_propose"),
    path("/health/scorecards", scorecards, name="scorecards"),
    path("/health/scorecards/new", scorecard_new, name="scorecard_new"),
    path("/health/scorecards/<uuid:uuid>", scorecard, name="scorecard"),
    path("/health/scorecards/<uuid:uuid>/draft", scorecard_draft, name="scorecard_draft"),
    path("/health/scorecards/<uuid:uuid>/publish", scorecard_publish, name="scorecard_publish"),
    path("/health/scorecards/<uuid:uuid>/discard", scorecard_discard, name="scorecard_discard"),
    path("/health/scorecards/<uuid:uuid>/beside", scorecard_beside, name="scorecard_beside"),
    path("/health/scorecards/<uuid:uuid>/retire", scorecard_retire, name="scorecard_retire"),
    path("/health/scorecards/<uuid:uuid>/primary", scorecard_primary, name="scorecard_primary"),
    path("/alerts", AlertListView.as_view(), name="alerts"),
    path("/alerts/rules", alert_rules, name="alert_rules"),
    path("/alerts/times", alert_times, name="alert_times"),
    path("/alerts/<uuid:uuid>/acknowledge", alert_acknowledge, name="alert_acknowledge"),
    path("/alerts/<uuid:uuid>/snooze", alert_snooze, name="alert_snooze"),
    path("/alerts/<uuid:uuid>/resolve", alert_resolve, name="alert_resolve"),
    path("/alerts/<uuid:uuid>/reopen", alert_reopen, name="alert_reopen"),
    path("/accounts/<account_key:key>/health", AccountHealthView.as_view(), name="account_health"),
    path("/accounts/<account_key:key>/health/metrics", AccountMetricsView.as_view(), name="account_metrics"),
    path("/accounts/<account_key:key>/health/pulse", PulseSetView.as_view(), name="pulse_set"),
    path("/accounts/<account_key:key>/health/override", OverrideSetView.as_view(), name="override_set"),
    path("/accounts/<account_key:key>/health/override/end", override_end, name="override_end"),
]
