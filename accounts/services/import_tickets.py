"""Tickets out of files: many at once, with their history and their lines of the timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Activity, SupportTicket
from accounts.services.activity import Happening, record_activities
from accounts.services.ticket import give_facts, opened_line, refuse_what_cannot_be, resolved_line
from csplatform import bulk
from csplatform.models import Organization, User

KEPT = (
    "account_id", "subject", "description", "priority", "status", "is_escalated", "opened_at", "first_response_at",
    "due_at", "resolved_at", "csat",
)  # fmt: skip
"""What a file may say of a ticket."""
LINES = ("opened", "resolved")
SUBJECT = "support_ticket"


@dataclass(slots=True)
class TicketWork:
    """What rows come to beside what is stored."""

    new: list[SupportTicket] = field(default_factory=list)
    changed: list[SupportTicket] = field(default_factory=list)
    replaced: dict[int, dict[str, object]] = field(default_factory=dict)
    """What those that change held, `updated_at` among it, by key."""
    unchanged: int = 0


def known_tickets(
    organization: Organization, external_ids: Collection[str], *, lock: bool = False
) -> dict[str, SupportTicket]:
    """The tickets that are there, by their outside id."""
    rows = organization.tickets.filter(external_id__in=list(external_ids)).order_by("pk")
    return {ticket.external_id: ticket for ticket in (rows.select_for_update(no_key=True) if lock else rows)}


def told_ticket(
    organization: Organization, known: SupportTicket | None, facts: Mapping[str, Any], *, now: datetime
) -> SupportTicket:
    """The ticket as it will stand; refuses with a `DomainError` what cannot be. Writes and asks nothing."""
    ticket = copy(known) if known else SupportTicket(organization=organization, opened_at=now)
    give_facts(ticket, dict(facts), now=now)  # type: ignore[arg-type]  # the columns are those of TicketFacts
    refuse_what_cannot_be(ticket, now=now, trusted=["account", "created_by"])
    return ticket


def ticket_work(
    organization: Organization, rows: Sequence[Mapping[str, Any]], *, now: datetime, lock: bool = False
) -> TicketWork:
    """Compare rows, each with its `external_id`, with what is stored."""
    known = known_tickets(organization, [str(facts["external_id"]) for facts in rows], lock=lock)
    work = TicketWork()
    for facts in rows:
        stored = known.get(facts["external_id"])
        held = {} if stored is None else {name: getattr(stored, name) for name in (*KEPT, "updated_at")}
        ticket = told_ticket(organization, stored, facts, now=now)
        if stored is None:
            work.new.append(ticket)
        elif any(getattr(ticket, name) != held[name] for name in KEPT):
            work.changed.append(ticket)
            work.replaced[stored.pk] = held
        else:
            work.unchanged += 1
    return work


@transaction.atomic
def write_tickets(
    organization: Organization, work: TicketWork, *, by: User | None, reason: str, now: datetime
) -> None:
    """Write new and changed tickets, set-based; the new ones get their keys."""
    if work.new:
        columns: dict[str, list[Any]] = {
            name: [getattr(ticket, name) for ticket in work.new] for name in ("uuid", "external_id", *KEPT)
        }
        constants = {
            "organization_id": organization.pk,
            "created_by_id": by.pk if by else None,
            "created_at": now,
            "updated_at": now,
        }
        keys = bulk.insert(SupportTicket, columns, constants=constants)
        bulk.record_history(SupportTicket, keys, kind="+", by=by, reason=reason)
        stored = dict(organization.tickets.filter(pk__in=keys).order_by().values_list("uuid", "pk"))
        for ticket in work.new:
            ticket.pk = stored[ticket.uuid]
    _update(work.changed, {name: [getattr(each, name) for each in work.changed] for name in KEPT}, now=now)
    bulk.record_history(SupportTicket, [each.pk for each in work.changed], kind="~", by=by, reason=reason)
    settle_lines(organization, [*work.new, *work.changed], by=by)


def _update(tickets: Sequence[SupportTicket], columns: Mapping[str, Sequence[Any]], *, now: datetime) -> None:
    bulk.update_from(SupportTicket, [each.pk for each in tickets], columns, stamps={"updated_at": now})


@transaction.atomic
def restore_tickets(
    organization: Organization, facts: Mapping[int, Mapping[str, Any]], *, by: User | None, reason: str
) -> None:
    """Give tickets back what they held, `updated_at` among it."""
    if not facts:
        return
    fields = {each.attname: each for each in SupportTicket._meta.concrete_fields}
    names = next(iter(facts.values())).keys()
    columns = {name: [fields[name].to_python(each[name]) for each in facts.values()] for name in names}
    own = organization.tickets.filter(pk__in=list(facts)).order_by("pk")
    if set(own.values_list("pk", flat=True)) != facts.keys():
        raise ValueError("Restores tickets of the organisation only.")
    bulk.update_from(SupportTicket, list(facts), columns)
    bulk.record_history(SupportTicket, list(facts), kind="~", by=by, reason=reason)
    settle_lines(organization, list(own.all()), by=by)


@transaction.atomic
def remove_tickets(organization: Organization, keys: Collection[int], *, by: User | None, reason: str) -> None:
    """Take back tickets that a file made, and their lines of the timeline."""
    tickets = organization.tickets.filter(pk__in=list(keys)).order_by()
    bulk.record_history(SupportTicket, list(tickets.values_list("pk", flat=True)), kind="-", by=by, reason=reason)
    uuids = list(tickets.values_list("uuid", flat=True))
    organization.activities.filter(subject_kind=SUBJECT, subject_id__in=uuids).delete()
    tickets._raw_delete(connection.alias)


@transaction.atomic
def settle_lines(organization: Organization, tickets: Sequence[SupportTicket], *, by: User | None) -> None:
    """Let the timeline say when each was opened, and when it was resolved if it is. At most five statements."""
    accounts = organization.accounts.in_bulk([ticket.account_id for ticket in tickets])
    wanted: dict[tuple[UUID, str], Happening] = {}
    for ticket in tickets:
        ticket.account = accounts[ticket.account_id]
        wanted[ticket.uuid, "opened"] = opened_line(ticket, by=by)
        if not ticket.is_open:
            wanted[ticket.uuid, "resolved"] = resolved_line(ticket, by=by)
    lines = organization.activities.filter(
        subject_kind=SUBJECT, subject_id__in=[ticket.uuid for ticket in tickets], event__in=LINES
    )
    stored = {(line.subject_id, line.event): line for line in lines if line.subject_id is not None}
    organization.activities.filter(pk__in=[line.pk for key, line in stored.items() if key not in wanted]).delete()
    record_activities(organization, [line for key, line in wanted.items() if key not in stored])
    revised = [line for key, line in stored.items() if key in wanted and _revise(line, wanted[key])]
    Activity.objects.bulk_update(revised, ["account", "title", "details", "occurred_at", "edited_at"], batch_size=500)


def _revise(line: Activity, wanted: Happening) -> bool:
    """Let a line say what it should; whether that is another thing than it did."""
    says = (line.account_id, line.title, line.details, line.occurred_at)
    should = (wanted.account.pk, wanted.title[:255], dict(wanted.details), wanted.occurred_at)
    if says == should:
        return False
    line.account_id, line.title, line.details, line.edited_at = *should[:3], timezone.now()
    line.occurred_at = wanted.occurred_at or line.occurred_at
    return True
