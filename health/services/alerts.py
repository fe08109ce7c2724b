"""Raising alerts and ending those whose cause went away: one look at everything, written set-based."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypedDict

from django.db import transaction

from accounts.services.activity import account_item
from csplatform import bulk
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from csplatform.services.webhook import MOST_ITEMS, tell_webhooks
from health.alert_kinds import CLEARED, RAISED, RULES, AlertKind, AlertOutcome, AlertStatus
from health.models import Alert
from health.selectors.alert_conditions import Condition, Key, alert_conditions
from health.selectors.alert_rules import muted_kinds, thresholds

REASON = "Looked at again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a look found: alerts raised, ended because their cause went away, woken from a snooze."""

    raised: int = 0
    cleared: int = 0
    woken: int = 0


class _Ending(TypedDict):
    holds: bool
    status: str
    outcome: str
    resolved_at: datetime | None


@transaction.atomic
def evaluate_alerts(*, organization: Organization, now: datetime) -> Evaluated:
    """Compare what holds with the alerts there are. A second look at the same facts changes nothing."""
    held: dict[Key, Alert] = {
        (alert.account_id, AlertKind(alert.kind)): alert for alert in organization.alerts.filter(holds=True)
    }
    baselines = {key: alert.baseline for key, alert in held.items()}
    found = alert_conditions(organization, thresholds(organization), held=baselines, now=now)
    again = {key for key, alert in held.items() if key in found and _is_worse_than_when_closed(alert, found[key])}
    ended = [alert for key, alert in held.items() if key not in found or key in again]
    cleared = _end(ended, now=now)
    muted = muted_kinds(organization)
    fresh = {
        key: condition
        for key, condition in found.items()
        if (key not in held or key in again) and key[1] not in muted
    }
    _raise(organization, fresh, now=now)
    tell_webhooks(organization, RAISED, partial(_raised_items, organization, now), count=len(fresh))
    ended_open = [alert for alert in ended if not alert.is_resolved]
    tell_webhooks(organization, CLEARED, partial(_items, organization, ended_open), count=len(ended_open))
    going_on = {key: alert for key, alert in held.items() if key in found and not alert.is_resolved}
    woken = _wake(organization, going_on, found, now=now)
    _bring_up_to_date(going_on, found, now=now)
    return Evaluated(raised=len(fresh), cleared=cleared, woken=woken)


def _raised_items(organization: Organization, now: datetime) -> list[dict[str, object]]:
    fresh = organization.alerts.filter(holds=True, first_seen_at=now).worst_first()
    return _items(organization, list(fresh[:MOST_ITEMS]))


def _items(organization: Organization, alerts: Sequence[Alert]) -> list[dict[str, object]]:
    """The alerts as webhooks name them; the cleared ones as they were while they were open."""
    shown = alerts[:MOST_ITEMS]
    accounts = organization.accounts.in_bulk({alert.account_id for alert in shown})
    return [
        {
            "id": str(alert.uuid),
            "kind": alert.kind,
            "severity": alert.severity,
            "title": alert.title,
            "text": alert.description,
            "first_seen_at": alert.first_seen_at.isoformat(),
            "account": account_item(accounts[alert.account_id]),
        }
        for alert in shown
    ]


def _is_worse_than_when_closed(alert: Alert, condition: Condition) -> bool:
    return alert.is_resolved and condition.value >= alert.value + RULES[AlertKind(alert.kind)].again_after


def _raise(organization: Organization, fresh: Mapping[Key, Condition], *, now: datetime) -> None:
    keys = bulk.insert(
        Alert,
        {
            "account_id": [account for account, _ in fresh],
            "uuid": [uuid.uuid4() for _ in fresh],
            "kind": [kind.value for _, kind in fresh],
            "severity": [RULES[kind].severity.value for _, kind in fresh],
            "title": [each.title for each in fresh.values()],
            "description": [each.description for each in fresh.values()],
            "value": [each.value for each in fresh.values()],
            "baseline": [each.baseline for each in fresh.values()],
        },
        constants={
            "organization_id": organization.pk,
            "holds": True,
            "status": AlertStatus.OPEN.value,
            "first_seen_at": now,
            "outcome": "",
            "note": "",
            "created_at": now,
            "updated_at": now,
        },
    )
    bulk.record_history(Alert, keys, kind="+", by=None, reason=REASON)


def _end(alerts: Sequence[Alert], *, now: datetime) -> int:
    """Their episode is over; those that nobody closed are closed as cleared."""
    endings = [_ending(alert, now=now) for alert in alerts]
    _write(
        alerts,
        {
            "holds": [each["holds"] for each in endings],
            "status": [each["status"] for each in endings],
            "outcome": [each["outcome"] for each in endings],
            "resolved_at": [each["resolved_at"] for each in endings],
        },
        now=now,
    )
    return sum(not alert.is_resolved for alert in alerts)


def _ending(alert: Alert, *, now: datetime) -> _Ending:
    if alert.is_resolved:
        return {"holds": False, "status": alert.status, "outcome": alert.outcome, "resolved_at": alert.resolved_at}
    return {
        "holds": False,
        "status": AlertStatus.RESOLVED.value,
        "outcome": AlertOutcome.CLEARED.value,
        "resolved_at": now,
    }


def _wake(
    organization: Organization, going_on: Mapping[Key, Alert], found: Mapping[Key, Condition], *, now: datetime
) -> int:
    """Open again those whose day has come, or that got worse than they were to."""
    today = civil_today(organization, now=now)
    woken = [
        alert
        for key, alert in going_on.items()
        if alert.status == AlertStatus.SNOOZED
        and (
            (alert.snoozed_until is not None and alert.snoozed_until <= today)
            or (alert.snoozed_above is not None and found[key].value > alert.snoozed_above)
        )
    ]
    nothing: list[None] = [None] * len(woken)
    opened: dict[str, bulk.Column] = {
        "status": [AlertStatus.OPEN.value] * len(woken),
        "snoozed_until": nothing,
        "snoozed_above": nothing,
    }
    _write(woken, opened, now=now)
    return len(woken)


def _bring_up_to_date(going_on: Mapping[Key, Alert], found: Mapping[Key, Condition], *, now: datetime) -> None:
    """What is open says how things stand now; without a line of history, which would be one a day."""
    changed = {
        key: alert
        for key, alert in going_on.items()
        if (alert.value, alert.title, alert.description)
        != (found[key].value.quantize(Decimal("0.01")), found[key].title, found[key].description)
    }
    bulk.update_from(
        Alert,
        [alert.pk for alert in changed.values()],
        {
            "value": [found[key].value for key in changed],
            "title": [found[key].title for key in changed],
            "description": [found[key].description for key in changed],
        },
        stamps={"updated_at": now},
    )


def _write(alerts: Sequence[Alert], columns: Mapping[str, bulk.Column], *, now: datetime) -> None:
    keys = [alert.pk for alert in alerts]
    bulk.update_from(Alert, keys, columns, stamps={"updated_at": now})
    bulk.record_history(Alert, keys, kind="~", by=None, reason=REASON)
