"""The team: who carries what, and handing accounts from one person to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView, View

from accounts.querysets import AccountQuerySet
from accounts.services.bulk import preview_bulk, refuse_undo, submit_bulk
from accounts.services.handover import HAND_OVER
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.models import Membership, Team
from csplatform.money import ZERO
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import OrganizationView, explain, page
from insights.forms.handover import HandoverForm
from insights.selectors.handover_pack import handover_pack
from insights.selectors.team import DEFAULT_SORT, SORTS, TeamLoad, sorted_loads, team_loads

PACK_SIZE = 50
HEADER = [
    "Name", "Accounts", "MRR", "At-risk accounts", "At-risk MRR", "Open tasks", "Overdue tasks", "Last contact",
    "Renewals in 90 days", "Renewal MRR",
]  # fmt: skip


class TeamView(OrganizationView, TemplateView):
    """Load per person; for who may change who looks after what."""

    template_name = "insights/team.html"
    read_permission = Action.ASSIGN_OWNERS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, sort, team = _loads(self.request)
        return super().get_context_data(
            rows=rows,
            current_sort=sort,
            team=team,
            teams=list(self.request.organization.teams.all()),
            accounts=sum(row.accounts for row in rows),
            mrr=sum((row.mrr for row in rows), ZERO),
            at_risk_mrr=sum((row.at_risk_mrr for row in rows), ZERO),
            overdue=sum(row.overdue_tasks for row in rows),
            as_of=timezone.now(),
            **kwargs,
        )


class TeamExportView(OrganizationView, View):
    """The table as a file."""

    read_permission = Action.ASSIGN_OWNERS

    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        rows, _, _ = _loads(request)
        day = periods.today(request.organization)
        return csv_response(request.organization, f"team-{day.isoformat()}.csv", HEADER, lambda: _cells(rows))


def _cells(rows: list[TeamLoad]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [
            row.name, row.accounts, row.mrr, row.at_risk_accounts, row.at_risk_mrr, row.open_tasks,
            row.overdue_tasks, row.last_contact, row.renewals, row.renewal_mrr,
        ]  # fmt: skip


def _loads(request: AuthenticatedRequest) -> tuple[list[TeamLoad], str, Team | None]:
    asked, sort = request.GET.get("team", ""), request.GET.get("sort", DEFAULT_SORT)
    team = next((each for each in request.organization.teams.all() if str(each.uuid) == asked), None)
    rows = team_loads(request.organization, now=timezone.now(), team=team)
    return sorted_loads(rows, sort), sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT, team


# -- handing over -----------------------------------------------------------------------------------


@require_safe
@page(read=Action.ASSIGN_OWNERS)
def handover(request: AuthenticatedRequest) -> HttpResponse:
    """Choose from whom, to whom and which accounts; what would happen is said before anything is written."""
    leaving = _member(request, request.GET.get("from", ""))
    accounts = _owned(request, leaving)
    form = HandoverForm(request.GET, organization=request.organization)
    taking = _member(request, request.GET.get("to", ""))
    chosen = _picked(request.GET, accounts)
    context: dict[str, Any] = {
        "form": form,
        "leaving": leaving,
        "taking": taking,
        "accounts": accounts.for_list().order_by("name_key", "pk")[: PACK_SIZE * 10],
        "total": accounts.order_by().count(),
        "selected": set(chosen.order_by().values_list("number", flat=True)) if "boxes" in request.GET else None,
        "today": periods.today(request.organization),
        "is_asked": "to" in request.GET,
        "token": uuid4().hex,
    }
    if taking is not None and form.is_valid():
        context["preview"] = preview_bulk(
            member=request.member, action=HAND_OVER, value=str(taking.uuid), accounts=chosen
        )
    return render(request, "insights/handover.html", context)


@own_transactions
@require_POST
@page(write=Action.ASSIGN_OWNERS)
def handover_do(request: AuthenticatedRequest) -> HttpResponse:
    """Hand over: a few accounts at once, many as a job with a page of its own; a second click starts nothing."""
    with organization_scope(request.organization, write=False):
        form = HandoverForm(request.POST, organization=request.organization)
        valid = form.is_valid()
        leaving = form.cleaned_data.get("from") if valid else None
        accounts = _picked(request.POST, _owned(request, leaving))
        is_empty = valid and not accounts.exists()
    if not valid:
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
        return redirect("insights:handover")
    if is_empty:
        messages.error(request, "There is no account to hand over.")
        return redirect("insights:team")
    try:
        change = submit_bulk(
            member=request.member,
            action=HAND_OVER,
            value=str(form.cleaned_data["to"].uuid),
            accounts=accounts,
            key=request.POST.get("token", ""),
        )
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("insights:team")
    if not change.job.is_finished:
        return redirect(change)
    undo = ""
    with organization_scope(request.organization, write=False):
        try:
            refuse_undo(change, request.member)
            undo = f"undo:{reverse('accounts:bulk_undo', args=[change.uuid])}"
        except DomainError:
            pass
    (messages.error if change.job.error else messages.success)(
        request, change.job.error or change.job.message, extra_tags=undo
    )
    return redirect("insights:team")


@require_safe
@page(read=Action.ASSIGN_OWNERS)
def handover_pack_page(request: AuthenticatedRequest) -> HttpResponse:
    """The pack of somebody's accounts, to print and to talk through: the most MRR first."""
    leaving = _member(request, request.GET.get("from", ""))
    accounts = _picked(request.GET, _owned(request, leaving)).for_list()
    page_obj = Paginator(accounts.order_by("-arr", "name_key", "pk"), PACK_SIZE).get_page(request.GET.get("page"))
    day = periods.today(request.organization)
    return render(
        request,
        "insights/handover_pack.html",
        {
            "pack": handover_pack(request.organization, list(page_obj.object_list), today=day),
            "page_obj": page_obj,
            "leaving": leaving,
            "taking": _member(request, request.GET.get("to", "")),
            "today": day,
            "now": timezone.now(),
        },
    )


def _member(request: AuthenticatedRequest, key: str) -> Membership | None:
    try:
        wanted = UUID(key)
    except ValueError:
        return None
    members = request.organization.memberships.active().select_related("user")
    found: Membership | None = members.filter(uuid=wanted).first()
    return found


def _owned(request: AuthenticatedRequest, leaving: Membership | None) -> AccountQuerySet:
    accounts: AccountQuerySet = request.organization.accounts.unarchived()
    return accounts.owned_by(leaving.user) if leaving else accounts.unowned()


def _picked(query: QueryDict, accounts: AccountQuerySet) -> AccountQuerySet:
    """Those that are ticked; all of them where no box was there to tick (`boxes` says that there were)."""
    numbers = query.getlist("selected")
    wanted = [int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 19]
    return accounts.filter(number__in=wanted) if numbers or "boxes" in query else accounts
