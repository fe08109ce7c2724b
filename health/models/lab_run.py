"""What the lab found when it was asked: kept as it was, for nothing of it changes afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse


class LabRun(models.Model):
    """One look at how a scorecard would have told who leaves, and at what a draft would change."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="lab_runs")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="lab_run")
    scorecard = models.ForeignKey("health.Scorecard", on_delete=models.CASCADE, related_name="+")
    draft = models.ForeignKey("health.Scorecard", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(null=True)
    """As `health.services.lab` writes it; null until the job has ended well."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="lab_run_newest")]

    def __str__(self) -> str:
        return f"The lab on {self.scorecard}"

    def get_absolute_url(self) -> str:
        return reverse("health:lab_run", args=[self.uuid])
