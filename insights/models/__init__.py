"""The insights room's tables."""

from __future__ import annotations

from insights.models.insight import Insight
from insights.models.snooze import AttentionSnooze

__all__ = ["AttentionSnooze", "Insight"]
