"""Telling people of new alerts: one piece of news a look, however many there are, and one digest a day by mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from csplatform.enums import NotificationChannel, Role
from csplatform.formatting import counted
from csplatform.jobs import enqueue
from csplatform.models import Membership, Organization
from csplatform.services.notification import News, channels_of_members, mail_member, notify_each
from health.alert_kinds import ALERT_NEWS
from health.enums import JobKind
from health.models import Alert, AlertPreference
from health.querysets import AlertQuerySet

NAMED = 3
"""So many alerts are told one by one; more of them become one line."""
LISTED = 20
"""Lines of a digest."""
LEADERS = (Role.ADMIN, Role.MANAGER)
"""Who hears of accounts that nobody owns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    news: int = 0
    digests: int = 0


@transaction.atomic
def tell_members(*, organization: Organization, now: datetime) -> Told:
    """Tell everybody who is awake what is new for them since they were last told; have a digest go out at their hour.

    For who has quiet hours now, another look is ordered at their end."""
    members = _concerned(organization)
    channels = channels_of_members(members, ALERT_NEWS)
    preferences = _preferences(organization, members, now=now)
    hour = now.astimezone(organization.zone).hour
    news: list[News] = []
    told: list[AlertPreference] = []
    digests = 0
    for member in members:
        preference = preferences[member.pk]
        if channels[member.pk] == NotificationChannel.OFF:
            continue
        alerts = list(_new_for(member, preference.told_until, now=now)[: NAMED + 1])
        if not alerts:
            continue
        if preference.is_quiet(hour):
            _order_look(member, preference.quiet_to or 0, now=now)
            continue
        news += _news(member, alerts, since=preference.told_until, now=now)
        preference.told_until = now
        told.append(preference)
        if channels[member.pk] == NotificationChannel.EMAIL:
            digests += _order_digest(member, preference, now=now)
    AlertPreference.objects.bulk_update(told, ["told_until"])
    notify_each(organization=organization, kind=ALERT_NEWS, news=news, mails=False)
    return Told(news=len(news), digests=digests)


@transaction.atomic
def mail_digest(*, member: Membership, now: datetime) -> bool:
    """Send one mail with everything that is new since the last one and still waits; says whether there was any."""
    preference = AlertPreference.objects.select_for_update(no_key=True).filter(membership=member).first()
    if preference is None or channels_of_members([member], ALERT_NEWS)[member.pk] != NotificationChannel.EMAIL:
        return False
    alerts = _new_for(member, preference.mailed_until, now=now)
    count = alerts.count()
    preference.mailed_until = now
    preference.save(update_fields=["mailed_until"])
    if not count:
        return False
    lines = [f"{alert.account.name}: {alert.title}. {alert.description}".strip() for alert in alerts[:LISTED]]
    if count > LISTED:
        lines.append(f"… and {counted(count - LISTED, 'more alert')}.")
    mail_member(
        member=member,
        kind=ALERT_NEWS,
        title=f"{counted(count, 'new alert')}",
        text="\n".join(lines),
        url=reverse("health:alerts"),
    )
    return True


def _concerned(organization: Organization) -> list[Membership]:
    """The owners of accounts with alerts that wait, and who leads, for those of nobody."""
    waiting = organization.alerts.unresolved()
    owners = waiting.exclude(account__owner=None).order_by().values("account__owner")
    active = organization.memberships.active().select_related("user", "organization")
    found = active.filter(user__in=owners)
    if waiting.filter(account__owner=None).exists():
        found = found | active.filter(role__in=LEADERS)
    return list(found.order_by("pk"))


def _new_for(member: Membership, since: datetime | None, *, now: datetime) -> AlertQuerySet:
    """What waits, of the member's own accounts and, for who leads, of nobody's; the worst first."""
    alerts: AlertQuerySet = member.organization.alerts.unresolved()
    alerts = alerts.filter(first_seen_at__lte=now)
    if since is not None:
        alerts = alerts.filter(first_seen_at__gt=since)
    mine = alerts.filter(account__owner=member.user_id)
    if member.role in LEADERS:
        mine = mine | alerts.filter(account__owner=None)
    return mine.for_list().worst_first()


def _news(member: Membership, alerts: Sequence[Alert], *, since: datetime | None, now: datetime) -> Iterable[News]:
    """One line: the alert itself where it is the only one, else how many there are."""
    if len(alerts) == 1:
        title = f"{alerts[0].account.name}: {alerts[0].title}"
        return [News(to=member.user, title=title, text=alerts[0].description, url=reverse("health:alerts"))]
    few = len(alerts) <= NAMED
    count = len(alerts) if few else _new_for(member, since, now=now).count()
    text = ". ".join(f"{alert.account.name}: {alert.title}" for alert in alerts[:NAMED])
    title = f"{counted(count, 'new alert')} on your accounts"
    return [
        News(
            to=member.user,
            title=title,
            text=f"{text}." if few else f"{text}, and more.",
            url=reverse("health:alerts"),
        )
    ]


def _preferences(
    organization: Organization, members: Sequence[Membership], *, now: datetime
) -> dict[int, AlertPreference]:
    """Of every member; who has none yet starts without having been told of anything."""
    known = {each.membership_id: each for each in AlertPreference.objects.filter(membership__in=members)}
    fresh = [AlertPreference(organization=organization, membership=each) for each in members if each.pk not in known]
    for each in AlertPreference.objects.bulk_create(fresh):
        known[each.membership_id] = each
    return known


def _order_digest(member: Membership, preference: AlertPreference, *, now: datetime) -> int:
    """At the member's next hour, once for that day."""
    at = _next(preference.digest_hour, member.organization, now=now)
    return _order_once(member, JobKind.MAIL_DIGEST, at)


def _order_look(member: Membership, hour: int, *, now: datetime) -> int:
    return _order_once(member, JobKind.EVALUATE_ALERTS, _next(hour, member.organization, now=now))


def _order_once(member: Membership, kind: str, at: datetime) -> int:
    """Write the job where there is none yet; says how many it wrote."""
    key = f"{member.pk}:{at.isoformat()}"
    if member.organization.jobs.filter(kind=kind, idempotency_key=key).exists():
        return 0
    lane = kind if kind == JobKind.EVALUATE_ALERTS else ""
    payload = {"membership": member.pk}
    enqueue(member.organization, kind, payload, run_after=at, lane=lane, idempotency_key=key)
    return 1


def _next(hour: int, organization: Organization, *, now: datetime) -> datetime:
    """The next moment at which the organisation's clock shows the full hour."""
    local = now.astimezone(organization.zone)
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)
