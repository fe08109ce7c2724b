"""Doing one thing to many accounts from the list: preview, do, look, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.bulk import bulk_actions
from accounts.exceptions import BulkNotAllowed
from accounts.filters import AccountFilter
from accounts.models import BulkChange
from accounts.querysets import AccountQuerySet
from accounts.services.bulk import bulk_action_for, preview_bulk, refuse_undo, submit_bulk, undo_bulk
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.lists.queries import normal_query
from csplatform.models import Membership
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import explain, page


@require_POST
@page(write=Action.READ)
def bulk_preview(request: AuthenticatedRequest) -> HttpResponse:
    """What would happen, in a sentence, for the selection bar; writes nothing."""
    action = request.POST.get("action", "")
    context: dict[str, Any] = {"action": action}
    try:
        accounts = _selected(request)
        if action:
            value = request.POST.get("value", "")
            if value or bulk_action_for(request.member, action).control == "none":
                context["preview"] = preview_bulk(
                    member=request.member, action=action, value=value, accounts=accounts
                )
    except DomainError as error:
        context["refusal"] = explain(error)
    return render(request, "accounts/_bulk_preview.html", context)


@require_POST
@page(write=Action.READ)
def bulk_export(request: AuthenticatedRequest) -> HttpResponse:
    """The selection as a file: an address that says which rows, without the token of the form."""
    return redirect(_export_address(request, QueryDict(request.META.get("QUERY_STRING", ""))))


@own_transactions
@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_bulk(request: AuthenticatedRequest) -> HttpResponse:
    """Do it: a few accounts at once, many as a job with a page of its own. What the role may not is refused below."""
    action = request.POST.get("action", "")
    query = QueryDict(request.META.get("QUERY_STRING", ""))
    back = f"{reverse('accounts:account_list')}?{query.urlencode()}".rstrip("?")
    with organization_scope(request.organization, write=False):
        accounts = _selected(request)
        is_empty = not accounts.exists()
    if is_empty:
        messages.error(request, "Select at least one account.")
        return redirect(back)
    try:
        change = submit_bulk(
            member=request.member,
            action=action,
            value=request.POST.get("value", ""),
            accounts=accounts,
            query=normal_query(query) if request.POST.get("all") else "",
        )
    except BulkNotAllowed as error:
        raise PermissionDenied(error.message) from error
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(back)
    if not change.job.is_finished:
        return redirect(change)
    _tell(request, change)
    return redirect(back)


@require_GET
@page()
def bulk_change(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One change to many accounts: its progress, or what came of it."""
    change = get_object_or_404(request.organization.bulk_changes.select_related("job", "by", "undoes"), uuid=uuid)
    action = bulk_actions().get(change.action)
    context = {
        "change": change,
        "job": change.job,
        "told": action.told(request.organization, change.value) if action else change.action,
        "can_undo": change.job.is_finished and _can_undo(change, request.member),
    }
    return render(request, "accounts/bulk_change.html", context)


@own_transactions
@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def bulk_undo(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Take a change back where nobody changed the accounts since."""
    with organization_scope(request.organization, write=False):
        change = get_object_or_404(request.organization.bulk_changes, uuid=uuid)
    try:
        undo = undo_bulk(change=change, member=request.member)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("accounts:account_list")
    if not undo.job.is_finished:
        return redirect(undo)
    messages.success(request, undo.job.message)
    return redirect("accounts:account_list")


def _tell(request: AuthenticatedRequest, change: BulkChange) -> None:
    """What came of it as a message, with a way back where there is one."""
    if change.job.error:
        messages.error(request, change.job.error)
        return
    with organization_scope(request.organization, write=False):
        undo = (
            f"undo:{reverse('accounts:bulk_undo', args=[change.uuid])}" if _can_undo(change, request.member) else ""
        )
    level = messages.SUCCESS if change.changed else messages.INFO
    messages.add_message(request, level, change.job.message, extra_tags=undo)


def _can_undo(change: BulkChange, member: Membership) -> bool:
    try:
        refuse_undo(change, member)
    except DomainError:
        return False
    return True


def _selected(request: AuthenticatedRequest) -> AccountQuerySet:
    """The rows that are ticked, or all that the filters of the address leave."""
    if request.POST.get("all"):
        return AccountFilter(QueryDict(request.META.get("QUERY_STRING", "")), member=request.member).qs
    accounts: AccountQuerySet = request.organization.accounts.filter(number__in=_numbers(request))
    return accounts


def _numbers(request: AuthenticatedRequest) -> list[int]:
    picked = request.POST.getlist("selected")
    return [int(number) for number in picked if number.isascii() and number.isdigit() and len(number) < 19]


def _export_address(request: AuthenticatedRequest, query: QueryDict) -> str:
    wanted = query.copy()
    wanted["format"] = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    if not request.POST.get("all"):
        wanted.setlist("selected", [str(number) for number in _numbers(request)])
    return f"{reverse('accounts:account_export')}?{wanted.urlencode()}"
