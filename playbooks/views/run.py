"""Runs: the list, one run with its steps, starting one, and an account's tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView

from accounts.forms.fields import offered_names
from accounts.models import Account
from accounts.permissions import can_edit_account, require_editable
from accounts.selectors.account_by_key import account_by_key
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.lists import ListExportView, ListPageView
from csplatform.views.paging import PagedListView
from playbooks.enums import RunStatus
from playbooks.forms import FinishForm, StartForm
from playbooks.models import PlaybookRun, RunStep
from playbooks.querysets import PlaybookRunQuerySet
from playbooks.run_list import RUNS, filtered_runs
from playbooks.selectors.recommendations import recommendations_for_account
from playbooks.selectors.run_counts import run_counts
from playbooks.services import run as services
from playbooks.services.run_steps import complete_step, reopen_step


class RunListView(ListPageView):
    """All runs by filter, the newest first."""

    list_name = RUNS
    list_template = "playbooks/_run_table.html"
    template_name = "playbooks/run_list.html"
    context_object_name = "runs"

    def get_rows(self) -> PlaybookRunQuerySet:
        self.filter = filtered_runs(self.request.member, self.request.GET)
        rows: PlaybookRunQuerySet = self.filter.qs.for_list().with_progress()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization = self.request.organization
        return context | {
            "filter": self.filter,
            "counts": run_counts(organization, now=timezone.now()),
            "has_runs": bool(self.sums["count"]) or organization.playbook_runs.exists(),
        }


class RunExportView(ListExportView):
    """The runs of the list, as CSV or Excel."""

    list_name = RUNS


class RunDetailView(OrganizationView, DetailView[PlaybookRun]):
    """One run: its steps with who and when, and what came of it."""

    template_name = "playbooks/run_detail.html"
    context_object_name = "run"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> PlaybookRunQuerySet:
        runs: PlaybookRunQuerySet = self.request.organization.playbook_runs.for_list().with_progress().with_steps()
        return runs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, member = self.object, self.request.member
        editable = can_edit_account(member, run.account) and can(member, Action.RUN_PLAYBOOKS)
        works = can(member, Action.EDIT_OWN_ACCOUNTS)
        now = timezone.now()
        return super().get_context_data(
            **{
                "steps": [
                    {
                        "row": step,
                        "is_late": step.is_late(now),
                        "is_doable": editable or (works and _is_mine(step, member.user_id)),
                    }
                    for step in run.steps.all()
                ],
                "editable": editable,
                "finish_form": FinishForm(initial={"outcome": run.outcome, "note": run.note}),
                "now": now,
                **kwargs,
            }
        )


def _is_mine(step: RunStep, user_id: int) -> bool:
    return step.follow_up is not None and step.follow_up.assignee_id == user_id


class AccountPlaybooksView(OrganizationView, PagedListView):
    """What was and is being done with one account, and what would fit now."""

    template_name = "playbooks/account_playbooks.html"
    context_object_name = "runs"

    def get_queryset(self) -> PlaybookRunQuerySet:
        organization = self.request.organization
        self.account: Account = account_by_key(organization.accounts.for_list(), self.kwargs["key"])
        runs: PlaybookRunQuerySet = self.account.playbook_runs.for_list().with_progress()
        return runs.order_by(F("finished_at").desc(nulls_first=True), "-started_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization, member = self.request.organization, self.request.member
        going_on = {
            run.playbook_id: run for run in self.account.playbook_runs.going_on() if run.playbook_id is not None
        }
        fits = recommendations_for_account(organization, self.account, today=today(organization))
        return context | {
            "account": self.account,
            "as_of": timezone.now(),
            "fits": [(each, going_on.get(each.playbook.pk)) for each in fits],
            "may_start": can_edit_account(member, self.account)
            and can(member, Action.RUN_PLAYBOOKS)
            and not self.account.is_archived,
        }


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.RUN_PLAYBOOKS, write=Action.RUN_PLAYBOOKS)
def run_create(request: AuthenticatedRequest) -> HttpResponse:
    """Start a playbook; `account` and `playbook` in the address fill the form in, best fits first."""
    account = _asked_account(request)
    form = StartForm(posted(request), member=request.member, account=account, initial=_asked(request))
    if form.is_valid():
        try:
            run, is_new = services.start_playbook(by=request.user, now=timezone.now(), **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            words = "“{}” has started with {}." if is_new else "“{}” is going on with {} already."
            messages.success(request, words.format(run, run.account))
            return _away(request, run)
    fits = (
        recommendations_for_account(request.organization, account, today=today(request.organization))
        if account
        else []
    )
    context = {
        "form": form,
        "account": account,
        "fits": fits,
        "account_names": offered_names(request.member),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return render(request, "playbooks/run_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.RUN_PLAYBOOKS)
def run_pause(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(request, uuid, services.pause_run, "“{}” is paused. Its open steps wait.")


@require_POST
@page(write=Action.RUN_PLAYBOOKS)
def run_resume(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(
        request, uuid, services.resume_run, "“{}” goes on. Its steps are due as much later as they waited."
    )


@require_POST
@page(write=Action.RUN_PLAYBOOKS)
def run_cancel(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(
        request, uuid, services.cancel_run, "“{}” is cancelled. Its open steps are nobody's task any more."
    )


@require_POST
@page(write=Action.RUN_PLAYBOOKS)
def run_finish(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """What came of it; a run that is going on ends with it."""
    form = FinishForm(request.POST)
    if form.is_valid():
        return _changed(request, uuid, services.finish_run, "Noted what came of “{}”.", **form.cleaned_data)
    view = RunDetailView()
    view.setup(request, uuid=uuid)
    view.object = _editable(request, uuid, view.get_queryset())
    return render(request, view.template_name, view.get_context_data(finish_form=form), status=422)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def step_settle(request: AuthenticatedRequest, uuid: UUID, n: int) -> HttpResponse:
    """A step is done, or with `reopen` not after all."""
    step = get_object_or_404(
        request.organization.run_steps.select_related(
            "run__account", "follow_up__account", "follow_up__organization"
        ),
        run__uuid=uuid,
        n=n,
    )
    if not (_is_mine(step, request.user.pk) and can(request.member, Action.EDIT_OWN_ACCOUNTS)):
        require_editable(request.member, step.run.account)
    try:
        if "reopen" in request.POST:
            reopen_step(step=step, by=request.user)
            words = "“{}” is open again."
        else:
            complete_step(step=step, by=request.user, now=timezone.now())
            words = "“{}” is done."
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, words.format(step.title))
        _tell_end(request, uuid)
    return _away(request, step.run)


def _tell_end(request: AuthenticatedRequest, uuid: UUID) -> None:
    run = request.organization.playbook_runs.get(uuid=uuid)
    if run.status == RunStatus.COMPLETED and not run.outcome:
        messages.info(request, "That was the last step. Say what came of it, so that others know.")


def _changed(
    request: AuthenticatedRequest, uuid: UUID, service: Callable[..., PlaybookRun], told: str, **facts: Any
) -> HttpResponse:
    run = _editable(request, uuid, request.organization.playbook_runs.for_list())
    try:
        service(run=run, by=request.user, now=timezone.now(), **facts)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, told.format(run))
    return _away(request, run)


def _editable(request: AuthenticatedRequest, uuid: UUID, runs: PlaybookRunQuerySet) -> PlaybookRun:
    run: PlaybookRun = get_object_or_404(runs, uuid=uuid)
    require_editable(request.member, run.account)
    return run


def _asked_account(request: AuthenticatedRequest) -> Account | None:
    key = request.GET.get("account", "")
    return request.organization.accounts.unarchived().with_key(key).first() if key else None


def _asked(request: AuthenticatedRequest) -> dict[str, Any]:
    number = request.GET.get("playbook", "")
    asked: dict[str, Any] = {"origin": request.GET.get("origin", "")}
    if number.isascii() and number.isdigit() and len(number) < 10:
        asked["playbook"] = int(number)
    return asked


def _away(request: AuthenticatedRequest, run: PlaybookRun) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if safe else reverse("playbooks:run_detail", args=[run.uuid]))
