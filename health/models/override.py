"""A score that a person set by hand."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.bands import band
from accounts.enums import Band
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from health.querysets import HealthOverrideQuerySet

REASON_LENGTH = 500


class HealthOverride(TimestampedModel):
    """Somebody knows better than the scorecard, for a while: this score is shown instead of the computed one.

    It counts on the days from `starts_on` to `expires_on`, both included, and not from `ended_on` on. Where two
    cover a day, the newer one counts. Never deleted: what was shown on a past day stays known.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="health_overrides", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="health_overrides")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    score = models.DecimalField(max_digits=4, decimal_places=1)
    reason = models.CharField(max_length=REASON_LENGTH)
    starts_on = models.DateField()
    expires_on = models.DateField()
    """The last day it counts."""
    ended_on = models.DateField(null=True, blank=True)
    """The first day it no longer counts, where it was taken back or replaced."""
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = HealthOverrideQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="health_override_score_in_range"),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("starts_on")), name="health_override_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="health_override_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["organization", "expires_on"], name="health_override_current"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.score} until {self.expires_on}"

    @property
    def band(self) -> Band | None:
        return band(self.score)
