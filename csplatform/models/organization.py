"""The tenant: everything in the product belongs to one organisation."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from csplatform.imports.enums import DateOrder
from csplatform.models.base import TimestampedModel
from csplatform.validators import validate_timezone


class Organization(TimestampedModel):
    """A company that uses the product; its customers are `Account`s."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    timezone = models.CharField(max_length=60, default="Asia/Kolkata", validators=[validate_timezone])
    active_users_target = models.PositiveIntegerField(
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="Daily active users that count as full use where an account's seats are not known.",
    )
    stale_after_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="Metrics older than this many days count as stale.",
    )
    import_date_order = models.CharField(
        "dates with slashes in imports",
        max_length=4,
        blank=True,
        choices=[
            (DateOrder.DAY_FIRST.value, DateOrder.DAY_FIRST.label),
            (DateOrder.MONTH_FIRST.value, DateOrder.MONTH_FIRST.label),
        ],
        help_text="How to read 03/04/2026 in a file whose dates fit both orders.",
    )
    has_webhooks = models.BooleanField(default=False, editable=False)
    """Somebody is to be told over HTTP; most organisations have nobody, and then nothing is asked."""
    is_demo = models.BooleanField(default=False, editable=False)
    data_version = models.BigIntegerField(default=0, editable=False)
    """Counts the write scopes that ended well; the ETag of dashboards is made from it."""

    history = HistoricalRecords(excluded_fields=["data_version", "has_webhooks", "updated_at"])

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(active_users_target__gte=1), name="organization_target_at_least_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
