"""The list of members, and what an admin changes about one."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.membership import MemberForm, SuccessorForm
from csplatform.http import AuthenticatedRequest
from csplatform.models import Membership
from csplatform.permissions import Action
from csplatform.services import membership as members
from csplatform.services.user import password_reset_path
from csplatform.views.base import explain, page


@require_safe
@page()
def member_list(request: AuthenticatedRequest) -> HttpResponse:
    """Everybody in the organisation, and who was asked to join."""
    rows = request.organization.memberships.select_related("user").prefetch_related("teams")
    context = {
        "members": rows.order_by("-is_active", "user__name", "user__email"),
        "invitations": (
            request.organization.invitations.filter(accepted_at=None, revoked_at=None)
            .select_related("invited_by")
            .prefetch_related("teams")
        ),
        "now": timezone.now(),
    }
    return render(request, "csplatform/member_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_MEMBERS, write=Action.MANAGE_MEMBERS)
def member_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A member's role and teams; from here also deactivating, coming back and a password link."""
    member = _member(request, uuid)
    form = MemberForm(posted(request), membership=member)
    if form.is_valid():
        try:
            members.change_role(membership=member, role=form.cleaned_data["role"], by=request.user)
            members.change_teams(membership=member, teams=list(form.cleaned_data["teams"]))
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{member.user.display_name} is saved.")
            return redirect("csplatform:member_list")
    context = {"member": member, "form": form}
    return render(request, "csplatform/member_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_MEMBERS, write=Action.MANAGE_MEMBERS)
def member_deactivate(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Ask who takes over, then lock the member out."""
    member = _member(request, uuid)
    form = SuccessorForm(posted(request), leaving=member)
    if form.is_valid():
        successor = form.cleaned_data["successor"]
        try:
            members.deactivate_member(membership=member, successor=successor, by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            taker = (
                f"{successor.user.display_name} has their accounts" if successor else "Their accounts have no owner"
            )
            messages.success(request, f"{member.user.display_name} is deactivated. {taker} now.")
            return redirect("csplatform:member_list")
    context = {"member": member, "form": form}
    return render(request, "csplatform/member_deactivate.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.MANAGE_MEMBERS)
def member_reactivate(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Let a member in again."""
    member = _member(request, uuid)
    try:
        members.reactivate_member(membership=member, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        who, role = member.user.display_name, member.get_role_display()
        messages.success(request, f"{who} can sign in again, as {role}. Their keys stay revoked.")
    return redirect("csplatform:member_list")


@require_POST
@never_cache
@page(write=Action.MANAGE_MEMBERS)
def member_password_link(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Show a one-time link for a new password; only where no mail could bring it.

    Shown in the answer and not after a redirect, so that it never rests in a session."""
    member = _member(request, uuid)
    if settings.EMAIL_IS_CONFIGURED:
        messages.error(request, "Mail is set up: they can ask for a link themselves on the login page.")
        return redirect("csplatform:member_edit", uuid=member.uuid)
    try:
        path = password_reset_path(member=member)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("csplatform:member_edit", uuid=member.uuid)
    context = {"member": member, "link": request.build_absolute_uri(path)}
    return render(request, "csplatform/member_password_link.html", context)


def _member(request: AuthenticatedRequest, uuid: UUID) -> Membership:
    rows = request.organization.memberships.select_related("user", "organization")
    return get_object_or_404(rows, uuid=uuid)
