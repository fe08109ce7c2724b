"""What an organisation has decided about its billing."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from billing.models.document import money
from billing.models.tax_profile import DEFAULT_TERMS_DAYS, LONGEST_TERMS_DAYS
from csplatform.models import User
from csplatform.models.base import TimestampedModel

LARGE_OVERDUE = Decimal("100000.00")


class BillingSettings(TimestampedModel):
    """The terms, thresholds and habits of an organisation's billing; where there is no row, these defaults hold."""

    organization = models.OneToOneField(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="billing_settings"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sends_reminders = models.BooleanField(default=False)
    """Whether due reminders go out by themselves each morning. Off until somebody decides it."""
    terms_days = models.PositiveSmallIntegerField(
        default=DEFAULT_TERMS_DAYS, validators=[MaxValueValidator(LONGEST_TERMS_DAYS)]
    )
    """Of customers whose own terms nobody has written."""
    large_overdue = money(default=LARGE_OVERDUE, validators=[MinValueValidator(1)])
    long_overdue_days = models.PositiveSmallIntegerField(default=60, validators=[MaxValueValidator(3650)])
    deadline_days = models.PositiveSmallIntegerField(default=5, validators=[MaxValueValidator(31)])
    many_refunds = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    high_refund_pct = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(10), validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["organization"]
        verbose_name_plural = "billing settings"
        constraints = [
            models.CheckConstraint(condition=Q(large_overdue__gt=0), name="billing_settings_large_above_zero"),
            models.CheckConstraint(
                condition=Q(high_refund_pct__range=(0, 100)), name="billing_settings_refund_share_in_range"
            ),
            models.CheckConstraint(
                condition=Q(terms_days__lte=LONGEST_TERMS_DAYS), name="billing_settings_terms_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"Billing of {self.organization}"
