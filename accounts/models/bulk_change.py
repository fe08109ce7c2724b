"""One change to many accounts at once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse


class BulkChange(models.Model):
    """Who changed which accounts together, to what, and what they were before, so that it can be undone."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="bulk_changes")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="bulk_change")
    action = models.CharField(max_length=40)
    value = models.JSONField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    query = models.TextField(blank=True)
    """The filters that chose the accounts; empty where they were picked one by one."""
    account_ids = models.JSONField(default=list)
    """The keys of the accounts it is about, as they were when somebody pressed the button."""
    before = models.JSONField(default=list, blank=True)
    """What they were: pairs of an old value and the keys that had it."""
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    """Were so already."""
    refused = models.PositiveIntegerField(default=0)
    """Not the member's to change."""
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="bulk_change_newest")]

    def __str__(self) -> str:
        return f"{self.action} ({len(self.account_ids)})"

    def get_absolute_url(self) -> str:
        return reverse("accounts:bulk_change", args=[self.uuid])
