"""How support stands: what is open, how fast it answers, what customers say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from accounts.enums import TicketPriority
from accounts.models import SupportTicket
from accounts.models.ticket import OPEN_STATUSES
from accounts.querysets import AccountQuerySet, TicketQuerySet, priority_rank
from csplatform.formatting import hours, rating
from csplatform.history import states_at
from csplatform.models import Organization
from csplatform.periods import Window, day_bounds, end_of_day, today

MOST_SHOWN = 10
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportStats:
    """States at the end of a day, and means over a window of days."""

    open: int
    """Open or pending."""
    escalated: int
    """Of those, escalated."""
    late: int
    """Of those, past what was promised."""
    by_priority: Mapping[TicketPriority, int]
    """Open ones by priority, all four; adds up to `open`."""
    response_hours: Decimal | None
    """Mean time to the first answer, of tickets first answered in the window."""
    answered: int
    csat: Decimal | None
    """Mean answer (1 to 5) of customers whose ticket was resolved in the window."""
    rated: int

    @property
    def critical(self) -> int:
        return self.by_priority[TicketPriority.CRITICAL]

    @property
    def response_text(self) -> str:
        """`4.2h`"""
        return hours(self.response_hours)

    @property
    def csat_text(self) -> str:
        """`4.3/5`"""
        return rating(self.csat)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressingTicket:
    """An open ticket as a list of the most pressing shows it."""

    external_id: str
    subject: str
    account_id: int
    account_number: int
    account_name: str
    priority: TicketPriority
    opened_at: datetime
    uuid: UUID


def tickets_on(organization: Organization, day: date) -> QuerySet[Any]:
    """The organisation's tickets as recorded at the end of a day: as they stand where that is today."""
    if day >= today(organization):
        return organization.tickets.order_by()
    return states_at(SupportTicket, organization, end_of_day(day, organization))


def support_stats(
    organization: Organization, *, accounts: AccountQuerySet, window: Window, as_of: date | None = None
) -> SupportStats:
    """Of the given accounts; `as_of` is the day whose end the states are of, the window's last unless given."""
    day = as_of or window.end
    keys = accounts.order_by().values("pk")
    now = end_of_day(day, organization)
    rows = tickets_on(organization, day).filter(status__in=OPEN_STATUSES, account_id__in=keys)
    counted: Counter[str] = Counter()
    escalated = late = 0
    for priority, is_escalated, due_at in rows.values_list("priority", "is_escalated", "due_at").iterator():
        counted[priority] += 1
        escalated += is_escalated
        late += due_at is not None and due_at < now
    means = _means(organization.tickets.filter(account__in=keys).order_by(), _moments(organization, window))
    return SupportStats(
        open=counted.total(),
        escalated=escalated,
        late=late,
        by_priority={priority: counted[priority] for priority in TicketPriority},
        **means,
    )


def pressing_tickets(
    organization: Organization, *, accounts: AccountQuerySet, as_of: date, most: int = MOST_SHOWN
) -> list[PressingTicket]:
    """Open tickets by priority, then the oldest first."""
    fields = (
        "external_id",
        "subject",
        "account_id",
        "account__number",
        "account__name",
        "priority",
        "opened_at",
        "uuid",
    )
    rows = tickets_on(organization, as_of).filter(
        status__in=OPEN_STATUSES, account_id__in=accounts.order_by().values("pk")
    )
    pressing = rows.annotate(rank=priority_rank()).order_by("rank", "opened_at", "pk").values_list(*fields)[:most]
    return [
        PressingTicket(
            external_id=external_id,
            subject=subject,
            account_id=account_id,
            account_number=number,
            account_name=name,
            priority=TicketPriority(priority),
            opened_at=opened_at,
            uuid=uuid,
        )
        for external_id, subject, account_id, number, name, priority, opened_at, uuid in pressing
    ]


def open_tickets_by_account(
    organization: Organization, *, as_of: date, priority: TicketPriority | None = None, escalated: bool = False
) -> dict[int, int]:
    """How many tickets each account had open at the end of a day; accounts without any are not there."""
    rows = tickets_on(organization, as_of).filter(status__in=OPEN_STATUSES)
    if priority is not None:
        rows = rows.filter(priority=priority)
    if escalated:
        rows = rows.filter(is_escalated=True)
    return dict(Counter(rows.values_list("account_id", flat=True)))


class _Means(TypedDict):
    response_hours: Decimal | None
    answered: int
    csat: Decimal | None
    rated: int


def _means(tickets: TicketQuerySet, moments: tuple[datetime, datetime]) -> _Means:
    """Time to the first answer, and what customers said, of what happened between two moments; one query."""
    took = ExpressionWrapper(F("first_response_at") - F("opened_at"), output_field=DurationField())
    in_time = Q(first_response_at__range=moments)
    is_rated = Q(resolved_at__range=moments, csat__isnull=False)
    found = tickets.filter(in_time | is_rated).aggregate(
        took=Avg(took, filter=in_time),
        answered=Count("pk", filter=in_time),
        points=Sum("csat", filter=is_rated),
        rated=Count("pk", filter=is_rated),
    )
    mean: timedelta | None = found["took"]
    return {
        "response_hours": None if mean is None else Decimal(mean // SECOND) / 3600,
        "answered": found["answered"],
        "csat": Decimal(found["points"]) / found["rated"] if found["rated"] else None,
        "rated": found["rated"],
    }


def _moments(organization: Organization, window: Window) -> tuple[datetime, datetime]:
    start = day_bounds(window.start, organization)[0]
    return start, end_of_day(window.end, organization)
