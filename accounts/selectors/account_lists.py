"""What the account list shows of the rows that hang on accounts: for a page in one query each, and to sort by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import Account, Engagement, FollowUp, SupportTicket
from csplatform.lists import ListContext


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFollowUps:
    """The tasks of an account that are due by now."""

    count: int
    since: datetime
    """When the oldest of them fell due."""


def last_engagements(context: ListContext, accounts: Sequence[Account]) -> Mapping[int, datetime]:
    """The contract's `last_engagement`: the newest `completed_at`, else `created_at`, of what was not cancelled."""
    rows = Engagement.objects.filter(account__in=_keys(accounts), cancelled_at=None).order_by().values("account")
    newest = rows.annotate(at=Max(Coalesce("completed_at", "created_at")))
    return dict(newest.values_list("account", "at"))


def last_engagement() -> Subquery:
    """The same as an expression over accounts."""
    rows = Engagement.objects.filter(account=OuterRef("pk"), cancelled_at=None).order_by().values("account")
    return Subquery(rows.annotate(at=Max(Coalesce("completed_at", "created_at"))).values("at"))


def open_tickets(context: ListContext, accounts: Sequence[Account]) -> Mapping[int, int]:
    rows = SupportTicket.objects.open().filter(account__in=_keys(accounts)).order_by().values("account")
    return dict(rows.annotate(count=Count("pk")).values_list("account", "count"))


def open_ticket_count() -> Coalesce:
    rows = SupportTicket.objects.open().filter(account=OuterRef("pk")).order_by().values("account")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def follow_ups_due(context: ListContext, accounts: Sequence[Account]) -> Mapping[int, DueFollowUps]:
    """Open tasks that are due by now; one that is put off counts from when it comes back."""
    due = Coalesce("snoozed_until", "due_at")
    rows = FollowUp.objects.filter(account__in=_keys(accounts)).open().alias(due=due)
    found = rows.filter(due__lte=timezone.now()).order_by().values("account")
    counted = found.annotate(count=Count("pk"), since=Min("due")).values_list("account", "count", "since")
    return {account: DueFollowUps(count=count, since=since) for account, count, since in counted}


def due_count() -> Coalesce:
    """The same as an expression over accounts."""
    is_due = Q(snoozed_until__lte=Now()) | Q(snoozed_until=None, due_at__lte=Now())
    rows = FollowUp.objects.open().filter(is_due, account=OuterRef("pk")).order_by().values("account")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def _keys(accounts: Sequence[Account]) -> list[int]:
    return [account.pk for account in accounts]
