"""Work in the background. The row is the truth; the broker is only the doorbell."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from csplatform import formatting
from csplatform.enums import JobStatus
from csplatform.querysets import JobQuerySet

SOON = timedelta(seconds=2)
"""Before that a job has done too little to judge it by."""


class Job(models.Model):
    """One piece of background work, with its lease, its progress and what came of it."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="jobs", null=True, blank=True
    )
    """Null for the few that belong to nobody, such as the mail of a password reset."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    lane = models.CharField(max_length=60, blank=True)
    """Of the jobs in one lane of an organisation at most one runs at a time."""
    period = models.CharField(max_length=40, blank=True)
    """For periodic work: the day or hour it is for, so that it is written once."""
    idempotency_key = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    payload = models.JSONField(default=dict, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    """How far the committed chunks reach; a second run starts here."""
    message = models.CharField(max_length=255, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    """Runs since the last progress."""
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    run_after = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organization", "period"], condition=~Q(period=""), name="job_periodic_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "lane"],
                condition=Q(status=JobStatus.RUNNING) & ~Q(lane=""),
                name="job_one_running_per_lane",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="job_idempotency_key_once",
            ),
        ]
        indexes = [
            models.Index(fields=["run_after"], condition=Q(status=JobStatus.QUEUED), name="job_queued"),
            models.Index(fields=["lease_until"], condition=Q(status=JobStatus.RUNNING), name="job_running"),
            models.Index(fields=["organization", "-created_at"], name="job_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_status_display()})"

    @property
    def is_finished(self) -> bool:
        return self.status not in {JobStatus.QUEUED, JobStatus.RUNNING}

    @property
    def time_left(self) -> str:
        """``about 2 min left``, judged by what it has done since it began; empty while nobody can tell."""
        if self.status != JobStatus.RUNNING or self.started_at is None or not 0 < self.done < self.total:
            return ""
        elapsed = timezone.now() - self.started_at
        return "" if elapsed < SOON else formatting.time_left(elapsed * (self.total - self.done) / self.done)

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None
