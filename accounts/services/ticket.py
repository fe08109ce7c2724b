"""Writing support tickets. What support systems send twice is written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import ActivityKind, TicketStatus
from accounts.exceptions import InvalidTicket
from accounts.models import Account, SupportTicket
from accounts.models.ticket import OPEN_STATUSES
from accounts.services.activity import Happening, record_activity, revise_activity
from accounts.signals import support_called
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead of ours the clock of a support system may run."""
COMPUTED = ["created_at", "updated_at", "organization"]
_UNCHANGED = object()


class TicketDetails(TypedDict, total=False):
    """What may be said of a ticket beside whose it is and what it is about."""

    external_id: str
    description: str
    priority: str
    status: str
    is_escalated: bool
    opened_at: datetime
    first_response_at: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    csat: int | None


class TicketFacts(TicketDetails, total=False):
    """What may be written of a ticket; what is left out stays as it is."""

    account: Account
    subject: str


@transaction.atomic
def open_ticket(
    *,
    organization: Organization,
    by: User | None,
    account: Account,
    subject: str,
    now: datetime | None = None,
    **facts: Unpack[TicketDetails],
) -> SupportTicket:
    """Write down a request; it may be an old one that is resolved already."""
    now = now or timezone.now()
    facts.setdefault("opened_at", now)
    ticket = SupportTicket(organization=organization, account=account, subject=subject, created_by=by)
    give_facts(ticket, facts, now=now)
    refuse_what_cannot_be(ticket, now=now)
    try:
        with transaction.atomic():
            _save(ticket, by=by)
    except IntegrityError:
        raise InvalidTicket("external_id", f"There is a ticket “{ticket.external_id}” already.") from None
    _tell_opened(ticket, by=by)
    if not ticket.is_open:
        _tell_resolved(ticket, by=by)
    if ticket.is_grave:
        support_called.send(sender=SupportTicket, organization=organization)
    return ticket


@transaction.atomic
def update_ticket(
    *, ticket: SupportTicket, by: User | None, now: datetime | None = None, **facts: Unpack[TicketFacts]
) -> SupportTicket:
    """Change a ticket; returns it as stored. What would change nothing is not written."""
    now = now or timezone.now()
    stored = ticket.organization.tickets.select_for_update(no_key=True).get(pk=ticket.pk)
    before = _facts_of(stored)
    was_open, was_escalated, was_called = stored.is_open, stored.is_escalated, (stored.subject, stored.account_id)
    was_grave = stored.is_grave
    give_facts(stored, facts, now=now)
    refuse_what_cannot_be(stored, now=now)
    if _facts_of(stored) == before:
        return stored
    _save(stored, by=by)
    if was_called != (stored.subject, stored.account_id):
        _tell_opened(stored, by=by)
    if was_open and not stored.is_open:
        _tell_resolved(stored, by=by)
    elif not was_open and stored.is_open:
        _tell(stored, "Ticket reopened", by=by)
    if stored.is_escalated and not was_escalated:
        _tell(stored, "Ticket escalated", by=by)
    if stored.is_grave != was_grave:
        support_called.send(sender=SupportTicket, organization=stored.organization)
    return stored


def record_ticket(
    *,
    organization: Organization,
    by: User | None,
    account: Account,
    subject: str,
    now: datetime | None = None,
    **facts: Unpack[TicketDetails],
) -> tuple[SupportTicket, bool]:
    """Open a ticket, or bring the one with this outside id up to date; says whether it is new."""
    known = _known(organization, facts.get("external_id", ""))
    if known is None:
        try:
            return open_ticket(
                organization=organization, by=by, account=account, subject=subject, now=now, **facts
            ), True
        except InvalidTicket:
            known = _known(organization, facts.get("external_id", ""))
            if known is None:  # refused for another reason than that it came a moment ago
                raise
    return update_ticket(ticket=known, by=by, account=account, subject=subject, now=now, **facts), False


@transaction.atomic
def delete_ticket(*, ticket: SupportTicket, by: User | None) -> None:
    """Take back a ticket that was written by mistake, its lines of the timeline too."""
    ticket.organization.activities.about("support_ticket", ticket.uuid).delete()
    ticket._history_user = by
    ticket.delete()


def _known(organization: Organization, external_id: str) -> SupportTicket | None:
    return organization.tickets.with_external_id(external_id).first() if external_id else None


def give_facts(ticket: SupportTicket, facts: TicketFacts | TicketDetails, *, now: datetime) -> None:
    """Set the facts; a ticket is resolved at a moment exactly while its status says so."""
    given: Any = facts.get("resolved_at", _UNCHANGED)
    was_resolved_at = ticket.resolved_at
    for field, value in facts.items():
        setattr(ticket, field, value)
    if ticket.status in OPEN_STATUSES:
        # What was read may be sent back: the moment it was resolved at falls when it is reopened.
        if given not in (_UNCHANGED, None, was_resolved_at):
            raise InvalidTicket("resolved_at", "An open or pending ticket has none. Send its status too.")
        ticket.resolved_at = None
    elif ticket.resolved_at is None:
        ticket.resolved_at = was_resolved_at or max(now, ticket.opened_at)


def refuse_what_cannot_be(ticket: SupportTicket, *, now: datetime, trusted: Sequence[str] = ()) -> None:
    """Say what is wrong with a ticket before it is written; `trusted` fields were looked up by the caller."""
    ticket.subject = " ".join(ticket.subject.split())
    if not ticket.subject:
        raise InvalidTicket("subject", "Say in a few words what it is about.")
    for field in ("opened_at", "first_response_at", "resolved_at"):
        moment = getattr(ticket, field)
        if moment is not None and moment > now + CLOCK_SKEW:
            raise InvalidTicket(field, "It must not lie ahead.")
        if moment is not None and moment < ticket.opened_at:
            raise InvalidTicket(field, "It must not be before the ticket was opened.")
    try:
        ticket.clean_fields(exclude=[*COMPUTED, *trusted])
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error


def _facts_of(ticket: SupportTicket) -> tuple[object, ...]:
    return tuple(getattr(ticket, field.attname) for field in SupportTicket._meta.concrete_fields)


def _save(ticket: SupportTicket, *, by: User | None) -> None:
    ticket._history_user = by
    ticket.save()


# -- timeline ---------------------------------------------------------------------------------------


def opened_line(ticket: SupportTicket, *, by: User | None = None) -> Happening:
    return Happening(
        account=ticket.account,
        kind=ActivityKind.TICKET,
        title=f"Ticket opened: {ticket}",
        occurred_at=ticket.opened_at,
        by=by,
        is_system=by is None,
        subject=ticket,
        event="opened",
        details={"priority": ticket.priority},
    )


def resolved_line(ticket: SupportTicket, *, by: User | None = None) -> Happening:
    what = "closed" if ticket.status == TicketStatus.CLOSED else "resolved"
    return Happening(
        account=ticket.account,
        kind=ActivityKind.TICKET,
        title=f"Ticket {what}: {ticket}",
        occurred_at=ticket.resolved_at,
        by=by,
        is_system=by is None,
        subject=ticket,
        event="resolved",
        details={"csat": ticket.csat},
    )


def _tell_opened(ticket: SupportTicket, *, by: User | None) -> None:
    revise_activity(opened_line(ticket, by=by))


def _tell_resolved(ticket: SupportTicket, *, by: User | None) -> None:
    revise_activity(resolved_line(ticket, by=by))


def _tell(ticket: SupportTicket, what: str, *, by: User | None) -> None:
    record_activity(
        Happening(
            account=ticket.account,
            kind=ActivityKind.TICKET,
            title=f"{what}: {ticket}",
            by=by,
            is_system=by is None,
            subject=ticket,
        )
    )
