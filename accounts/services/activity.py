"""Writing the timeline. Every service that changes something a person would tell about leaves a line here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, Activity
from csplatform.models import Organization, RetentionPolicy, User
from csplatform.services.webhook import MOST_ITEMS, tell_webhooks

TITLE_LENGTH = 255


class Subject(Protocol):
    """A row with a public id that a line can speak of."""

    uuid: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line to write. `occurred_at` is now where it is left out."""

    account: Account
    kind: str
    title: str
    text: str = ""
    occurred_at: datetime | None = None
    by: User | None = None
    is_system: bool = False
    subject: Subject | None = None
    event: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def record_activity(happening: Happening) -> Activity:
    """Put one line on the account's timeline."""
    line = _line(happening, now=timezone.now())
    line.save(force_insert=True)
    _tell(line.organization, [line])
    return line


def record_activities(organization: Organization, happenings: Iterable[Happening]) -> int:
    """Put many lines, in one statement per thousand; returns how many. For bulk work and imports."""
    now = timezone.now()
    lines = [_line(each, now=now) for each in happenings]
    organization.activities.bulk_create(lines, batch_size=1000)
    _tell(organization, lines)
    return len(lines)


def revise_activity(happening: Happening) -> Activity:
    """Write the line of a subject's event anew after the subject changed; put it where there is none yet.

    Only what the line says changes, not who did it first."""
    if happening.subject is None or not happening.event:
        raise ValueError("Only the line of a named event of a subject can be revised.")
    lines = happening.account.organization.activities.about(subject_kind(happening.subject), happening.subject.uuid)
    line = lines.filter(event=happening.event).first()
    if line is None:
        return record_activity(happening)
    line.kind, line.title, line.text = happening.kind, happening.title[:TITLE_LENGTH], happening.text
    line.account, line.details = happening.account, dict(happening.details)
    line.occurred_at, line.edited_at = happening.occurred_at or line.occurred_at, timezone.now()
    line.save(update_fields=["kind", "title", "text", "account", "details", "occurred_at", "edited_at"])
    return line


def subject_kind(subject: Subject) -> str:
    """What lines call a model: `FollowUp` is `follow_up`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(subject).__name__).lower()


def _line(happening: Happening, *, now: datetime) -> Activity:
    subject = happening.subject
    return Activity(
        organization=happening.account.organization,
        account=happening.account,
        kind=happening.kind,
        title=happening.title[:TITLE_LENGTH],
        text=happening.text,
        occurred_at=happening.occurred_at or now,
        actor=happening.by,
        is_system=happening.is_system,
        subject_kind="" if subject is None else subject_kind(subject),
        subject_id=None if subject is None else subject.uuid,
        event=happening.event,
        details=dict(happening.details),
    )


def event_name(kind: str) -> str:
    """What webhooks call the lines of a kind."""
    return f"activity.{kind}"


def _tell(organization: Organization, lines: Sequence[Activity]) -> None:
    """Whoever listens over HTTP hears of each line, those of a kind together."""
    if not organization.has_webhooks:
        return
    by_kind: dict[str, list[Activity]] = {}
    for line in lines:
        by_kind.setdefault(line.kind, []).append(line)
    for kind, of_kind in by_kind.items():
        items = partial(_items, of_kind)
        tell_webhooks(organization, event_name(kind), items, count=len(of_kind))


def _items(lines: Sequence[Activity]) -> list[dict[str, Any]]:
    return [
        {
            "title": line.title,
            "text": line.text,
            "kind": line.kind,
            "event": line.event,
            "occurred_at": line.occurred_at.isoformat(),
            "account": account_item(line.account),
            "subject": {"type": line.subject_kind, "id": str(line.subject_id)} if line.subject_id else None,
        }
        for line in lines[:MOST_ITEMS]
    ]


def account_item(account: Account) -> dict[str, Any]:
    """An account as webhooks name it."""
    return {"id": str(account.uuid), "number": account.number, "name": account.name}


def drop_churned_activity(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    """The timeline of accounts that left longer ago than the organisation wants to remember."""
    if policy.churned_activity_days is None:
        return 0
    left_before = now.astimezone(organization.zone).date() - timedelta(days=policy.churned_activity_days)
    left = organization.accounts.churned().filter(churned_on__lt=left_before)
    return organization.activities.filter(account__in=left).delete()[0]
