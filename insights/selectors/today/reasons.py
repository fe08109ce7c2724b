"""Why accounts ask for somebody: one question each, answered for any number of accounts at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.enums import CommitmentSide, EngagementType, TicketPriority
from accounts.selectors.engagement_analytics import out_of_touch
from billing.enums import RenewalStatus
from csplatform import periods
from csplatform.formatting import counted, date_text, trimmed
from csplatform.models import Organization
from health.selectors.portfolio import accounts_with_change
from insights.attention import SOON, Reason
from insights.enums import ReasonKind
from insights.selectors.today.scope import DayScope

Found = tuple[int, Reason]

FELL_DAYS, FELL_BY = 7, Decimal(5)
"""A score that fell by so many points in so many days is asked about."""
RENEWAL_DAYS, RENEWAL_NEAR_DAYS, NOTICE_DAYS = 90, 30, 14
"""From when on a renewal without a meeting is a reason, one with a meeting, and a notice deadline."""
MET_DAYS = 30
TALKS = (EngagementType.MEETING, EngagementType.CALL, EngagementType.DEMO, EngagementType.TRAINING)
"""What counts as a meeting: people spoke with each other."""
INVOICE_DAYS = 30
"""An invoice that is later than this is a reason to call, as it is a risk."""


def all_reasons(scope: DayScope) -> dict[int, list[Reason]]:
    """The reasons of every account that has one, by key; a fixed number of queries."""
    found: dict[int, list[Reason]] = defaultdict(list)
    for question in QUESTIONS:
        for account, reason in question(scope):
            found[account].append(reason)
    return found


def tasks_due(scope: DayScope) -> Iterator[Found]:
    """Open tasks that are due by the end of the seventh day ahead; the first in words, the others counted."""
    end = periods.end_of_day(scope.today + SOON, scope.organization)
    due = scope.tasks.open().due_before(end).filter(account__in=scope.organization.accounts.open())
    rows = due.annotate(at=Coalesce("snoozed_until", "due_at")).order_by("at", "pk")
    first: dict[int, tuple[str, datetime]] = {}
    more: Counter[int] = Counter()
    for account, task, falls_due in rows.values_list("account", "task_type", "at"):
        if account in first:
            more[account] += 1
        else:
            first[account] = task, falls_due
    for account, (task, falls_due) in first.items():
        words = partial(_task_words, scope, falls_due, task, more[account])
        yield account, Reason(kind=ReasonKind.FOLLOW_UP, words=words, due_at=falls_due)


def promises_due(scope: DayScope) -> Iterator[Found]:
    """What we promised and have to keep within seven days; what they promised and have not kept."""
    open_ones = scope.organization.commitments.open().filter(engagement__account__in=scope.accounts.values("pk"))
    ours = Q(side=CommitmentSide.US, due_on__lte=scope.today + SOON)
    theirs = Q(side=CommitmentSide.CUSTOMER, due_on__lt=scope.today)
    rows = open_ones.filter(ours | theirs).order_by("due_on", "pk")
    for account, side, what, due_on in rows.values_list("engagement__account", "side", "what", "due_on"):
        if due_on is None:  # for the type checker: those without a day are not among them
            continue
        whose = "our promise" if side == CommitmentSide.US else "their promise"
        text = f"{whose} {_by_when(due_on, scope.today, late='late')}: {_shortened(what)}"
        due_at = scope.ends(due_on) if side == CommitmentSide.US else None
        yield account, Reason(kind=ReasonKind.PROMISE, words=text, due_at=due_at)


def pressing_tickets(scope: DayScope) -> Iterator[Found]:
    """Critical and escalated tickets that are open; due when it was promised, else from the moment they came."""
    critical = Q(priority=TicketPriority.CRITICAL)
    rows = scope.organization.tickets.open().filter(critical | Q(is_escalated=True), account__in=scope.accounts)
    rows = rows.order_by("opened_at", "pk")
    for account, priority, opened_at, due_at in rows.values_list("account", "priority", "opened_at", "due_at"):
        words = partial(_ticket_words, scope, priority, opened_at)
        yield account, Reason(kind=ReasonKind.TICKET, words=words, due_at=due_at or opened_at)


def renewals_near(scope: DayScope) -> Iterator[Found]:
    """Open terms: over and undecided, about to renew by themselves, or near and nobody has met."""
    terms = scope.organization.renewals.of_accounts(scope.accounts).open()
    rows = list(
        terms.filter(due_on__lte=scope.today + timedelta(days=RENEWAL_DAYS))
        .order_by("due_on", "pk")
        .values_list("account", "due_on", "status", "auto_renew", "notice_days")
    )
    met = _met(scope.organization, now=scope.now) if rows else set()
    for account, due_on, status, auto_renew, notice_days in rows:
        left = (due_on - scope.today).days
        notice_in = left - notice_days
        due_at = scope.ends(due_on)
        words: Callable[[], str] | None = None
        if left < 0:
            words = partial(_ended_words, -left)
        elif auto_renew and notice_days and 0 <= notice_in <= NOTICE_DAYS:
            words = partial(_notice_words, notice_in, left)
            due_at = scope.ends(due_on - timedelta(days=notice_days))
        elif account not in met:
            words = partial(_renewal_words, left, "with no meeting")
        elif left <= RENEWAL_NEAR_DAYS:
            words = partial(_renewal_words, left, RenewalStatus(status).label.lower(), comma=",")
        if words is not None:
            yield account, Reason(kind=ReasonKind.RENEWAL, words=words, due_at=due_at)


def health_fallen(scope: DayScope) -> Iterator[Found]:
    """A score that fell by five points and more in seven days."""
    moved = accounts_with_change(scope.accounts, today=scope.today, days=FELL_DAYS)
    for account, change in moved.filter(score_change__lte=-FELL_BY).values_list("pk", "score_change"):
        fell = trimmed(-change if change is not None else FELL_BY)
        yield account, Reason(kind=ReasonKind.HEALTH, words=f"health fell {fell} in {FELL_DAYS} days")


def invoices_late(scope: DayScope) -> Iterator[Found]:
    """Invoices that have been overdue for more than thirty days."""
    late = scope.organization.invoices.overdue(scope.today - timedelta(days=INVOICE_DAYS))
    rows = late.filter(account__in=scope.accounts.values("pk")).order_by().values_list("account")
    for account, count, oldest in rows.annotate(count=Count("pk"), oldest=Min("due_date")):
        words = partial(_invoice_words, count, (scope.today - oldest).days)
        yield account, Reason(kind=ReasonKind.INVOICE, words=words, due_at=scope.ends(oldest))


def silences(scope: DayScope) -> Iterator[Found]:
    """Nobody has been in touch for longer than the cadence of the account's segment allows."""
    quiet: QuerySet[Any] = out_of_touch(scope.organization, scope.accounts, now=scope.now)
    rows: QuerySet[Any, Any] = quiet.values_list("pk", "last_engagement", "created_at")
    for account, last, created_at in rows:
        yield account, Reason(kind=ReasonKind.SILENCE, words=partial(_silence_words, scope.now, last, created_at))


QUESTIONS = (tasks_due, promises_due, pressing_tickets, renewals_near, health_fallen, invoices_late, silences)


def _met(organization: Organization, *, now: datetime) -> set[int]:
    """Accounts that people spoke with in the last thirty days, or will."""
    talks: QuerySet[Any] = organization.engagements.filter(cancelled_at=None, type__in=TALKS).dated()
    recent = talks.filter(at__gte=now - timedelta(days=MET_DAYS))
    return set(recent.order_by().values_list("account", flat=True))


# -- in words ----------------------------------------------------------------------------------------


def _task_words(scope: DayScope, falls_due: datetime, task: str, more: int) -> str:
    """`follow-up due 11:00: Call`, or the day where that is another one; how many more there are."""
    local = falls_due.astimezone(scope.zone)
    if local.date() == scope.today:
        when = f"{'was due' if falls_due < scope.now else 'due'} {local:%H:%M}"
    else:
        when = _by_when(local.date(), scope.today, late="overdue")
    return f"follow-up {when}: {task}" + (f", and {counted(more, 'more task')}" if more else "")


def _ticket_words(scope: DayScope, priority: str, opened_at: datetime) -> str:
    word = "critical" if priority == TicketPriority.CRITICAL else "escalated"
    age = (scope.today - opened_at.astimezone(scope.zone).date()).days
    return f"{word} ticket " + (f"open {counted(age, 'day')}" if age > 0 else "opened today")


def _ended_words(days: int) -> str:
    return f"term ended {counted(days, 'day')} ago and nobody said what came of it"


def _notice_words(notice_in: int, left: int) -> str:
    return f"notice deadline {_ahead(notice_in)}, renewal {_ahead(left)}"


def _renewal_words(left: int, how: str, comma: str = "") -> str:
    return f"renewal {_ahead(left)}{comma} {how}"


def _invoice_words(count: int, days: int) -> str:
    late = counted(days, "day")
    return f"invoice {late} late" if count == 1 else f"{count} invoices late, the oldest {late}"


def _silence_words(now: datetime, last: datetime | None, created_at: datetime) -> str:
    days = counted((now - (last or created_at)).days, "day")
    return f"no contact for {days}" if last else f"no contact since it came {days} ago"


def _ahead(days: int) -> str:
    return f"in {counted(days, 'day')}" if days else "today"


def _by_when(day: date, today: date, *, late: str) -> str:
    """`3 days late`, `due today`, `due tomorrow`, `due on 4 Dec 2026`."""
    days = (day - today).days
    if days < 0:
        return f"{counted(-days, 'day')} {late}"
    return "due " + {0: "today", 1: "tomorrow"}.get(days, f"on {date_text(day)}")


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
