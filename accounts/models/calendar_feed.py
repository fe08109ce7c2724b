"""A member's secret calendar address."""

from __future__ import annotations

from django.db import models

from csplatform.models.base import TimestampedModel


class CalendarFeed(TimestampedModel):
    """Lets a calendar program read one member's dates without a login; only the hash of its secret is kept."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    membership = models.OneToOneField("csplatform.Membership", on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Calendar of {self.membership}"
