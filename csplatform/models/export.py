"""Who took data out, and what."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from csplatform.enums import ExportFormat


class ExportRecord(models.Model):
    """One file of rows that left the organisation. Written before the first byte, so none leaves unseen."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="exports")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    what = models.CharField(max_length=120)
    """The file's name without its day and ending: `accounts`."""
    filename = models.CharField(max_length=255)
    format = models.CharField(max_length=10, choices=ExportFormat)
    filters = models.JSONField(default=dict, blank=True)
    """The query parameters that chose the rows."""
    over_api = models.BooleanField(default=False)
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    """How many were handed over; null while it runs."""
    is_complete = models.BooleanField(default=False)
    """False where the reader hung up, or it failed."""
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-started_at"], name="export_newest")]

    def __str__(self) -> str:
        return self.filename
