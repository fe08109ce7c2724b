"""Telling members something: on the page, and by mail where they asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from csplatform.enums import NotificationChannel
from csplatform.exceptions import InvalidInput
from csplatform.jobs import enqueue
from csplatform.models import Membership, Notification, NotificationPreference, Organization, User
from csplatform.models.notification import TITLE_LENGTH, URL_LENGTH
from csplatform.notifications import NotificationKind, notification_kinds

SALT = "csplatform.unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one person is told."""

    to: User | int
    title: str
    text: str = ""
    url: str = ""

    @property
    def user_id(self) -> int:
        return self.to if isinstance(self.to, int) else self.to.pk


def notify(
    *,
    organization: Organization,
    to: Iterable[User],
    kind: str,
    title: str,
    text: str = "",
    url: str = "",
    but: User | None = None,
) -> list[Notification]:
    """Tell active members one thing, each as they chose; `but` is who did it themselves and need not be told."""
    news = [News(to=user, title=title, text=text, url=url) for user in to]
    return notify_each(organization=organization, kind=kind, news=news, but=but)


@transaction.atomic
def notify_each(
    *, organization: Organization, kind: str, news: Iterable[News], but: User | None = None, mails: bool = True
) -> list[Notification]:
    """Tell each of many members their own thing; without `mails` on the page alone, for who sends a digest.

    Three statements, whatever the number of people, and a job for each mail."""
    known = notification_kinds()[kind]
    wanted = {each.user_id: each for each in news if but is None or each.user_id != but.pk}
    if not wanted:
        return []
    members = list(organization.memberships.active().filter(user__in=wanted).select_related("user"))
    chosen = dict(
        NotificationPreference.objects.filter(membership__in=members, kind=kind).values_list(
            "membership_id", "channel"
        )
    )
    told = [(member, wanted[member.user_id], chosen.get(member.pk, known.usual)) for member in members]
    rows = Notification.objects.bulk_create(
        Notification(
            organization=organization,
            membership=member,
            kind=kind,
            title=each.title[:TITLE_LENGTH],
            text=each.text,
            url=each.url if each.url.startswith("/") and len(each.url) <= URL_LENGTH else "",
        )
        for member, each, channel in told
        if channel != NotificationChannel.OFF
    )
    for member, each, channel in told:
        if mails and channel == NotificationChannel.EMAIL:
            _mail(member, known, each.title, each.text, each.url)
    return rows


@transaction.atomic
def mark_read(*, member: Membership, uuids: Iterable[object] | None = None, now: datetime | None = None) -> int:
    """Mark some news as read, or all of it; returns how many were new."""
    unread = member.notifications.unread()
    if uuids is not None:
        unread = unread.filter(uuid__in=list(uuids))
    return unread.update(read_at=now or timezone.now())


@transaction.atomic
def choose_channels(*, member: Membership, channels: Mapping[str, str]) -> None:
    """How the member wants to hear of each kind; kinds that are left out stay."""
    kinds = notification_kinds()
    for name, channel in channels.items():
        if name not in kinds or channel not in NotificationChannel.values:
            raise InvalidInput("There is no such choice.", errors={name: ["Choose one from the list."]})
        NotificationPreference.objects.update_or_create(
            organization=member.organization, membership=member, kind=name, defaults={"channel": channel}
        )


def channels_of(member: Membership) -> dict[str, str]:
    """The member's choice for each kind, the usual one where they made none."""
    chosen = dict(member.notification_preferences.values_list("kind", "channel"))
    return {name: chosen.get(name, kind.usual) for name, kind in notification_kinds().items()}


def channels_of_members(members: Sequence[Membership], kind: str) -> dict[int, str]:
    """How each of some members hears of a kind, by their key, in one query."""
    usual = notification_kinds()[kind].usual
    rows = NotificationPreference.objects.filter(membership__in=members, kind=kind)
    chosen = dict(rows.values_list("membership_id", "channel"))
    return {member.pk: chosen.get(member.pk, usual) for member in members}


# -- mail -------------------------------------------------------------------------------------------


def unsubscribe_token(member: Membership, kind: str) -> str:
    """A signed word that switches the mails of one kind off for one member, without a login."""
    return signing.dumps({"member": str(member.uuid), "kind": kind}, salt=SALT)


def read_unsubscribe_token(token: str) -> tuple[str, str] | None:
    """The member's public id and the kind; nothing for a word that is not ours."""
    try:
        told = signing.loads(token, salt=SALT)
        return str(told["member"]), str(told["kind"])
    except (signing.BadSignature, KeyError, TypeError):
        return None


def stop_mails(member: Membership, kind: str) -> None:
    """No more mails of a kind; the news itself stays on the page."""
    NotificationPreference.objects.update_or_create(
        organization=member.organization,
        membership=member,
        kind=kind,
        defaults={"channel": NotificationChannel.IN_APP},
    )


def mail_member(*, member: Membership, kind: str, title: str, text: str, url: str = "") -> None:
    """One mail of a kind of news, with the way out of them; whether they want it is the caller's to ask."""
    _mail(member, notification_kinds()[kind], title, text, url)


def _mail(member: Membership, kind: NotificationKind, title: str, text: str, url: str) -> None:
    if not settings.EMAIL_IS_CONFIGURED:
        return
    base = settings.PUBLIC_URL.rstrip("/")
    leave = f"{base}{reverse('unsubscribe', args=[unsubscribe_token(member, kind.name)])}"
    lines = [text, f"{base}{url}" if url else "", f"No more mails of this kind: {leave}"]
    enqueue(
        member.organization,
        "send_mail",
        {
            "to": [member.user.email],
            "subject": " ".join(f"{settings.PRODUCT_NAME}: {title}".split()),
            "body": "\n\n".join(line for line in lines if line),
            "headers": {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        },
    )
