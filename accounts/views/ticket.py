"""Support tickets: the list with its export, one ticket, its form, and the tab of an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView

from accounts.forms.fields import offered_names
from accounts.forms.ticket import TicketForm
from accounts.models import SupportTicket
from accounts.permissions import can_edit_account, require_editable
from accounts.querysets import TicketQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.support import support_stats
from accounts.services import ticket as services
from accounts.ticket_filter import TicketFilter
from accounts.ticket_list import TICKETS, filtered_tickets
from csplatform.exceptions import DomainError
from csplatform.formatting import days, hours
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.models import User
from csplatform.periods import last_days, today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, page
from csplatform.views.lists import ListExportView, ListPageView
from csplatform.views.paging import PagedListView

STATS_DAYS = 30
TOLD = ("status", "priority", "is_escalated", "csat", "subject", "description", "account_id")
"""Fields whose changes a ticket's page tells."""


class TicketListView(ListPageView):
    """Tickets by filter, a page at a time; htmx gets the list alone."""

    list_name = TICKETS
    list_template = "accounts/_ticket_table.html"
    template_name = "accounts/ticket_list.html"
    context_object_name = "tickets"

    def get_rows(self) -> TicketQuerySet:
        self.filter = filtered_tickets(self.request.member, self.request.GET)
        rows: TicketQuerySet = self.filter.qs.for_list()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization = self.request.organization
        if not self.request.htmx:
            window = last_days(today(organization), STATS_DAYS)
            accounts = organization.accounts.unarchived()
            context["stats"] = support_stats(organization, accounts=accounts, window=window)
        return context | {
            "filter": self.filter,
            "now": timezone.now(),
            "has_tickets": bool(self.sums["count"]) or organization.tickets.exists(),
            "may_write": can(self.request.member, Action.EDIT_OWN_ACCOUNTS),
        }


class TicketExportView(ListExportView):
    """The tickets of the list, as CSV or Excel."""

    list_name = TICKETS


class TicketDetailView(OrganizationView, DetailView[SupportTicket]):
    """One ticket, what became of it and when."""

    template_name = "accounts/ticket_detail.html"
    context_object_name = "ticket"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> TicketQuerySet:
        tickets: TicketQuerySet = self.request.organization.tickets.select_related("account__owner")
        return tickets

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ticket = self.object
        states = list(ticket.history.select_related("history_user").order_by("history_date", "history_id"))
        return super().get_context_data(
            changes=_changes(states),
            is_late=ticket.is_late(timezone.now()),
            response_text=_span(ticket.response_time),
            resolution_text=_span(ticket.resolution_time),
            editable=can_edit_account(self.request.member, ticket.account),
            **kwargs,
        )


class AccountTicketsView(OrganizationView, PagedListView):
    """The tickets of one account, most pressing first, resolved ones behind."""

    template_name = "accounts/account_tickets.html"
    context_object_name = "tickets"

    def get_queryset(self) -> TicketQuerySet:
        organization = self.request.organization
        self.account = account_by_key(organization.accounts.for_list(), self.kwargs["key"])
        self.filter = TicketFilter(self.request.GET, queryset=self.account.tickets.all(), member=self.request.member)
        tickets: TicketQuerySet = self.filter.qs.unresolved_first()
        return tickets

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        window = last_days(today(organization), 90)
        accounts = organization.accounts.filter(pk=self.account.pk)
        return super().get_context_data(
            account=self.account,
            stats=support_stats(organization, accounts=accounts, window=window),
            now=timezone.now(),
            filter=self.filter,
            editable=can_edit_account(self.request.member, self.account),
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def ticket_create(request: AuthenticatedRequest) -> HttpResponse:
    """Write down a request that came by phone or mail."""
    key = request.GET.get("account", "")
    account = request.organization.accounts.with_key(key).first() if key else None
    form = TicketForm(posted(request), member=request.member, now=timezone.now(), account=account)
    if form.is_valid():
        try:
            ticket = services.open_ticket(organization=request.organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{ticket} is written down.")
            return redirect(ticket)
    return _form_page(request, form, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def ticket_edit(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Change a ticket."""
    ticket = _editable(request, uuid)
    form = TicketForm(posted(request), member=request.member, now=timezone.now(), ticket=ticket)
    if form.is_valid():
        try:
            services.update_ticket(ticket=ticket, by=request.user, **form.changes)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['subject']} is saved.")
            return redirect(ticket)
    return _form_page(request, form, ticket=ticket)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def ticket_delete(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Take back what was written by mistake."""
    ticket = _editable(request, uuid)
    services.delete_ticket(ticket=ticket, by=request.user)
    messages.success(request, f"{ticket} is deleted.")
    return redirect("accounts:account_tickets", ticket.account.number)


def _span(time: timedelta | None) -> str:
    """`4.2h`, and from two days on `3 days`."""
    if time is None:
        return ""
    took = Decimal(time // timedelta(seconds=1)) / 3600
    return hours(took) if took < 48 else days(took / 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one line of a ticket's history says."""

    at: datetime
    by: User | None
    texts: list[str]


def _changes(states: Sequence[Any]) -> list[Change]:
    """What changed from one state to the next, newest first."""
    found = []
    for before, after in pairwise([None, *states]):
        texts = ["Opened"] if before is None else [text for name in TOLD if (text := _told(before, after, name))]
        if texts:
            found.append(Change(at=after.history_date, by=after.history_user, texts=texts))
    return found[::-1]


def _told(before: Any, after: Any, name: str) -> str:
    was, now = getattr(before, name), getattr(after, name)
    if was == now:
        return ""
    match name:
        case "is_escalated":
            return "Escalated" if now else "No longer escalated"
        case "csat":
            return f"Rated {now} of 5 by the customer" if now else "Rating taken back"
        case "account_id":
            return "Moved to another account"
        case "subject" | "description":
            return f"{name.capitalize()} changed"
        case _:
            return f"{name.capitalize()}: {was} → {now}"


def _editable(request: AuthenticatedRequest, uuid: str) -> SupportTicket:
    ticket = get_object_or_404(request.organization.tickets.for_list(), uuid=uuid)
    require_editable(request.member, ticket.account)
    return ticket


def _form_page(request: AuthenticatedRequest, form: TicketForm, **context: Any) -> HttpResponse:
    names = offered_names(request.member) if "account" in form.fields else []
    context |= {"form": form, "account_names": names}
    return render(request, "accounts/ticket_form.html", context, status=422 if form.is_bound else 200)
