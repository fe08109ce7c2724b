"""Narrowing alerts, for the page and the API."""

from __future__ import annotations

from typing import Any

from accounts.list_filter import ListFilter, choice
from csplatform.periods import today as civil_today
from health.alert_kinds import AlertKind, AlertSeverity, AlertStatus
from health.models import Alert
from health.querysets import AlertQuerySet

WAITING = "waiting"
STATES = [(WAITING, "Open or acknowledged"), *AlertStatus.choices]


class AlertFilter(ListFilter):
    """Filters combine with AND; days are those on which alerts were first seen. An alert whose snoozing is over is
    open again."""

    dated = "first_seen_at"
    is_moment = True

    status = choice(STATES, label="Status", empty_label="Any status", method="in_state")
    kind = choice(AlertKind.choices, label="Kind", empty_label="Any kind")
    severity = choice(AlertSeverity.choices, label="Severity", empty_label="Any severity")

    class Meta:
        model = Alert
        fields: list[str] = []

    def in_state(self, alerts: AlertQuerySet, _: str, state: str) -> AlertQuerySet:
        today = civil_today(self.member.organization)
        match state:
            case "waiting":
                return alerts.waiting(today=today)
            case AlertStatus.SNOOZED:
                return alerts.snoozed(today=today)
            case AlertStatus.OPEN:
                return alerts.waiting(today=today).exclude(status=AlertStatus.ACKNOWLEDGED)
        return alerts.filter(status=state)

    def by_text(self, rows: Any, _: str, text: str) -> Any:
        return rows.search(text)
