"""Goals: the board with its form, one goal, and the tab of an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView

from accounts.enums import GoalStatus
from accounts.forms.fields import offered_names
from accounts.forms.goal import GoalForm, MilestoneForm
from accounts.goal_list import GOALS, filtered_goals
from accounts.models import Account, Goal
from accounts.models.goal import STATUS_TONES
from accounts.permissions import can_edit_account, require_editable
from accounts.querysets import GoalQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.health_effect import health_while_goals_ran
from accounts.services import goal as services
from csplatform.charts import ChartData
from csplatform.exceptions import DomainError
from csplatform.formatting import date_text, days, trimmed
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, page
from csplatform.views.lists import ListExportView, ListPageView
from csplatform.views.paging import PagedListView


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReport:
    """How goals have ended so far, and where the open ones stand."""

    counts: dict[str, int]
    completion_pct: Decimal | None
    """Achieved of those that have ended."""
    days_to_achieve: Decimal | None
    """Mean time from the start to the day a goal was achieved."""

    @property
    def days_text(self) -> str:
        return days(self.days_to_achieve)


def goal_report(goals: GoalQuerySet) -> GoalReport:
    counts = dict(goals.order_by().values_list("status").annotate(n=Count("pk")))
    achieved, missed = counts.get(GoalStatus.ACHIEVED, 0), counts.get(GoalStatus.MISSED, 0)
    spans = [
        (end - start).days
        for start, end in goals.filter(status=GoalStatus.ACHIEVED)
        .order_by()
        .values_list("starts_on", "completion_date")
        if end
    ]
    return GoalReport(
        counts={status: counts.get(status, 0) for status in GoalStatus.values},
        completion_pct=Decimal(achieved) * 100 / (achieved + missed) if achieved + missed else None,
        days_to_achieve=Decimal(sum(spans)) / len(spans) if spans else None,
    )


class GoalListView(ListPageView):
    """All goals by filter, the soonest open ones on top; a new one is set on the same page. A board of cards, or
    with `show=table` a table."""

    list_name = GOALS
    list_template = "accounts/goal_list.html"
    template_name = "accounts/goal_list.html"
    context_object_name = "goals"
    write_permission = Action.EDIT_OWN_ACCOUNTS
    form: GoalForm | None = None

    def get_rows(self) -> GoalQuerySet:
        self.filter = filtered_goals(self.request.member, self.request.GET)
        rows: GoalQuerySet = self.filter.qs.select_related("account__owner")
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization, member = self.request.organization, self.request.member
        may_write = can(member, Action.EDIT_OWN_ACCOUNTS)
        day = today(organization)
        goals = organization.goals.filter(account__archived_at=None)
        report = goal_report(goals)
        return context | {
            "filter": self.filter,
            "report": report,
            "effects": health_while_goals_ran(organization, goals, now=timezone.now()),
            "cards": cards(context["goals"], day=day),
            "shows_table": self.request.GET.get("show") == "table",
            "form": self.form or (GoalForm(member=member) if may_write else None),
            "account_names": offered_names(member) if may_write else [],
            "has_goals": bool(sum(report.counts.values())),
        }

    def post(self, request: AuthenticatedRequest) -> HttpResponse:
        form = GoalForm(posted(request), member=request.member)
        if form.is_valid():
            try:
                goal = services.create_goal(organization=request.organization, by=request.user, **form.facts)
            except DomainError as error:
                add_refusal(form, error)
            else:
                messages.success(request, f"{goal} is set for {goal.account}.")
                return redirect(goal)
        self.form = form
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(), status=422)


class GoalExportView(ListExportView):
    """The goals of the list, as CSV or Excel."""

    list_name = GOALS


class GoalDetailView(OrganizationView, DetailView[Goal]):
    """One goal: how far, how fast, and by which steps."""

    template_name = "accounts/goal_detail.html"
    context_object_name = "goal"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> GoalQuerySet:
        goals: GoalQuerySet = self.request.organization.goals.select_related("account__owner", "created_by")
        return goals

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        goal, day = self.object, today(self.request.organization)
        milestones = list(goal.milestones.all())
        return super().get_context_data(
            card=cards([goal], day=day)[0],
            chart=value_chart(goal),
            finding=f"{trimmed(goal.current_value, 2)} of {trimmed(goal.target_value, 2)}",
            milestones=[{"row": each, "is_late": each.is_late(day)} for each in milestones],
            date_changes=goal.date_changes.select_related("by"),
            editable=can_edit_account(self.request.member, goal.account),
            milestone_form=MilestoneForm(),
            **kwargs,
        )


class AccountGoalsView(OrganizationView, PagedListView):
    """The goals of one account."""

    template_name = "accounts/account_goals.html"
    context_object_name = "goals"

    def get_queryset(self) -> GoalQuerySet:
        organization = self.request.organization
        self.account: Account = account_by_key(organization.accounts.for_list(), self.kwargs["key"])
        goals: GoalQuerySet = self.account.goals.soonest_first().select_related("account__owner")
        return goals

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        member = self.request.member
        editable = can_edit_account(member, self.account)
        return context | {
            "account": self.account,
            "cards": cards(context["goals"], day=today(self.request.organization)),
            "editable": editable,
            "form": GoalForm(member=member, account=self.account) if editable else None,
        }


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def goal_edit(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Change a goal, its day or its status."""
    goal = _editable(request, uuid)
    form = GoalForm(posted(request), member=request.member, goal=goal)
    if form.is_valid():
        try:
            services.update_goal(goal=goal, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['title']} is saved.")
            return redirect(goal)
    return render(
        request, "accounts/goal_form.html", {"form": form, "goal": goal}, status=422 if form.is_bound else 200
    )


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def goal_delete(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Take back what was set by mistake."""
    goal = _editable(request, uuid)
    services.delete_goal(goal=goal, by=request.user)
    messages.success(request, f"{goal} is deleted.")
    return redirect("accounts:account_goals", goal.account.number)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def milestone_add(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """One more step on the way."""
    goal = _editable(request, uuid)
    form = MilestoneForm(request.POST)
    if form.is_valid():
        kept: list[services.MilestoneFacts] = [{"id": each.uuid} for each in goal.milestones.all()]
        facts: Any = form.cleaned_data
        services.update_goal(goal=goal, by=request.user, milestones=[*kept, facts])
        messages.success(request, f"{form.cleaned_data['title']} is a milestone.")
    else:
        messages.error(request, "Give the milestone a title, and its day and value as a date and a number.")
    return redirect(goal)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def milestone_tick(request: AuthenticatedRequest, uuid: str, milestone: str) -> HttpResponse:
    """Reached, or not after all."""
    goal = _editable(request, uuid)
    row = get_object_or_404(goal.milestones.select_related("goal__account"), uuid=milestone)
    services.tick_milestone(
        milestone=row, by=request.user, today=today(request.organization), is_reached=row.reached_on is None
    )
    return redirect(goal)


def cards(goals: Iterable[Goal], *, day: Any) -> list[dict[str, Any]]:
    """What a goal's card says beside its own fields."""
    return [
        {
            "goal": goal,
            "progress": goal.progress_pct,
            "progress_tone": STATUS_TONES[GoalStatus(goal.status)].replace("info", "primary"),
            "elapsed": None if (elapsed := goal.pace.elapsed(day)) is None else elapsed * 100,
            "projected_on": goal.projected_on(day),
            "current": trimmed(goal.current_value, 2),
            "baseline": trimmed(goal.baseline_value, 2),
            "target": trimmed(goal.target_value, 2),
        }
        for goal in goals
    ]


def value_chart(goal: Goal) -> ChartData:
    """The values that were read, with the target as a line."""
    readings = [(each.read_on, each.value) for each in goal.readings.all()]
    if readings and readings[0][0] > goal.starts_on:
        readings.insert(0, (goal.starts_on, goal.baseline_value))
    if len(readings) < 2:
        readings = []
    return {
        "labels": [date_text(day) for day, _ in readings],
        "series": [
            {
                "name": goal.get_metric_type_display(),
                "tone": "blue",
                "values": [float(value) for _, value in readings],
                "texts": [trimmed(value, 2) for _, value in readings],
            },
            {
                "name": "Target",
                "tone": "green",
                "dashed": True,
                "values": [float(goal.target_value)] * len(readings),
                "texts": [trimmed(goal.target_value, 2)] * len(readings),
            },
        ],
        "x_title": "Date",
        "y_title": goal.unit or goal.get_metric_type_display(),
    }


def _editable(request: AuthenticatedRequest, uuid: str) -> Goal:
    goal: Goal = get_object_or_404(request.organization.goals.select_related("account"), uuid=uuid)
    require_editable(request.member, goal.account)
    return goal
