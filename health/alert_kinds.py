"""What can raise an alert: each kind with its words, how bad it is, and the one figure that an organisation sets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import models

ALERT_NEWS = "alerts"
"""The kind of news under which members hear of them."""
RAISED, CLEARED = "alerts.raised", "alerts.cleared"
"""What webhooks hear of, all of one look together."""


class AlertKind(models.TextChoices):
    """In the order they are listed; the worst come first."""

    SUPPORT_ESCALATION = "support_escalation", "Support escalation"
    RENEWAL_AT_RISK = "renewal_at_risk", "Renewal at risk"
    CHURN_RISK_JUMP = "churn_risk_jump", "Churn risk jumped"
    BAND_CHANGE = "band_change", "Health band fell"
    HEALTH_BELOW = "health_below", "Health below threshold"
    HEALTH_DROP = "health_drop", "Health dropped"
    ENGAGEMENT_GAP = "engagement_gap", "Engagement gap"
    DATA_GAP = "data_gap", "Data gap"


class AlertSeverity(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class AlertStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Closed"


class AlertOutcome(models.TextChoices):
    """What came of an alert. The first three are a person's word; the last says that its cause went away."""

    ACTED = "acted", "Acted on"
    CONFIRMED = "confirmed", "Confirmed"
    DISMISSED = "dismissed", "Dismissed"
    CLEARED = "cleared", "Cleared by itself"


SAID_BY_PEOPLE = (AlertOutcome.ACTED, AlertOutcome.CONFIRMED, AlertOutcome.DISMISSED)
SEVERITY_TONES = {AlertSeverity.HIGH: "danger", AlertSeverity.MEDIUM: "warning", AlertSeverity.LOW: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a kind is told, and its threshold: the usual one, the least and the most it takes."""

    kind: AlertKind
    severity: AlertSeverity
    description: str
    asks: str
    """What the threshold is a number of, as a form says it."""
    usual: Decimal
    least: Decimal
    most: Decimal
    again_after: Decimal
    """How much worse it has to get, after somebody closed it, to be raised once more while it still holds."""


def _rule(
    kind: AlertKind,
    severity: AlertSeverity,
    description: str,
    asks: str,
    usual: str,
    least: str,
    most: str,
    again_after: str,
) -> Rule:
    return Rule(
        kind=kind,
        severity=severity,
        description=description,
        asks=asks,
        usual=Decimal(usual),
        least=Decimal(least),
        most=Decimal(most),
        again_after=Decimal(again_after),
    )


HIGH, MEDIUM, LOW = AlertSeverity.HIGH, AlertSeverity.MEDIUM, AlertSeverity.LOW
RULES: dict[AlertKind, Rule] = {
    rule.kind: rule
    for rule in (
        _rule(
            AlertKind.SUPPORT_ESCALATION,
            HIGH,
            "So many open tickets are critical or escalated.",
            *("tickets", "1", "1", "50", "1"),
        ),
        _rule(
            AlertKind.RENEWAL_AT_RISK,
            HIGH,
            "The term ends within 90 days and the health score is under the threshold.",
            *("points", "60", "1", "100", "10"),
        ),
        _rule(
            AlertKind.CHURN_RISK_JUMP,
            HIGH,
            "The churn risk rose by so much within 7 days.",
            *("points", "20", "5", "100", "20"),
        ),
        _rule(
            AlertKind.BAND_CHANGE,
            MEDIUM,
            "The band is worse than 7 days ago, and the score so far under its edge, or under it yesterday too.",
            *("points", "2", "0", "20", "20"),
        ),
        _rule(
            AlertKind.HEALTH_BELOW,
            MEDIUM,
            "The score is 2 points under the threshold, or was under it yesterday too.",
            *("points", "60", "1", "100", "10"),
        ),
        _rule(
            AlertKind.HEALTH_DROP,
            MEDIUM,
            "The score fell by so much within 7 days.",
            *("points", "10", "1", "100", "10"),
        ),
        _rule(
            AlertKind.ENGAGEMENT_GAP,
            LOW,
            "Nobody was in touch for so many times as long as the segment's cadence.",
            *("times", "1", "0.5", "10", "1"),
        ),
        _rule(AlertKind.DATA_GAP, LOW, "No metrics arrived for so many days.", *("days", "14", "1", "365", "30")),
    )
}
