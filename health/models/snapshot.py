"""What was known about an account's health, and since when."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from accounts.enums import Band
from health.querysets import HealthSnapshotQuerySet
from health.scoring import Guarded, guard_words


class HealthSnapshot(models.Model):
    """A score with everything needed to explain it, from its date until the next snapshot's.

    Written only when something differs from the account's latest snapshot, so "as of d" is the newest one
    dated up to d.
    """

    organization = models.ForeignKey(
        "csplatform.Organization",
        on_delete=models.CASCADE,
        related_name="health_snapshots",
        db_constraint=False,
        db_index=False,
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="health_snapshots", db_index=False
    )
    scorecard = models.ForeignKey(
        "health.Scorecard", on_delete=models.CASCADE, related_name="snapshots", db_index=False
    )
    date = models.DateField()
    score = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    """What the scorecard gives; null when too little was reported."""
    effective_score = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    """What is shown and what the band is decided on."""
    coverage = models.FloatField()
    band = models.CharField(max_length=10, choices=Band, blank=True)
    """Of the effective score; empty while that is unknown."""
    points = models.JSONField()
    """Per signal: `signal`, `value`, `points` (unscaled), `max_points` and, where it has one, `target`."""
    guard = models.JSONField(default=dict, db_default={})
    """The guard that changed the score: its `effect`, `score` and `text`, and the `mean` it changed."""
    factors = models.JSONField()
    """The risk factors that matched, in their order: `name`, `severity`, `value`."""
    is_primary = models.BooleanField()
    churn_risk = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    """How likely it is to leave, 0-100; null when not even the health is known."""
    churn_parts = models.JSONField(default=list, db_default=[])
    """Per factor about which something is known: `factor`, `points` (unscaled) of `max_points`, and the `values`
    that gave them."""
    fingerprint = models.BigIntegerField()
    """Of everything above but the date: unequal when something changed."""
    updated_at = models.DateTimeField(auto_now=True)

    objects = HealthSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scorecard", "date"], name="health_snapshot_once_per_scorecard_and_day"
            ),
            models.CheckConstraint(condition=Q(coverage__range=(0, 1)), name="health_snapshot_coverage_in_range"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 100)),
                name="health_snapshot_score_in_range",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "date"], name="health_snapshot_org_date"),
            # What was shown on a day: one look for each account.
            models.Index(fields=["account", "-date"], condition=Q(is_primary=True), name="health_snapshot_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.account} on {self.date}: {self.effective_score}"

    @property
    def mean(self) -> Decimal | None:
        """What the signals gave, before the guards."""
        return Decimal(str(self.guard["mean"])) if self.guard else self.score

    @property
    def guarded(self) -> Guarded | None:
        """What the guard made of it."""
        if not self.guard or self.score is None or self.mean is None:
            return None
        words = guard_words(self.guard["effect"], self.guard["score"], self.guard["text"])
        return Guarded(words=words, change=self.score - self.mean)
