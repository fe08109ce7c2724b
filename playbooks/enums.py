"""The choices a playbook is described with."""

from __future__ import annotations

from django.db import models


class Category(models.TextChoices):
    """What part of the relationship a playbook works on (the names are the API contract's)."""

    ENGAGEMENT = "Engagement"
    ADOPTION = "Adoption"
    SUPPORT = "Support"


class Priority(models.TextChoices):
    """How soon a playbook wants to be started."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"

    @property
    def rank(self) -> int:
        """0 for the most urgent, so that sorting by rank puts it first."""
        return list(type(self)).index(self)


class OwnerRole(models.TextChoices):
    """Who does a step; a run finds the person."""

    ACCOUNT_OWNER = "account_owner", "Account owner"
    TEAM_LEAD = "team_lead", "Team lead"
    FINANCE = "finance", "Finance"
    MEMBER = "member", "A certain person"


class StepKind(models.TextChoices):
    """What sort of work a step is."""

    TASK = "task", "Task"
    EMAIL = "email", "Mail"
    MEETING = "meeting", "Meeting"
    WAIT = "wait", "Wait"
    CHECK = "check", "Check"


class RunStatus(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


GOING_ON = (RunStatus.RUNNING, RunStatus.PAUSED)


class RunOutcome(models.TextChoices):
    """What came of a completed run. The last is said by the product itself."""

    SUCCEEDED = "succeeded", "Succeeded"
    PARTLY = "partly", "Partly succeeded"
    NO_EFFECT = "no_effect", "No effect"
    FAILED = "failed", "Did not succeed"
    CUSTOMER_LEFT = "customer_left", "The customer left"


SAID_BY_PEOPLE = tuple(outcome for outcome in RunOutcome if outcome != RunOutcome.CUSTOMER_LEFT)


class RunOrigin(models.TextChoices):
    """Where a run was started from."""

    HAND = "hand", "By hand"
    ALERT = "alert", "From an alert"
    TODAY = "today", "From Today"
    INSIGHT = "insight", "From an insight"
    BULK = "bulk", "For many accounts"
    API = "api", "Over the API"
    RULE = "rule", "By a rule"


class StepStatus(models.TextChoices):
    """What became of a step of a run."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Left out"


class Trigger(models.TextChoices):
    """What begins an episode of a rule with an account; it lasts as long as it holds."""

    BAND = "band", "Health is in a band or under it"
    RISK_FACTOR = "risk_factor", "A risk factor applies"
    RENEWAL = "renewal", "Its term ends within some days"
    ONBOARDING = "onboarding", "Its onboarding has begun"
    LATE_INVOICE = "late_invoice", "An invoice is some days late"


WITH_DAYS = (Trigger.RENEWAL, Trigger.LATE_INVOICE)


class RuleAction(models.TextChoices):
    """What a rule does, once an episode."""

    START_PLAYBOOK = "start_playbook", "Start a playbook"
    FOLLOW_UP = "follow_up", "Open a follow-up"
    NOTIFY = "notify", "Tell somebody"


class HitOutcome(models.TextChoices):
    """What became of an episode."""

    FIRED = "fired", "Done"
    ALREADY = "already", "Was going on already"
    PASSED_OVER = "passed_over", "Held when the rule was switched on"


class JobKind(models.TextChoices):
    EVALUATE_RULES = "evaluate_rules", "Looking at the automation rules"
