"""A task for a person: the next thing to do about an account."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import FollowUpPriority
from accounts.querysets import FollowUpQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

TYPE_LENGTH = 100


class FollowUp(TimestampedModel):
    """Something that one person has to do about an account by a certain time."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="follow_ups", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="follow_ups")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    task_type = models.CharField(max_length=TYPE_LENGTH)
    """Free words for what kind of task it is: `Renewal QBR`."""
    description = models.TextField(blank=True)
    priority = models.CharField(max_length=10, choices=FollowUpPriority, default=FollowUpPriority.MEDIUM)
    due_at = models.DateTimeField()
    department = models.CharField(max_length=100, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    """Put off to then: until it comes, the task counts as due then."""
    waits_since = models.DateTimeField(null=True, blank=True, editable=False)
    """Since then nobody is asked for it: the playbook run that it is a step of is paused."""
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    engagement = models.ForeignKey(
        "accounts.Engagement", on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    """What it came out of."""
    playbook_run_id = models.UUIDField(null=True, blank=True)
    """The public id of the run that it is a step of."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    """Of the form it was written in: sent twice, it is written once."""

    objects = FollowUpQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["form_token"])
    _history_user: User | None

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(task_type=""), name="follow_up_has_a_type"),
            models.CheckConstraint(
                condition=Q(priority__in=FollowUpPriority.values), name="follow_up_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | Q(snoozed_until__gt=F("due_at")), name="follow_up_snoozed_past_due"
            ),
            models.CheckConstraint(
                condition=Q(waits_since=None) | Q(completed_at=None), name="follow_up_waits_while_open"
            ),
            models.UniqueConstraint(
                fields=["organization", "form_token"],
                condition=Q(form_token__isnull=False),
                name="follow_up_once_per_form",
            ),
        ]
        indexes = [
            models.Index(
                F("organization"),
                Coalesce("snoozed_until", "due_at"),
                condition=Q(completed_at=None),
                name="follow_up_open",
            ),
            models.Index(fields=["organization", "-completed_at"], name="follow_up_done"),
            models.Index(
                fields=["organization", "playbook_run_id"],
                condition=Q(playbook_run_id__isnull=False),
                name="follow_up_of_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_type}: {self.description}" if self.description else self.task_type

    def get_absolute_url(self) -> str:
        return reverse("accounts:follow_up_edit", args=[self.uuid])

    @property
    def falls_due_at(self) -> datetime:
        """When it is due, snoozing counted."""
        return self.snoozed_until or self.due_at

    @property
    def priority_tone(self) -> str:
        return f"prio-{self.priority}"

    @property
    def is_done(self) -> bool:
        return self.completed_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.waits_since is not None
