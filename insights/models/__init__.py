"""The insights room's tables."""

from __future__ import annotations

from insights.models.insight import Insight
from insights.models.model_use import ModelCall, ModelSettings
from insights.models.shared_plan import SharedPlan
from insights.models.snooze import AttentionSnooze

__all__ = ["AttentionSnooze", "Insight", "ModelCall", "ModelSettings", "SharedPlan"]
