"""The billing room's models."""

from __future__ import annotations

from billing.models.mrr_movement import MrrMovement

__all__ = ["MrrMovement"]
