"""What somebody should look at, and the rules by which it is raised."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from csplatform.models import Membership, User
from csplatform.models.base import TimestampedModel
from health.alert_kinds import (
    RULES,
    SAID_BY_PEOPLE,
    SEVERITY_TONES,
    AlertKind,
    AlertOutcome,
    AlertSeverity,
    AlertStatus,
    Rule,
)
from health.querysets import AlertQuerySet

TITLE_LENGTH = 160
NOTE_LENGTH = 500


class AlertRule(TimestampedModel):
    """Where an organisation differs from the usual: another threshold, or no alerts of a kind at all."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="alert_rules", db_index=False
    )
    kind = models.CharField(max_length=20, choices=AlertKind)
    threshold = models.DecimalField(max_digits=6, decimal_places=2)
    is_muted = models.BooleanField("muted", default=False)
    """Raises nothing; what is open stays until its cause goes away or somebody closes it."""

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="alert_rule_once_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_rule_kind_known"),
            models.CheckConstraint(condition=Q(threshold__gte=0), name="alert_rule_threshold_not_negative"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Alert(TimestampedModel):
    """One account, one kind, one episode: it begins when the condition first holds and ends when it no longer does.

    Closing it does not raise another one while the condition still holds (`holds`); once that ends, a new episode
    is a new alert. Only one episode of a kind can be going on for an account.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="alerts", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="alerts", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=AlertKind)
    severity = models.CharField(max_length=10, choices=AlertSeverity)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(blank=True)
    value = models.DecimalField(max_digits=8, decimal_places=2)
    """How bad it is, by the measure of its kind: more is worse. As it stood when somebody closed it."""
    baseline = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    """What it fell or rose from: the alert ends when that is made up for, not when enough time has passed."""
    holds = models.BooleanField(default=True)
    """Whether the condition held when it was last looked at."""
    first_seen_at = models.DateTimeField()
    status = models.CharField(max_length=15, choices=AlertStatus, default=AlertStatus.OPEN)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    """The first day on which it is open again."""
    snoozed_above = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    """It is open again as soon as `value` is past this."""
    outcome = models.CharField(max_length=10, choices=AlertOutcome, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-first_seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"], condition=Q(holds=True), name="alert_one_episode_at_a_time"
            ),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_kind_known"),
            models.CheckConstraint(condition=Q(severity__in=AlertSeverity.values), name="alert_severity_known"),
            models.CheckConstraint(condition=Q(status__in=AlertStatus.values), name="alert_status_known"),
            models.CheckConstraint(
                condition=Q(status=AlertStatus.RESOLVED, resolved_at__isnull=False, outcome__in=AlertOutcome.values)
                | (~Q(status=AlertStatus.RESOLVED) & Q(resolved_at=None, outcome="")),
                name="alert_outcome_when_closed",
            ),
            models.CheckConstraint(
                condition=~Q(status=AlertStatus.SNOOZED)
                | Q(snoozed_until__isnull=False)
                | Q(snoozed_above__isnull=False),
                name="alert_snoozed_until_something",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("first_seen_at")),
                name="alert_closed_after_it_was_seen",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "-first_seen_at"], name="alert_status"),
            models.Index(fields=["organization", "kind", "first_seen_at"], name="alert_kind"),
            models.Index(fields=["account", "kind"], name="alert_of_account"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_resolved(self) -> bool:
        return self.status == AlertStatus.RESOLVED

    @property
    def severity_tone(self) -> str:
        return SEVERITY_TONES[AlertSeverity(self.severity)]

    @property
    def was_closed_by_people(self) -> bool:
        return self.outcome in SAID_BY_PEOPLE

    @property
    def rule(self) -> Rule:
        return RULES[AlertKind(self.kind)]


class AlertPreference(models.Model):
    """How far a member has been told of alerts, when their digest goes out, and when they want quiet."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    membership = models.OneToOneField(
        "csplatform.Membership", on_delete=models.CASCADE, related_name="alert_preference"
    )
    digest_hour = models.PositiveSmallIntegerField(default=8)
    """Of the organisation's clock; whether there is a mail at all is the channel of the news of alerts."""
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_to = models.PositiveSmallIntegerField(null=True, blank=True)
    """From hour to hour, over midnight where the first is later; nothing is told in between."""
    told_until = models.DateTimeField(null=True, blank=True)
    """They have been told on the page of every alert first seen up to then."""
    mailed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="alert_digest_hour_in_day"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | (Q(quiet_from__lte=23, quiet_to__lte=23) & ~Q(quiet_from=F("quiet_to"))),
                name="alert_quiet_hours_are_two",
            ),
        ]

    def __str__(self) -> str:
        return f"Alerts of {self.membership}"

    @classmethod
    def of(cls, member: Membership) -> AlertPreference:
        """The member's, or the usual one, not stored."""
        stored = cls.objects.filter(membership=member).first()
        return stored or cls(organization=member.organization, membership=member)

    def is_quiet(self, hour: int) -> bool:
        """Whether an hour of the organisation's clock is one of the quiet ones."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to
