"""How an organisation scores its accounts."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import Segment
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from health.enums import ScorecardKind, ScorecardStatus
from health.querysets import ScorecardQuerySet
from health.scoring import ScorecardRules, rules_from_rows
from health.scoring.guard_checks import guard_problems
from health.scoring.signal_checks import segment_problems, signal_problems

NAME_LENGTH = 80
NOTE_LENGTH = 200


class Scorecard(TimestampedModel):
    """One version of a set of weights and curves. A published one never changes: a new version follows it."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="scorecards")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=20, choices=ScorecardKind, default=ScorecardKind.SIGNALS)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=ScorecardStatus, default=ScorecardStatus.DRAFT)
    signals = models.JSONField()
    """Rows of `health.scoring.signals.SignalRow`, in the order they are shown."""
    guards = models.JSONField(default=list, db_default=[], blank=True)
    """Rows of `health.scoring.guards.GuardRow`, in the order they count."""
    segments = models.JSONField(default=list, db_default=[], blank=True)
    """Whose accounts it gives their health, in the primary one's stead: values of `Segment`."""
    priority = models.PositiveSmallIntegerField(default=1, db_default=1)
    """Which counts where two are for one segment: the lower number does."""
    is_primary = models.BooleanField(default=False)
    """The health of every account whose segment has no scorecard of its own."""
    is_scored_beside = models.BooleanField("scored beside the health score", default=False)
    """While another one is primary: every recompute leaves snapshots by this one too."""
    primary_since = models.DateField(null=True, blank=True, editable=False)
    """The first day its scores are the accounts' health, where another scorecard's were before."""
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    """What is new in this version, and why."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ScorecardQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["key", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key", "version"], name="scorecard_version_once"),
            models.UniqueConstraint(
                fields=["organization", "key", "status"],
                condition=~Q(status=ScorecardStatus.RETIRED),
                name="scorecard_one_live_and_one_draft",
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_primary=True),
                name="scorecard_one_primary_per_organization",
            ),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(status=ScorecardStatus.PUBLISHED),
                name="scorecard_primary_is_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("health:scorecard", args=[self.uuid])

    def clean(self) -> None:
        """Refuse signals and guards that cannot be."""
        problems = {
            "signals": signal_problems(self.kind, self.signals),
            "guards": guard_problems(self.guards),
            "segments": segment_problems(self.segments),
        }
        if found := {name: sentences for name, sentences in problems.items() if sentences}:
            raise ValidationError(found)

    @property
    def rules(self) -> ScorecardRules:
        return rules_from_rows(self.signals, self.guards)

    @property
    def gives_health(self) -> bool:
        """Whether its scores are the health of accounts: of those without another, or of its segments'."""
        return self.is_live and (self.is_primary or bool(self.segments))

    @property
    def segment_names(self) -> list[str]:
        return [each.label for each in Segment if each.value in self.segments]

    @property
    def is_draft(self) -> bool:
        return self.status == ScorecardStatus.DRAFT

    @property
    def is_live(self) -> bool:
        return self.status == ScorecardStatus.PUBLISHED
