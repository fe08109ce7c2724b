"""Putting an account off: it leaves one member's list for today until something brings it back."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.enums import Band
from accounts.models import Account
from csplatform.formatting import date_text
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from insights.enums import SnoozeUntil
from insights.querysets import AttentionSnoozeQuerySet

LONGEST = timedelta(days=90)
"""Nothing is forgotten: whatever a snooze waits for, the account is back after so many days."""
MOST_RENEWAL_DAYS = 365


class AttentionSnooze(TimestampedModel):
    """One member does not want to see one account for a while. Others still see it; its follow-ups stay due."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="attention_snoozes", db_index=False
    )
    membership = models.ForeignKey(
        "csplatform.Membership", on_delete=models.CASCADE, related_name="attention_snoozes"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="attention_snoozes")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=SnoozeUntil)
    until = models.DateField()
    """The day it is back at the latest."""
    renewal_days = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of the kind `renewal`: back once the term ends within so many days."""
    band = models.CharField(max_length=20, choices=Band, blank=True)
    """The account's health band when it was put off; empty where that was unknown."""
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was taken back, or replaced by another one."""

    objects = AttentionSnoozeQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SnoozeUntil.values), name="snooze_kind_known"),
            models.CheckConstraint(condition=Q(band__in=["", *Band.values]), name="snooze_band_known"),
            models.CheckConstraint(
                condition=Q(kind=SnoozeUntil.RENEWAL, renewal_days__range=(1, MOST_RENEWAL_DAYS))
                | (~Q(kind=SnoozeUntil.RENEWAL) & Q(renewal_days=None)),
                name="snooze_days_when_until_renewal",
            ),
            models.UniqueConstraint(
                fields=["membership", "account"], condition=Q(ended_at=None), name="snooze_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "membership"], condition=Q(ended_at=None), name="snooze_going"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.words}"

    @property
    def words(self) -> str:
        """What it waits for: `until its renewal is within 30 days`."""
        match SnoozeUntil(self.kind):
            case SnoozeUntil.DATE:
                return f"until {date_text(self.until)}"
            case SnoozeUntil.RENEWAL:
                return f"until its renewal is within {self.renewal_days} days"
            case SnoozeUntil.BAND:
                return f"until its health leaves {self.band}" if self.band else "until its health is known"
            case _:
                return "until something new happens"

    def is_over(self, *, today: date, renews_on: date | None, band: str, has_news: bool) -> bool:
        """Whether what it waits for has come. News are lines of the timeline by others, and a changed band."""
        if today >= self.until:
            return True
        match SnoozeUntil(self.kind):
            case SnoozeUntil.RENEWAL:
                within = timedelta(days=self.renewal_days or 0)
                return renews_on is not None and renews_on - today <= within
            case SnoozeUntil.BAND:
                return band != self.band
            case SnoozeUntil.NEWS:
                return has_news or band != self.band
            case _:
                return False
