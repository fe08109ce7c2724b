"""Keys with which integrations call the API."""

from __future__ import annotations

import uuid

from django.db import models
from simple_history.models import HistoricalRecords

from csplatform.enums import KeyScope
from csplatform.models.base import TimestampedModel
from csplatform.querysets import ApiKeyQuerySet


class ApiKey(TimestampedModel):
    """Acts as its member, within its scope. The key itself is shown once; only a keyed hash is stored."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="api_keys")
    membership = models.ForeignKey("csplatform.Membership", on_delete=models.CASCADE, related_name="api_keys")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=10, choices=KeyScope, default=KeyScope.READ)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["hash", "last_used_at", "updated_at"])

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def may_write(self) -> bool:
        return self.scope == KeyScope.READ_WRITE
