"""What was promised to a customer, or hoped for with one."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import GoalMetric, GoalPeriod, GoalStatus
from accounts.goal_pace import Pace
from accounts.querysets import GoalQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

STATUS_TONES = {
    GoalStatus.ON_TRACK: "info",
    GoalStatus.AT_RISK: "warning",
    GoalStatus.ACHIEVED: "success",
    GoalStatus.MISSED: "danger",
}


class Goal(TimestampedModel):
    """A number that one account shall reach, perhaps until a day. Its status follows its pace unless a person holds
    it where they want it."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="goals", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="goals")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=255)
    description = models.TextField(max_length=20_000, blank=True)
    metric_type = models.CharField("measures", max_length=50, choices=GoalMetric)
    baseline_value = models.DecimalField("started at", max_digits=12, decimal_places=2, default=Decimal(0))
    """What it was when the goal was set; progress counts from here."""
    current_value = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    target_value = models.DecimalField(max_digits=12, decimal_places=2)
    unit = models.CharField(max_length=50, blank=True)
    measurement_period = models.CharField(max_length=20, choices=GoalPeriod, default=GoalPeriod.MONTHLY)
    status = models.CharField(max_length=20, choices=GoalStatus, default=GoalStatus.ON_TRACK)
    is_pinned = models.BooleanField(default=False)
    """A person has set the status; its pace no longer does."""
    starts_on = models.DateField()
    target_date = models.DateField(null=True, blank=True)
    original_target_date = models.DateField(null=True, blank=True, editable=False)
    """The first one, however often it was moved since."""
    completion_date = models.DateField(null=True, blank=True)
    """Set while it is achieved."""
    measured_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When its value was last read from live data."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = GoalQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for."""
    _change_reason: str

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="goal_has_a_title"),
            models.CheckConstraint(condition=Q(metric_type__in=GoalMetric.values), name="goal_metric_known"),
            models.CheckConstraint(condition=Q(measurement_period__in=GoalPeriod.values), name="goal_period_known"),
            models.CheckConstraint(condition=Q(status__in=GoalStatus.values), name="goal_status_known"),
            models.CheckConstraint(
                condition=Q(target_date=None) | Q(target_date__gte=F("starts_on")), name="goal_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status="achieved", completion_date__isnull=False)
                | (~Q(status="achieved") & Q(completion_date=None)),
                name="goal_completed_when_achieved",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "target_date"], name="goal_status"),
            models.Index(fields=["organization", "metric_type"], name="goal_metric"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("accounts:goal_detail", args=[self.uuid])

    @property
    def pace(self) -> Pace:
        return Pace(
            baseline=self.baseline_value,
            current=self.current_value,
            target=self.target_value,
            starts_on=self.starts_on,
            target_date=self.target_date,
        )

    @property
    def progress_pct(self) -> Decimal:
        """From 0 to 100, for bars and lists."""
        return min(Decimal(100), max(Decimal(0), self.pace.progress * 100))

    @property
    def is_automatic(self) -> bool:
        """Whether its value is read from live data."""
        return self.metric_type != GoalMetric.CUSTOM

    @property
    def is_achieved(self) -> bool:
        return self.status == GoalStatus.ACHIEVED

    @property
    def is_active(self) -> bool:
        return self.status in (GoalStatus.ON_TRACK, GoalStatus.AT_RISK)

    @property
    def was_moved(self) -> bool:
        return self.original_target_date is not None and self.original_target_date != self.target_date

    @property
    def status_tone(self) -> str:
        return STATUS_TONES[GoalStatus(self.status)]

    def days_taken(self) -> int | None:
        """From the start to the day it was achieved."""
        return None if self.completion_date is None else (self.completion_date - self.starts_on).days

    def projected_on(self, today: date) -> date | None:
        return self.pace.projected_on(today) if self.is_active else None


class GoalMilestone(TimestampedModel):
    """A step on the way to a goal."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey("accounts.Goal", on_delete=models.CASCADE, related_name="milestones")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=255)
    due_on = models.DateField(null=True, blank=True)
    target_value = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """Reached by itself when the goal's value gets there; empty for one that a person ticks off."""
    reached_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="milestone_has_a_title")]

    def __str__(self) -> str:
        return self.title

    def is_late(self, today: date) -> bool:
        return self.reached_on is None and self.due_on is not None and self.due_on < today


class GoalReading(models.Model):
    """What a goal's value was on one day; dated, so it is its own history."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    goal = models.ForeignKey("accounts.Goal", on_delete=models.CASCADE, related_name="readings", db_index=False)
    read_on = models.DateField()
    value = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["read_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["goal", "read_on"], name="reading_once_a_day")]
        indexes = [models.Index(fields=["organization", "read_on"], name="reading_by_day")]

    def __str__(self) -> str:
        return f"{self.goal} on {self.read_on}: {self.value}"


class GoalDateChange(models.Model):
    """Why a goal's day was moved; never changed."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey("accounts.Goal", on_delete=models.CASCADE, related_name="date_changes")
    changed_at = models.DateTimeField()
    was = models.DateField(null=True, blank=True)
    becomes = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.goal}: {self.was} → {self.becomes}"
