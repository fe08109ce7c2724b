"""A playbook being done with one account, step by step, and what came of it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.bands import band
from accounts.enums import Band
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from playbooks.enums import GOING_ON, OwnerRole, RunOrigin, RunOutcome, RunStatus, StepKind, StepStatus
from playbooks.models.playbook import LAST_DAY, TITLE_LENGTH
from playbooks.querysets import PlaybookRunQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

NOTE_LENGTH = 2_000
STATUS_TONES = {
    RunStatus.RUNNING: "info",
    RunStatus.PAUSED: "warning",
    RunStatus.COMPLETED: "success",
    RunStatus.CANCELLED: "gray",
}
OUTCOME_TONES = {
    RunOutcome.SUCCEEDED: "success",
    RunOutcome.PARTLY: "warning",
    RunOutcome.NO_EFFECT: "gray",
    RunOutcome.FAILED: "danger",
    RunOutcome.CUSTOMER_LEFT: "danger",
}


class PlaybookRun(TimestampedModel):
    """A playbook as it was when somebody started it with an account. It keeps its own title and steps, so it outlives
    changes of the playbook and its end. Of one playbook only one run can be going on with an account."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="playbook_runs", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="playbook_runs")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    playbook = models.ForeignKey(
        "playbooks.Playbook", on_delete=models.SET_NULL, null=True, blank=True, related_name="runs", db_index=False
    )
    title = models.CharField(max_length=200)
    risk_factors = models.JSONField(default=list, blank=True)
    """What of the account's trouble the playbook answered when it was started, by name."""
    origin = models.CharField(max_length=10, choices=RunOrigin, default=RunOrigin.HAND)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Who sees it through; where nobody was named, whoever owns the account."""
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Nobody where a rule did."""
    starts_on = models.DateField()
    started_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    paused_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=15, choices=RunOutcome, blank=True)
    """Empty while it goes on, where it was cancelled, and until somebody says what came of it."""
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)

    start_score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    start_mrr = models.DecimalField(max_digits=12, decimal_places=2)
    end_score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    end_mrr = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    objects = PlaybookRunQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    if TYPE_CHECKING:
        steps: RelatedManager[RunStep]

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "playbook"],
                condition=Q(status__in=GOING_ON),
                name="run_one_of_a_playbook_at_a_time",
            ),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_known"),
            models.CheckConstraint(condition=Q(origin__in=RunOrigin.values), name="run_origin_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=RunOutcome.values, status=RunStatus.COMPLETED),
                name="run_outcome_of_a_completed_one",
            ),
            models.CheckConstraint(
                condition=Q(status__in=GOING_ON, finished_at=None, end_mrr=None, end_score=None)
                | (~Q(status__in=GOING_ON) & Q(finished_at__isnull=False, end_mrr__isnull=False)),
                name="run_finished_when_it_is_over",
            ),
            models.CheckConstraint(
                condition=Q(status=RunStatus.PAUSED, paused_at__isnull=False)
                | (~Q(status=RunStatus.PAUSED) & Q(paused_at=None)),
                name="run_paused_since_then",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")), name="run_ends_after_it_starts"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "-started_at"], name="run_status"),
            models.Index(fields=["playbook", "status"], name="run_of_playbook"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playbooks:run_detail", args=[self.uuid])

    @property
    def is_going_on(self) -> bool:
        return self.status in GOING_ON

    @property
    def is_paused(self) -> bool:
        return self.status == RunStatus.PAUSED

    @property
    def is_completed(self) -> bool:
        return self.status == RunStatus.COMPLETED

    @property
    def status_tone(self) -> str:
        return STATUS_TONES[RunStatus(self.status)]

    @property
    def outcome_tone(self) -> str:
        return OUTCOME_TONES[RunOutcome(self.outcome)] if self.outcome else "gray"

    @property
    def start_band(self) -> Band | None:
        return band(self.start_score)

    @property
    def end_band(self) -> Band | None:
        return band(self.end_score)

    @property
    def score_change(self) -> Decimal | None:
        """From the start to the end; None while it goes on, or where a score was unknown."""
        known = self.end_score is not None and self.start_score is not None
        return self.end_score - self.start_score if known else None  # type: ignore[operator]  # both are there

    @property
    def in_charge(self) -> User | None:
        return self.owner or self.account.owner


class RunStep(models.Model):
    """One step of a run; while it is open its follow-up is the task that somebody has."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="run_steps", db_index=False
    )
    run = models.ForeignKey(PlaybookRun, on_delete=models.CASCADE, related_name="steps", db_index=False)
    n = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField()
    day = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=StepKind)
    role = models.CharField(max_length=20, choices=OwnerRole)
    due_on = models.DateField()
    """As planned at the start; an open step is due when its follow-up is."""
    status = models.CharField(max_length=10, choices=StepStatus, default=StepStatus.OPEN)
    follow_up = models.OneToOneField(
        "accounts.FollowUp", on_delete=models.SET_NULL, null=True, blank=True, related_name="run_step"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["run_id", "n"]
        constraints = [
            models.UniqueConstraint(fields=["run", "n"], name="run_step_place_unique"),
            models.CheckConstraint(condition=Q(n__gte=1), name="run_step_place_from_one"),
            models.CheckConstraint(condition=Q(day__range=(1, LAST_DAY)), name="run_step_day_in_range"),
            models.CheckConstraint(condition=Q(status__in=StepStatus.values), name="run_step_status_known"),
            models.CheckConstraint(
                condition=Q(status=StepStatus.OPEN, settled_at=None)
                | (~Q(status=StepStatus.OPEN) & Q(settled_at__isnull=False)),
                name="run_step_settled_when_not_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n}. {self.title}"

    @property
    def is_open(self) -> bool:
        return self.status == StepStatus.OPEN

    @property
    def falls_due_at(self) -> datetime | None:
        """When its follow-up is due, while it is open."""
        return self.follow_up.falls_due_at if self.is_open and self.follow_up else None

    def is_late(self, now: datetime) -> bool:
        due = self.falls_due_at
        return due is not None and due < now and not (self.follow_up and self.follow_up.is_waiting)


def due_day(starts_on: date, day: int) -> date:
    """The date of a day of a run; day 1 is the date it starts on."""
    return date.fromordinal(starts_on.toordinal() + day - 1)
