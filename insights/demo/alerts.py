"""The demo's alerts: raised as its year went by, and closed by the people who looked after the accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from csplatform.models import Organization
from health.alert_kinds import AlertOutcome
from health.services.alert import acknowledge_alert, resolve_alert, snooze_alert
from health.services.alert_news import tell_members
from health.services.alerts import evaluate_alerts

OUTCOMES = (AlertOutcome.ACTED, AlertOutcome.ACTED, AlertOutcome.CONFIRMED, AlertOutcome.DISMISSED)
NOTES = {
    AlertOutcome.ACTED: "Spoke with them and agreed on next steps",
    AlertOutcome.CONFIRMED: "Known; their project is on hold",
    AlertOutcome.DISMISSED: "",
}
PATIENCE = timedelta(days=10)
"""After so long somebody has looked at every other alert."""


def look_back(organization: Organization, *, at: datetime) -> None:
    """What was raised on a past day, and what people said by then of older ones."""
    evaluate_alerts(organization=organization, now=at)
    waiting = organization.alerts.unresolved().filter(first_seen_at__lt=at - PATIENCE)
    for alert in waiting.exclude(account__owner=None).select_related("account__owner").order_by("pk"):
        by = alert.account.owner
        if by is not None and alert.account.number % 2:
            outcome = OUTCOMES[alert.account.number // 2 % len(OUTCOMES)]
            resolve_alert(alert=alert, outcome=outcome, by=by, now=at, note=NOTES[outcome])


def write_alerts(organization: Organization, *, now: datetime) -> None:
    """Those of today: one is being looked at, one rests."""
    evaluate_alerts(organization=organization, now=now)
    fresh = organization.alerts.unresolved().exclude(account__owner=None).select_related("account__owner")
    for at, alert in enumerate(fresh.order_by("pk")[:4]):
        by = alert.account.owner
        if by is None:
            continue
        if at == 1:
            acknowledge_alert(alert=alert, by=by, now=now)
        elif at == 3:
            snooze_alert(alert=alert, until=now.date() + timedelta(days=7), by=by, now=now)
    tell_members(organization=organization, now=now)
