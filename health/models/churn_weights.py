"""How much each reason to leave weighs in an organisation's churn risk."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from csplatform.models.base import TimestampedModel

NOTE_LENGTH = 200


class ChurnWeights(TimestampedModel):
    """The weights from a moment on, until the next row. Only ever added, so the rows are their own history.

    An organisation without any has the built-in weights.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="churn_weights"
    )
    weights = models.JSONField()
    """Factor key to weight; a factor with a weight of 0 does not count."""
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "churn weights"

    def __str__(self) -> str:
        return ", ".join(f"{key} {weight:g}" for key, weight in self.weights.items())
