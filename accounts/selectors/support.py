"""How support stands: what is open, how fast it answers, what customers say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from accounts.enums import TicketPriority
from accounts.models import SupportTicket
from accounts.models.ticket import OPEN_STATUSES
from accounts.querysets import AccountQuerySet, TicketQuerySet
from csplatform.formatting import hours, rating
from csplatform.history import states_at
from csplatform.models import Organization
from csplatform.periods import Window, day_bounds, end_of_day, today

MOST_SHOWN = 10
SECOND = timedelta(seconds=1)
COLUMN_OF = {"account_number": "account__number", "account_name": "account__name"}


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


class OpenTicket(NamedTuple):
    """A ticket that was open at the end of a day; a plain value, since there may be thousands."""

    id: int
    external_id: str
    subject: str
    account_id: int
    account_number: int
    account_name: str
    priority: str
    is_escalated: bool
    opened_at: datetime
    due_at: datetime | None
    uuid: UUID


def open_on(organization: Organization, day: date, **narrowed: Any) -> QuerySet[Any]:
    """The organisation's tickets that were open or pending, as recorded at the end of a day: as they stand where that
    is today. More may be asked of them, as they were then."""
    wanted = Q(status__in=OPEN_STATUSES, **narrowed)
    if day >= today(organization):
        return organization.tickets.filter(wanted).order_by()
    return states_at(SupportTicket, organization, end_of_day(day, organization), where=wanted)


def open_tickets(organization: Organization, *, accounts: AccountQuerySet, as_of: date) -> list[OpenTicket]:
    """The tickets of these accounts that were open or pending at the end of a day; one query."""
    rows = open_on(organization, as_of).filter(account_id__in=accounts.order_by().values("pk"))
    columns = [COLUMN_OF.get(name, name) for name in OpenTicket._fields]
    return [OpenTicket(*row) for row in rows.values_list(*columns)]


def support_stats(
    organization: Organization,
    *,
    accounts: AccountQuerySet,
    window: Window,
    as_of: date | None = None,
    seen: Sequence[OpenTicket] | None = None,
) -> SupportStats:
    """Of the given accounts; `as_of` is the day whose end the states are of, the window's last unless given, and
    `seen` what was read of that day, where the caller knows."""
    day = as_of or window.end
    keys = accounts.order_by().values("pk")
    now = end_of_day(day, organization)
    tickets = open_tickets(organization, accounts=accounts, as_of=day) if seen is None else seen
    counted = Counter(each.priority for each in tickets)
    means = _means(organization.tickets.filter(account__in=keys).order_by(), _moments(organization, window))
    return SupportStats(
        open=counted.total(),
        escalated=sum(each.is_escalated for each in tickets),
        late=sum(each.due_at is not None and each.due_at < now for each in tickets),
        by_priority={priority: counted[priority] for priority in TicketPriority},
        **means,
    )


def pressing_tickets(tickets: Iterable[OpenTicket], *, most: int = MOST_SHOWN) -> list[OpenTicket]:
    """Those of these tickets that press most: by priority, then the oldest first."""
    rank = {priority: place for place, priority in enumerate(TicketPriority.values)}
    return sorted(tickets, key=lambda each: (rank[each.priority], each.opened_at, each.id))[:most]


def with_critical(tickets: Iterable[OpenTicket]) -> set[int]:
    """The keys of the accounts that have a critical one among these."""
    return {each.account_id for each in tickets if each.priority == TicketPriority.CRITICAL}


def open_tickets_by_account(
    organization: Organization, *, as_of: date, priority: TicketPriority | None = None, escalated: bool = False
) -> dict[int, int]:
    """How many tickets each account had open at the end of a day; accounts without any are not there."""
    narrowed: dict[str, Any] = {} if priority is None else {"priority": priority}
    if escalated:
        narrowed["is_escalated"] = True
    rows = open_on(organization, as_of, **narrowed)
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
