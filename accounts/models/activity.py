"""The timeline: everything that happened with an account."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import ActivityKind
from accounts.querysets import ActivityQuerySet


class Activity(models.Model):
    """One line of an account's timeline, written by the service that made it happen and never edited by hand.

    What it speaks of is named by `subject_kind` and `subject_id` (a public id), not by a foreign key: the subject may
    belong to any room. Where the subject changes, its service rewrites
    the line (`revise_activity`)."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="activities")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="activities", db_index=False
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=ActivityKind)
    title = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Nobody where the system did it by itself."""
    is_system = models.BooleanField(default=False)
    """Quieter than what people did; can be hidden."""
    subject_kind = models.CharField(max_length=30, blank=True)
    """The model's name in lower case with underscores, such as `engagement` or `follow_up`."""
    subject_id = models.UUIDField(null=True, blank=True)
    event = models.CharField(max_length=30, blank=True)
    """What befell the subject, once: `logged`, `opened`, `completed` …; empty for what may happen often."""
    details = models.JSONField(default=dict, blank=True)
    """Small facts a page or a contract prints, such as `{"outcome": "positive"}`."""
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ActivityKind.values), name="activity_kind_known"),
            models.UniqueConstraint(
                fields=["organization", "subject_kind", "subject_id", "event"],
                condition=~Q(event=""),
                name="activity_once_per_event",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-occurred_at"], name="activity_newest"),
            models.Index(fields=["account", "-occurred_at"], name="activity_of_account"),
            models.Index(fields=["organization", "kind", "-occurred_at"], name="activity_of_kind"),
        ]

    def __str__(self) -> str:
        return self.title
