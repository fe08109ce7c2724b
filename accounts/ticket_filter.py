"""Narrowing and sorting support tickets, for the page, its export and the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F
from django.utils import timezone

from accounts.enums import TicketPriority, TicketStatus
from accounts.list_filter import ListFilter, choice
from accounts.models import SupportTicket
from accounts.querysets import TicketQuerySet

UNRESOLVED, LATE = "unresolved", "late"
STATES = [(UNRESOLVED, "Open or pending"), (LATE, "Past due"), *TicketStatus.choices]
YES_NO = [("true", "Yes"), ("false", "No")]

SORTS = {
    "priority": "rank",
    "opened": "opened_at",
    "account": "account__name_key",
    "status": "status",
    "subject": "subject",
    "due": "due_at",
    "resolved": "resolved_at",
    "csat": "csat",
    "updated": "updated_at",
}
DEFAULT_SORT = "-opened"


def sorted_tickets(tickets: TicketQuerySet, sort: str) -> TicketQuerySet:
    """By one column, then by newest; a word that is no column sorts by newest."""
    column = SORTS.get(sort.removeprefix("-"), "")
    if not column:
        return tickets.order_by("-opened_at", "-pk")
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return tickets.with_rank().order_by(order, "-opened_at", "-pk")


class TicketFilter(ListFilter):
    """Filters combine with AND; days are those on which tickets were opened."""

    dated = "opened_at"
    is_moment = True

    status = choice(STATES, label="Status", empty_label="Any status", method="in_state")
    priority = choice(TicketPriority.choices, label="Priority", empty_label="Any priority")
    escalated = choice(YES_NO, label="Escalated", empty_label="Escalated or not", method="by_escalation")
    csat = django_filters.NumberFilter(min_value=1, max_value=5)

    class Meta:
        model = SupportTicket
        fields: list[str] = []

    def in_state(self, tickets: TicketQuerySet, _: str, state: str) -> TicketQuerySet:
        if state == UNRESOLVED:
            return tickets.open()
        return tickets.late(now=timezone.now()) if state == LATE else tickets.filter(status=state)

    def by_escalation(self, tickets: Any, _: str, value: str) -> Any:
        return tickets.filter(is_escalated=value == "true")
