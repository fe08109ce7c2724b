"""The list of tickets, as its page, saved views and exports know it."""

from __future__ import annotations

from django.http import QueryDict

from accounts.common_columns import account_column, moment_column, the_row
from accounts.querysets import TicketQuerySet, priority_rank
from accounts.ticket_filter import DEFAULT_SORT, SORTS, TicketFilter
from csplatform.lists import Column, ColumnSet, ListPage
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership

TICKETS = "tickets"


TICKET_COLUMNS = ColumnSet(
    Column(
        name="subject",
        label="Ticket",
        value=the_row,
        export=lambda ticket: ticket.subject,
        beside=(("External id", lambda ticket: ticket.external_id),),
        template="accounts/cells/ticket.html",
        sort=SORTS["subject"],
        is_fixed=True,
    ),
    account_column(),
    Column(
        name="priority",
        label="Priority",
        value=the_row,
        export=lambda ticket: ticket.get_priority_display(),
        beside=(("Escalated", lambda ticket: ticket.is_escalated),),
        template="accounts/cells/ticket_priority.html",
        sort=lambda context: priority_rank(),
    ),
    Column(
        name="status",
        label="Status",
        value=the_row,
        export=lambda ticket: ticket.get_status_display(),
        template="accounts/cells/ticket_status.html",
        sort=SORTS["status"],
    ),
    Column(
        name="opened",
        label="Opened",
        value=the_row,
        export=lambda ticket: ticket.opened_at,
        template="accounts/cells/ticket_opened.html",
        sort=SORTS["opened"],
        first="-",
        css="nowrap",
    ),
    Column(
        name="due",
        label="Due",
        value=the_row,
        export=lambda ticket: ticket.due_at,
        template="accounts/cells/ticket_due.html",
        sort=SORTS["due"],
        css="nowrap",
    ),
    Column(
        name="csat",
        label="CSAT",
        value=lambda ticket: ticket.csat,
        template="accounts/cells/csat.html",
        sort=SORTS["csat"],
        first="-",
        css="num",
    ),
    moment_column("answered", "First answered", field="first_response_at", is_default=False),
    moment_column("resolved", "Resolved", is_default=False),
    moment_column("updated", "Updated", is_default=False),
    ties=("-opened_at", "-pk"),
    default_sort=DEFAULT_SORT,
)


def filtered_tickets(member: Membership, query: QueryDict) -> TicketFilter:
    return TicketFilter(query, queryset=member.organization.tickets.all(), member=member)


def _narrowed(member: Membership, query: QueryDict) -> TicketQuerySet:
    rows: TicketQuerySet = filtered_tickets(member, query).qs.for_list()
    return rows


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(filtered_tickets(member, query).form)


TICKET_LIST = ListPage(
    name=TICKETS,
    label="Tickets",
    url_name="accounts:ticket_list",
    columns=TICKET_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
)
