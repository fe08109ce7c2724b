"""What was said about returns: filed, or not filed after all."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from csplatform.models.base import TimestampedModel


class ReturnFiling(TimestampedModel):
    """That somebody marked a period of a registration filed, or took that back and said why. Rows are only added;
    which periods are filed stands on the profile."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="return_filings"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey("billing.TaxProfile", on_delete=models.CASCADE, related_name="filings")
    period = models.CharField(max_length=7)
    """Named by its last month: `2026-10`."""
    is_filed = models.BooleanField()
    filed_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    """The acknowledgement reference number (ARN)."""
    reason = models.CharField(max_length=255, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_filed=True, filed_on__isnull=False) | (Q(is_filed=False) & ~Q(reason="")),
                name="return_filing_says_when_or_why",
            ),
        ]
        indexes = [models.Index(fields=["profile", "period"], name="return_filing_of_period")]

    def __str__(self) -> str:
        return f"GSTR-1 of {self.period}: {'filed' if self.is_filed else 'not filed after all'}"
