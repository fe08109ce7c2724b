"""Choices that health makes known to the rest of the product."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class JobKind(StrEnum):
    """Health's background work."""

    RECOMPUTE = "recompute_health"
    EVALUATE_ALERTS = "evaluate_alerts"
    MAIL_DIGEST = "mail_alert_digest"
    HEALTH_LAB = "health_lab"
    CUSTOMER_FACTS = "customer_facts"


class LabKind(models.TextChoices):
    """What a run of the lab holds against who has left."""

    SNAPSHOTS = "snapshots", "The health score, month by month"
    FACTS = "facts", "Customer facts, without days"


class ScorecardStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class ScorecardKind(models.TextChoices):
    """What a scorecard measures, and how its parts come together."""

    SIGNALS = "signals", "Daily signals"
    CUSTOMER_360 = "customer_360", "Customer 360"


class PulseRating(models.IntegerChoices):
    """How an account stands in the eyes of whoever looks after it."""

    BAD = 1, "Bad"
    UNEASY = 2, "Uneasy"
    FAIR = 3, "Fair"
    GOOD = 4, "Good"
    EXCELLENT = 5, "Excellent"


class RiskFactor(models.TextChoices):
    """The named risks, in the order they are shown. Playbooks, insights and the API share these names."""

    CRITICAL_SCORE = "Critical health score"
    BELOW_TARGET_SCORE = "Below target health score"
    LOW_ENGAGEMENT = "Low user engagement"
    LOW_ADOPTION = "Low feature adoption"
    MANY_TICKETS = "High support ticket volume"
    NEGATIVE_NPS = "Negative NPS score"
    INFREQUENT_LOGINS = "Infrequent logins"
    DECLINING_TREND = "Declining health trend"
    RENEWAL_AT_RISK = "Renewal at risk"
    OVERDUE_INVOICES = "Overdue invoices"
    NO_RECENT_ENGAGEMENT = "No recent engagement"
    ESCALATION_OPEN = "Support escalation open"
    LOW_DATA_QUALITY = "Low data quality"

    @property
    def severity(self) -> int:
        """How much it weighs when playbooks are ranked: 3 is the worst, 1 the least."""
        return _SEVERITY[self]


_SEVERITY: dict[RiskFactor, int] = {
    RiskFactor.CRITICAL_SCORE: 3,
    RiskFactor.BELOW_TARGET_SCORE: 2,
    RiskFactor.LOW_ENGAGEMENT: 2,
    RiskFactor.LOW_ADOPTION: 2,
    RiskFactor.MANY_TICKETS: 2,
    RiskFactor.NEGATIVE_NPS: 3,
    RiskFactor.INFREQUENT_LOGINS: 2,
    RiskFactor.DECLINING_TREND: 2,
    RiskFactor.RENEWAL_AT_RISK: 3,
    RiskFactor.OVERDUE_INVOICES: 2,
    RiskFactor.NO_RECENT_ENGAGEMENT: 1,
    RiskFactor.ESCALATION_OPEN: 3,
    RiskFactor.LOW_DATA_QUALITY: 1,
}


class EngagementTrend(models.TextChoices):
    IMPROVING = "improving", "Improving"
    STABLE = "stable", "Stable"
    DECLINING = "declining", "Declining"
