"""Health's models."""

from __future__ import annotations

from health.models.alert import Alert, AlertPreference, AlertRule
from health.models.churn_weights import ChurnWeights
from health.models.daily_metrics import DailyMetrics
from health.models.lab_run import LabRun
from health.models.override import HealthOverride
from health.models.pulse import Pulse
from health.models.scorecard import Scorecard
from health.models.snapshot import HealthSnapshot

__all__ = [
    "Alert",
    "AlertPreference",
    "AlertRule",
    "ChurnWeights",
    "DailyMetrics",
    "HealthOverride",
    "HealthSnapshot",
    "LabRun",
    "Pulse",
    "Scorecard",
]
