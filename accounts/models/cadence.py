"""How often accounts of a segment want to hear from us."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.enums import Segment
from csplatform.models import User
from csplatform.models.base import TimestampedModel

DEFAULT_DAYS = {Segment.ENTERPRISE.value: 21, Segment.MID_MARKET.value: 30, Segment.SMB.value: 60, "": 45}
"""Where an organisation has not said otherwise; the empty segment stands for accounts without one."""


class Cadence(TimestampedModel):
    """The most days that may lie between two engagements with an account of a segment."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="cadences", db_index=False
    )
    segment = models.CharField(max_length=20, choices=Segment, blank=True)
    days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(366)])

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["segment", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "segment"], name="cadence_once_per_segment"),
            models.CheckConstraint(condition=Q(segment__in=["", *Segment.values]), name="cadence_segment_known"),
            models.CheckConstraint(condition=Q(days__range=(1, 366)), name="cadence_within_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.get_segment_display() or 'No segment'}: every {self.days} days"
