"""What the lab found when it was asked: kept as it was, for nothing of it changes afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from health.enums import LabKind


class LabRun(models.Model):
    """One look at how a scorecard, or what is stored of customers, would have told who leaves."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="lab_runs")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="lab_run")
    kind = models.CharField(max_length=20, choices=LabKind, default=LabKind.SNAPSHOTS)
    scorecard = models.ForeignKey(
        "health.Scorecard", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    """None where customer facts are looked at."""
    draft = models.ForeignKey("health.Scorecard", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(null=True)
    """As `health.services.lab` or `lab_facts` writes it; null until the job has ended well."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="lab_run_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LabKind.values), name="lab_run_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=LabKind.SNAPSHOTS, scorecard__isnull=False)
                | Q(kind=LabKind.FACTS, scorecard=None, draft=None),
                name="lab_run_has_what_it_looks_at",
            ),
        ]

    def __str__(self) -> str:
        return f"The lab on {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("health:lab_run", args=[self.uuid])

    @property
    def is_of_facts(self) -> bool:
        return self.kind == LabKind.FACTS

    @property
    def subject(self) -> str:
        """What was looked at, in a word or two."""
        return str(self.scorecard) if self.scorecard is not None else "Customer facts"
