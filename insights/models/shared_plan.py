"""A success plan that a customer may read: one account, behind a secret address, until a day."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from csplatform.models import User


class SharedPlan(models.Model):
    """An address that opens one account's plan without a login. Of the secret in it only a keyed hash is stored."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="shared_plans")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="shared_plans")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened = models.PositiveIntegerField(default=0, editable=False)
    """How often it was looked at."""
    last_opened_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = HistoricalRecords(excluded_fields=["token_hash", "opened", "last_opened_at"])
    _history_user: User | None

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="shared_plan_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="shared_plan_of_account")]

    def __str__(self) -> str:
        return f"Plan of {self.account}"

    def is_open(self, now: datetime) -> bool:
        """Whether its address still works."""
        return self.revoked_at is None and now < self.expires_at
