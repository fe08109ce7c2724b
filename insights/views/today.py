"""Today: the page that a day begins with, and what is done on it in one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.enums import AccountScope
from accounts.exceptions import FollowUpAlreadyDone, FollowUpNotDone
from accounts.models import Account, FollowUp
from accounts.permissions import require_doable
from accounts.selectors.account_by_key import account_by_key
from accounts.services.follow_up import complete_follow_up, reopen_follow_up
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.periods import end_of_day, today
from csplatform.permissions import Action, can
from csplatform.services.membership import change_capacity
from csplatform.views.base import OrganizationView, explain, page
from insights.forms.today import RENEWALS, CapacityForm, SnoozeAccountForm
from insights.selectors.today.board import day_board, quiet_accounts
from insights.selectors.today.ranking import TodayRow, day_list, with_accounts
from insights.selectors.today.scope import DayScope, usual_scope
from insights.services.snooze import snooze_account, wake_account

PAGE_SIZE = 50
SCOPES = [
    (AccountScope.MY_ACCOUNTS, "Mine"),
    (AccountScope.TEAM_ACCOUNTS, "My team's"),
    (AccountScope.ALL, "Everybody's"),
]
GREETINGS = ((5, "Good night"), (12, "Good morning"), (17, "Good afternoon"), (24, "Good evening"))
COUNTERS = (
    ("overdue", "Overdue"),
    ("today", "Due today"),
    ("next_7", "Next 7 days"),
    ("next_30", "Next 30 days"),
)
"""The counters above the list, by bucket of the follow-ups."""


class TodayView(OrganizationView, TemplateView):
    """Who needs me, why, and what is next; `user` says whose day, `show=all` lifts the limit of what fits it."""

    template_name = "insights/today.html"

    def get_template_names(self) -> list[str]:
        return ["insights/_today.html" if self.request.htmx else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**today_context(self.request, now=timezone.now()), **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


def today_context(request: AuthenticatedRequest, *, now: datetime) -> dict[str, Any]:
    """Everything that the page, or its list alone, prints."""
    member = request.member
    asked = request.GET.get("user", "")
    chosen = asked if asked in AccountScope.values else usual_scope(member)
    scope = DayScope(member=member, scope=chosen, now=now)
    found, board = day_list(scope), day_board(scope)
    shows_all = request.GET.get("show") == "all"
    size = PAGE_SIZE if shows_all else member.daily_capacity
    page_obj = Paginator(found.rows, size).get_page(request.GET.get("page") if shows_all else 1)
    rows = with_accounts(scope, list(page_obj.object_list))
    return {
        "now": now,
        "today": scope.today,
        "day_ends": end_of_day(scope.today, scope.organization),
        "overdue": board.counts.overdue,
        "greeting": _greeting(request, now),
        "scope": chosen,
        "scopes": _scope_links(request, chosen),
        "rows": [{"row": row, "renewals": _renewal_choices(row, scope)} for row in rows],
        "page_obj": page_obj,
        "shows_all": shows_all,
        "total": len(found.rows),
        "rest": len(found.rows) - len(rows),
        "list": found,
        "board": board,
        "counters": [
            {"label": label, "count": getattr(board.counts, name), "url": _tasks_url(chosen, name), "name": name}
            for name, label in COUNTERS
        ],
        "quiet": 0 if found.rows else quiet_accounts(scope),
        "capacity_form": CapacityForm(initial={"accounts": member.daily_capacity}),
        "may_write": can(member, Action.EDIT_OWN_ACCOUNTS),
        "here": _here(request),
        "back": _back(request),
    }


def _greeting(request: AuthenticatedRequest, now: datetime) -> str:
    hour = timezone.localtime(now).hour
    words = next(words for until, words in GREETINGS if hour < until)
    first = request.user.name.split()[0] if request.user.name.strip() else ""
    return f"{words}, {first}" if first else words


def _scope_links(request: AuthenticatedRequest, chosen: str) -> list[dict[str, Any]]:
    in_team = chosen == AccountScope.TEAM_ACCOUNTS or request.member.team_members.exists()
    return [
        {"label": label, "url": f"{reverse('insights:today')}?user={value}", "is_current": value == chosen}
        for value, label in SCOPES
        if in_team or value != AccountScope.TEAM_ACCOUNTS
    ]


def _tasks_url(scope: str, bucket: str) -> str:
    assignee = "" if scope == AccountScope.ALL else scope
    return f"{reverse('accounts:follow_up_list')}?assignee={assignee}&due={bucket}"


def _renewal_choices(row: TodayRow, scope: DayScope) -> list[tuple[str, int]]:
    """How near a renewal may come before the account is back: only what is still ahead."""
    left = row.account.renews_in_days(scope.today)
    return [] if left is None else [(name, days) for name, days in RENEWALS.items() if left > days]


def _here(request: AuthenticatedRequest) -> str:
    """The query that brings back what is shown."""
    query = request.GET.copy()
    for name in list(query):
        if name not in ("user", "show", "page"):
            query.pop(name)
    return query.urlencode()


def _back(request: AuthenticatedRequest) -> str:
    here = _here(request)
    return f"{reverse('insights:today')}{'?' if here else ''}{here}"


# -- what is done in one click ----------------------------------------------------------------------


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def today_complete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Done; a second click finds it done and says the same."""
    follow_up = _follow_up(request, uuid)
    undo = reverse("insights:today_reopen", args=[uuid])
    try:
        complete_follow_up(follow_up=follow_up, by=request.user)
    except FollowUpAlreadyDone:
        pass
    except DomainError as error:
        return _told(request, explain(error), tone="error")
    return _told(request, f"“{follow_up.task_type}” is done.", undo=undo)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def today_reopen(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    follow_up = _follow_up(request, uuid)
    try:
        reopen_follow_up(follow_up=follow_up, by=request.user)
    except FollowUpNotDone:
        pass
    except DomainError as error:
        return _told(request, explain(error), tone="error")
    return _told(request, f"“{follow_up.task_type}” is open again.")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def today_snooze(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Put an account off one's own list; everybody may put off what they see."""
    account = _account(request, key)
    form = SnoozeAccountForm(request.POST)
    if not form.is_valid():
        return _told(request, _sentences(form), tone="error")
    facts = form.facts(today=today(request.organization))
    try:
        snooze = snooze_account(account=account, member=request.member, **facts)
    except DomainError as error:
        return _told(request, explain(error) if not error.errors else error.message, tone="error")
    return _told(
        request, f"{account} is put off {snooze.words}.", undo=reverse("insights:today_wake", args=[account.number])
    )


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def today_wake(request: AuthenticatedRequest, key: str) -> HttpResponse:
    account = _account(request, key)
    wake_account(account=account, member=request.member)
    return _told(request, f"{account} is back on the list.")


@require_POST
@page(write=Action.OWN_SETTINGS)
def today_capacity(request: AuthenticatedRequest) -> HttpResponse:
    """How many accounts fit the member's day."""
    form = CapacityForm(request.POST)
    if not form.is_valid():
        return _told(request, _sentences(form), tone="error")
    change_capacity(membership=request.member, accounts=form.cleaned_data["accounts"])
    return _told(request, f"Your day fits {form.cleaned_data['accounts']} accounts.")


def _sentences(form: Form) -> str:
    return " ".join(str(each) for errors in form.errors.values() for each in errors)


def _account(request: AuthenticatedRequest, key: str) -> Account:
    return account_by_key(request.organization.accounts.for_list(), key)


def _follow_up(request: AuthenticatedRequest, uuid: UUID) -> FollowUp:
    rows = request.organization.follow_ups.for_list().select_related("organization")
    follow_up: FollowUp = get_object_or_404(rows, uuid=uuid)
    require_doable(request.member, follow_up)
    return follow_up


def _told(request: AuthenticatedRequest, text: str, *, tone: str = "success", undo: str = "") -> HttpResponse:
    """The page's content as it is now with a toast, to htmx; else back to the page with a message."""
    if request.htmx:
        toast = {"text": text, "tone": tone, "undo_url": undo}
        return render(request, "insights/_today.html", today_context(request, now=timezone.now()) | {"toast": toast})
    tell = messages.error if tone == "error" else messages.success
    tell(request, text, extra_tags=f"undo:{undo}" if undo else "")
    return redirect(_back(request))
