"""How an organisation scores its accounts."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from csplatform.models.base import TimestampedModel
from health.enums import ScorecardStatus
from health.querysets import ScorecardQuerySet
from health.scoring import ScorecardRules, rules_from_rows
from health.scoring.guard_checks import guard_problems


class Scorecard(TimestampedModel):
    """One version of a set of weights and curves. A published one never changes: a new version follows it."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="scorecards")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=ScorecardStatus, default=ScorecardStatus.DRAFT)
    signals = models.JSONField()
    """Rows of `health.scoring.signals.SignalRow`, in the order they are shown."""
    guards = models.JSONField(default=list, db_default=[], blank=True)
    """Rows of `health.scoring.guards.GuardRow`, in the order they count."""
    is_primary = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ScorecardQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["key", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key", "version"], name="scorecard_version_once"),
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

    def clean(self) -> None:
        """Refuse guards that cannot be."""
        if problems := guard_problems(self.guards):
            raise ValidationError({"guards": problems})

    @property
    def rules(self) -> ScorecardRules:
        return rules_from_rows(self.signals, self.guards)
