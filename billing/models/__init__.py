"""The billing room's models."""

from __future__ import annotations

from billing.models.mrr_movement import MrrMovement
from billing.models.renewal import Renewal
from billing.models.subscription import Subscription, SubscriptionItem, SubscriptionPause

__all__ = ["MrrMovement", "Renewal", "Subscription", "SubscriptionItem", "SubscriptionPause"]
