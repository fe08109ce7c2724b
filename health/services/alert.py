"""What people do with an alert: take note of it, put it off, close it with what came of it; and tune its rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activity
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.formatting import trimmed
from csplatform.models import Membership, Organization, User
from csplatform.periods import today as civil_today
from health.alert_kinds import RULES, SAID_BY_PEOPLE, AlertKind, AlertOutcome, AlertStatus
from health.models import Alert, AlertPreference, AlertRule
from health.models.alert import NOTE_LENGTH

LONGEST_SNOOZE = 366
UNTIL_WORSE = "worse"


class AlertIsClosed(DomainError):
    code = "alert_closed"
    message = "This alert is closed already."


@transaction.atomic
def acknowledge_alert(*, alert: Alert, by: User, now: datetime) -> Alert:
    """Say that somebody looks at it; a second time, or of a snoozed one, it says so anew."""
    stored = _open(alert)
    stored.status = AlertStatus.ACKNOWLEDGED
    stored.acknowledged_by, stored.acknowledged_at = by, now
    stored.snoozed_until = stored.snoozed_above = None
    return _save(stored, by=by)


@transaction.atomic
def snooze_alert(*, alert: Alert, until: date | str, by: User, now: datetime) -> Alert:
    """Put it off to a later day, or, with `worse`, until it is worse than now."""
    stored = _open(alert)
    today = civil_today(stored.organization, now=now)
    stored.snoozed_until = stored.snoozed_above = None
    if until == UNTIL_WORSE:
        stored.snoozed_above = stored.value
    elif isinstance(until, date) and today < until <= today + timedelta(days=LONGEST_SNOOZE):
        stored.snoozed_until = until
    else:
        first, last = today + timedelta(days=1), today + timedelta(days=LONGEST_SNOOZE)
        sentence = f"takes a day from {first.isoformat()} to {last.isoformat()}, or `{UNTIL_WORSE}`."
        raise InvalidInput(f"until: {sentence}", errors={"until": [sentence]})
    stored.status = AlertStatus.SNOOZED
    return _save(stored, by=by)


@transaction.atomic
def resolve_alert(*, alert: Alert, outcome: str, by: User, now: datetime, note: str = "") -> Alert:
    """Close it and say what came of it: rules are judged by that. Its episode goes on until its cause is gone."""
    if outcome not in SAID_BY_PEOPLE:
        sentence = f"takes one of {', '.join(SAID_BY_PEOPLE)}."
        raise InvalidInput(f"outcome: {sentence}", errors={"outcome": [sentence]})
    if len(note) > NOTE_LENGTH:
        sentence = f"takes at most {NOTE_LENGTH} characters."
        raise InvalidInput(f"note: {sentence}", errors={"note": [sentence]})
    stored = _open(alert)
    stored.status, stored.outcome, stored.note = AlertStatus.RESOLVED, outcome, note.strip()
    stored.resolved_by, stored.resolved_at = by, max(now, stored.first_seen_at)
    stored.snoozed_until = stored.snoozed_above = None
    _save(stored, by=by)
    record_activity(
        Happening(
            account=stored.account,
            kind=ActivityKind.HEALTH,
            title=f"Alert closed, {AlertOutcome(outcome).label.lower()}: {stored.title}",
            text=stored.note,
            occurred_at=now,
            by=by,
            subject=stored,
        )
    )
    return stored


@transaction.atomic
def reopen_alert(*, alert: Alert, by: User) -> Alert:
    """Take a closing back, as long as the condition holds and no later episode began."""
    stored = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk, organization=alert.organization_id)
    if not stored.is_resolved or not stored.holds:
        raise InvalidInput("Its cause is gone, so there is nothing to open again.")
    stored.status, stored.outcome, stored.note = AlertStatus.OPEN, "", ""
    stored.resolved_by, stored.resolved_at = None, None
    return _save(stored, by=by)


@transaction.atomic
def change_rule(
    *, organization: Organization, kind: str, by: User, threshold: Decimal | None = None, is_muted: bool | None = None
) -> AlertRule:
    """Another threshold, or no alerts of the kind; what is left out stays. It counts from the next look on."""
    rule = RULES[AlertKind(kind)]
    if threshold is not None and not rule.least <= threshold <= rule.most:
        sentence = f"takes a number from {trimmed(rule.least)} to {trimmed(rule.most)}."
        raise InvalidInput(f"threshold: {sentence}", errors={"threshold": [sentence]})
    stored = organization.alert_rules.select_for_update(no_key=True).filter(kind=kind).first()
    stored = stored or AlertRule(organization=organization, kind=kind, threshold=rule.usual)
    wanted = (stored.threshold if threshold is None else threshold, stored.is_muted if is_muted is None else is_muted)
    if stored.pk is None or wanted != (stored.threshold, stored.is_muted):
        stored.threshold, stored.is_muted = wanted
        stored._history_user = by
        stored.save()
    return stored


@transaction.atomic
def choose_alert_times(
    *, member: Membership, digest_hour: int, quiet_from: int | None, quiet_to: int | None
) -> AlertPreference:
    """When the member's digest goes out, and between which hours they are told nothing."""
    if (quiet_from is None) != (quiet_to is None):
        sentence = "Quiet hours need a beginning and an end."
        raise InvalidInput(sentence, errors={"quiet_to": [sentence]})
    if quiet_from is not None and quiet_from == quiet_to:
        sentence = "Quiet hours begin and end at different hours."
        raise InvalidInput(sentence, errors={"quiet_to": [sentence]})
    preference, _ = AlertPreference.objects.update_or_create(
        organization=member.organization,
        membership=member,
        defaults={"digest_hour": digest_hour, "quiet_from": quiet_from, "quiet_to": quiet_to},
    )
    return preference


def _open(alert: Alert) -> Alert:
    alerts = Alert.objects.filter(organization=alert.organization_id).select_related("account", "organization")
    stored = alerts.select_for_update(of=("self",), no_key=True).get(pk=alert.pk)
    if stored.is_resolved:
        raise AlertIsClosed
    return stored


def _save(alert: Alert, *, by: User) -> Alert:
    alert._history_user = by
    alert.save()
    return alert
