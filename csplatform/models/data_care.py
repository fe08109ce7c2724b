"""Care for people's data: taking it all along, forgetting a person, leaving, and how long things are kept."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from csplatform.models.base import TimestampedModel

LONGEST_KEPT = 3_650


class OrganizationExport(models.Model):
    """All of an organisation's rows as one archive; the file goes when it expires, the record stays."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="full_exports")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="full_export")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    upload = models.ForeignKey("csplatform.Upload", on_delete=models.SET_NULL, null=True, related_name="+")
    tables = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Everything of {self.organization}"


class Erasure(models.Model):
    """That somebody's data was forgotten: when, by whom and where, and nothing of the data itself."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="erasures")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    what = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    """How many rows were changed, by table."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.what} {self.subject_id}"


class DeletionRequest(models.Model):
    """An organisation that wants to leave; its rows are deleted when the day comes, unless somebody calls it off."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="deletion_requests"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(cancelled_at=None), name="deletion_request_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization}, due {self.due_at:%Y-%m-%d}"


def _days(default: int | None, help_text: str) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(
        default=default,
        null=True,
        blank=True,
        validators=[MinValueValidator(7), MaxValueValidator(LONGEST_KEPT)],
        help_text=help_text,
    )


class RetentionPolicy(TimestampedModel):
    """How many days an organisation keeps what piles up; nothing means for good."""

    organization = models.OneToOneField(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="retention_policy"
    )
    jobs_days = _days(90, "Background work that has ended. Imports and bulk changes stay.")
    exports_days = _days(730, "The log of exports.")
    notifications_days = _days(180, "Notifications, read or not.")
    churned_activity_days = _days(None, "The timeline of churned accounts, counted from the day they left.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Retention of {self.organization}"
