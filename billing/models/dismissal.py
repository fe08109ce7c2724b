"""Alerts of the billing dashboard that somebody has put aside."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from csplatform.models.base import TimestampedModel


class AlertDismissal(TimestampedModel):
    """That an alert was put aside as it stood. It is shown again once one of its figures rises, or once it is about
    something that began after `holds_until`; undoing is deleting the row."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="alert_dismissals"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120)
    """What the alert is about: its kind, and the customer or period."""
    figures = models.JSONField(default=dict)
    """How it stood: amounts and counts as texts, each the worse the larger."""
    holds_until = models.DateField()
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="alert_dismissal_once"),
        ]

    def __str__(self) -> str:
        return self.key
