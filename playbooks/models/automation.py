"""Rules that do something by themselves when an account needs it, and what they did."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import Band, Segment
from csplatform.formatting import counted
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from health.enums import RiskFactor
from playbooks.enums import WITH_DAYS, HitOutcome, OwnerRole, RuleAction, Trigger
from playbooks.querysets import AutomationHitQuerySet

USUAL_LIMIT, MOST_A_DAY = 25, 500
MOST_DAYS = 365
WORDS_LENGTH = 100
RISKS = [(factor.value, factor.value) for factor in RiskFactor]
BANDS_UNDER = [(band.value, band.value) for band in (Band.WATCHLIST, Band.AT_RISK, Band.CRITICAL)]


class AutomationRule(TimestampedModel):
    """Whenever this begins to hold for an account of that sort, do this: once an episode, so many times a day."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="automation_rules"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)

    trigger = models.CharField("when", max_length=15, choices=Trigger)
    band = models.CharField(max_length=15, choices=BANDS_UNDER, blank=True)
    risk_factor = models.CharField(max_length=60, choices=RISKS, blank=True)
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )

    segment = models.CharField(max_length=20, choices=Segment, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Only accounts of theirs."""
    arr_from = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    arr_to = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    action = models.CharField("then", max_length=15, choices=RuleAction)
    playbook = models.ForeignKey(
        "playbooks.Playbook", on_delete=models.SET_NULL, null=True, blank=True, related_name="rules"
    )
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    """What the follow-up or the news is called."""
    due_in_days = models.PositiveSmallIntegerField(default=2, validators=[MaxValueValidator(MOST_DAYS)])
    role = models.CharField("who", max_length=20, choices=OwnerRole, default=OwnerRole.ACCOUNT_OWNER)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    daily_limit = models.PositiveSmallIntegerField(
        default=USUAL_LIMIT, validators=[MinValueValidator(1), MaxValueValidator(MOST_A_DAY)]
    )
    is_on = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="rule_name_unique_per_organization"),
            models.CheckConstraint(
                condition=(Q(trigger=Trigger.BAND) & ~Q(band=""))
                | (Q(trigger=Trigger.RISK_FACTOR) & ~Q(risk_factor=""))
                | (Q(trigger__in=WITH_DAYS) & Q(days__gte=1))
                | Q(trigger=Trigger.ONBOARDING),
                name="rule_trigger_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(action=RuleAction.START_PLAYBOOK)
                | (Q(action__in=[RuleAction.FOLLOW_UP, RuleAction.NOTIFY]) & ~Q(words="")),
                name="rule_action_is_whole",
            ),
            models.CheckConstraint(condition=Q(daily_limit__range=(1, MOST_A_DAY)), name="rule_limit_in_range"),
            models.CheckConstraint(
                condition=Q(arr_from=None) | Q(arr_to=None) | Q(arr_to__gte=F("arr_from")), name="rule_arr_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("playbooks:rule_detail", args=[self.uuid])

    @property
    def when(self) -> str:
        """`Health is At Risk or worse`, as pages say it."""
        match Trigger(self.trigger):
            case Trigger.BAND:
                return f"health is {self.band}" + ("" if self.band == Band.CRITICAL else " or worse")
            case Trigger.RISK_FACTOR:
                return f"“{self.risk_factor}” applies"
            case Trigger.RENEWAL:
                return f"its term ends within {counted(self.days or 0, 'day')}"
            case Trigger.ONBOARDING:
                return "its onboarding has begun"
            case Trigger.LATE_INVOICE:
                return f"an invoice is {counted(self.days or 0, 'day')} late"

    @property
    def then(self) -> str:
        match RuleAction(self.action):
            case RuleAction.START_PLAYBOOK:
                return f"start “{self.playbook}”" if self.playbook else "start a playbook that is gone"
            case RuleAction.FOLLOW_UP:
                return f"open the follow-up “{self.words}” for {self._who}"
            case RuleAction.NOTIFY:
                return f"tell {self._who}: “{self.words}”"

    @property
    def _who(self) -> str:
        if self.role == OwnerRole.MEMBER:
            return self.member.display_name if self.member else "the account's owner"
        return "finance" if self.role == OwnerRole.FINANCE else f"the {self.get_role_display().lower()}"

    @property
    def can_act(self) -> bool:
        return self.action != RuleAction.START_PLAYBOOK or self.playbook_id is not None


class AutomationHit(models.Model):
    """One episode of a rule with an account: from when on it held, and what the rule did about it. Never twice while
    it holds, nor when it holds again within a few days."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="automation_hits", db_index=False
    )
    rule = models.ForeignKey(AutomationRule, on_delete=models.CASCADE, related_name="hits", db_index=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="automation_hits")
    holds = models.BooleanField(default=True)
    began_on = models.DateField()
    last_held_on = models.DateField()
    outcome = models.CharField(max_length=15, choices=HitOutcome)
    why = models.CharField(max_length=200)
    """What held, in words."""
    fired_at = models.DateTimeField()
    fired_on = models.DateField()
    run = models.ForeignKey(
        "playbooks.PlaybookRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    follow_up = models.ForeignKey(
        "accounts.FollowUp", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AutomationHitQuerySet.as_manager()

    class Meta:
        ordering = ["-fired_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "account"], condition=Q(holds=True), name="hit_once_an_episode"),
            models.CheckConstraint(condition=Q(outcome__in=HitOutcome.values), name="hit_outcome_known"),
            models.CheckConstraint(condition=Q(last_held_on__gte=F("began_on")), name="hit_held_from_its_beginning"),
        ]
        indexes = [
            models.Index(fields=["organization", "-fired_at"], name="hit_newest"),
            models.Index(fields=["rule", "fired_on"], name="hit_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.account}"


class AutomationStop(models.Model):
    """While an organisation has one, none of its rules does anything."""

    organization = models.OneToOneField(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="automation_stop"
    )
    stopped_at = models.DateTimeField()
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Stopped since {self.stopped_at}"
