"""The insights room's tables."""

from __future__ import annotations

from insights.models.insight import Insight

__all__ = ["Insight"]
