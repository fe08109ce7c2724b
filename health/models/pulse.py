"""What whoever looks after an account thinks of how it stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from csplatform.models import User
from csplatform.models.base import TimestampedModel
from health.enums import PulseRating
from health.querysets import PulseQuerySet

NOTE_LENGTH = 500


class Pulse(TimestampedModel):
    """A rating from 1 to 5, and why. It counts from its day on, less and less, until a newer one does.

    One for each day: a second one of the same day takes its place. Never deleted, so a past score stays explained.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="pulses", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="pulses", db_index=False)
    date = models.DateField()
    rating = models.PositiveSmallIntegerField(choices=PulseRating)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PulseQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "date"], name="pulse_once_per_account_and_day"),
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="pulse_from_1_to_5"),
        ]
        indexes = [models.Index(fields=["organization", "date"], name="pulse_org_date")]

    def __str__(self) -> str:
        return f"{self.account} on {self.date}: {self.rating} of 5"
