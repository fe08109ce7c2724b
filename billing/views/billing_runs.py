"""Billing subscriptions from a page: what would be billed, doing it, looking at it, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from billing.enums import BillingOutcome
from billing.forms.billing_run import BillingRunForm
from billing.models import BillingRun
from billing.services.billable import plan_billing
from billing.services.billing_run import BILL, ISSUE, UNDO, WAITING, continue_run, run_result, start_run
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView

SHOWN = 100
"""Rows of a preview; the run has them all."""
STEPS = {"continue": BILL, "issue": ISSUE, "undo": UNDO}


class BillingRunListView(OrganizationView, PagedListView):
    """Billing runs, newest first."""

    template_name = "billing/run_list.html"
    context_object_name = "runs"

    def get_queryset(self) -> Any:
        return self.request.organization.billing_runs.select_related("job", "by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_write=can(self.request.member, Action.WRITE_BILLING), **kwargs)


@require_GET
@page(read=Action.WRITE_BILLING)
def run_new(request: AuthenticatedRequest) -> HttpResponse:
    """Choose what to bill, and see what that comes to; writes nothing."""
    organization = request.organization
    day = today(organization)
    form = BillingRunForm(request.GET or {"month": f"{day:%Y-%m}"}, today=day, currencies=_currencies(request))
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        plan = plan_billing(organization, form.choice(), today=day)
        context |= {
            "plan": plan,
            "due": plan.due[:SHOWN],
            "skipped": [(reason, found[:SHOWN], len(found)) for reason, found in plan.skipped_by_reason()],
            "choice": {name: value for name, value in form.data.items() if value and name in form.fields},
            "kpis": {"due": len(plan.due), "skipped": len(plan.skipped)},
        }
    return render(request, "billing/run_form.html", context, status=200 if form.is_valid() else 422)


@own_transactions
@require_POST
@page(write=Action.WRITE_BILLING)
def run_start(request: AuthenticatedRequest) -> HttpResponse:
    """Bill what the preview has shown, looked at anew."""
    with organization_scope(request.organization, write=False):
        form = BillingRunForm(request.POST, today=today(request.organization), currencies=_currencies(request))
        is_valid = form.is_valid()
    back = f"{reverse('billing:run_new')}?{_query(request.POST, form)}"
    if not is_valid:
        return redirect(back)
    try:
        run = start_run(member=request.member, choice=form.choice())
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(back)
    return _to_run(request, run)


@require_GET
@page()
def run_detail(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """One run: its progress, or what became of each interval."""
    runs = request.organization.billing_runs.select_related("job", "by")
    run = get_object_or_404(runs, uuid=uuid)
    result = run_result(run)
    items = run.items.select_related("account", "invoice")
    outcome = request.GET.get("outcome", "")
    if outcome in BillingOutcome.values:
        items = items.filter(outcome=outcome)
    view = PagedListView()
    view.request = request
    paginator, page_obj, rows, _ = view.paginate_queryset(items, view.get_paginate_by(items))
    may_write = can(request.member, Action.WRITE_BILLING)
    context = {
        "run": run,
        "job": run.job,
        "result": result,
        "rows": rows,
        "page_obj": page_obj,
        "paginator": paginator,
        "outcomes": _outcome_links(result, outcome),
        "may_write": may_write,
        "may_continue": may_write and run.job.is_finished and bool(result[BillingOutcome.PLANNED]),
        "may_issue": may_write and run.job.is_finished and bool(result[BillingOutcome.DRAFTED]),
        "may_undo": may_write and run.job.is_finished and any(result[each] for each in WAITING[UNDO]),
    }
    return render(request, "billing/run_detail.html", context)


@own_transactions
@require_POST
@page(write=Action.WRITE_BILLING)
def run_step(request: AuthenticatedRequest, uuid: str, step: str) -> HttpResponse:
    """Go on with a run, issue its drafts, or take it back."""
    with organization_scope(request.organization, write=False):
        run = get_object_or_404(request.organization.billing_runs.select_related("job"), uuid=uuid)
    try:
        run = continue_run(run=run, member=request.member, step=STEPS[step])
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("billing:run_detail", uuid)
    return _to_run(request, run)


def _to_run(request: AuthenticatedRequest, run: BillingRun) -> HttpResponse:
    if run.job.error:
        messages.error(request, run.job.error)
    elif run.job.is_finished:
        messages.success(request, run.job.message)
    return redirect(run)


def _currencies(request: AuthenticatedRequest) -> list[str]:
    """Other than rupees, in which a subscription is priced."""
    rows = request.organization.subscriptions.exclude(currency="INR").order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())


def _query(data: QueryDict, form: BillingRunForm) -> str:
    kept = QueryDict(mutable=True)
    for name in form.fields:
        if value := data.get(name):
            kept[name] = value
    return kept.urlencode()


def _outcome_links(result: dict[str, Any], current: str) -> list[dict[str, Any]]:
    total = sum(result[each] for each in BillingOutcome)
    links = [{"label": f"All {total}", "url": "?", "is_current": current not in BillingOutcome.values}]
    for each in BillingOutcome:
        if result[each]:
            links.append(
                {"label": f"{each.label} {result[each]}", "url": f"?outcome={each}", "is_current": current == each}
            )
    return links
