"""Choice lists of billing."""

from __future__ import annotations

from django.db import models


class MovementKind(models.TextChoices):
    """Why MRR moved, read from an account's day as a whole."""

    NEW = "new", "New"
    EXPANSION = "expansion", "Expansion"
    CONTRACTION = "contraction", "Contraction"
    CHURN = "churn", "Churn"
    REACTIVATION = "reactivation", "Reactivation"


class Interval(models.TextChoices):
    """How often a subscription is charged."""

    WEEK = "week", "Weekly"
    MONTH = "month", "Monthly"
    QUARTER = "quarter", "Quarterly"
    HALF_YEAR = "half_year", "Half-yearly"
    YEAR = "year", "Yearly"


class SubscriptionStatus(models.TextChoices):
    """Where a subscription stands on a day. Read from its dates and pauses, never stored."""

    SCHEDULED = "scheduled", "Scheduled"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"
    ENDED = "ended", "Ended"


class RenewalStatus(models.TextChoices):
    """How far the work on a term's end has come."""

    NOT_STARTED = "not_started", "Not Started"
    IN_PROCESS = "in_process", "In Process"
    PREPARED_LOST = "prepared_lost", "Prepared Lost"
    RENEWED = "renewed", "Renewed"
    CLOSED = "closed", "Closed"


class RenewalOutcome(models.TextChoices):
    """What came of a term: Closed means closed without renewal."""

    OPEN = "open", "Open"
    RENEWED = "renewed", "Renewed"
    LOST = "lost", "Lost"


class JobKind(models.TextChoices):
    """Kinds of background work in this room."""

    SETTLE_SUBSCRIPTIONS = "settle_subscriptions", "Carry out what subscriptions have scheduled"
    SETTLE_RENEWALS = "settle_renewals", "Open the renewals of contracts"
