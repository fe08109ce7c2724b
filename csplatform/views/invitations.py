"""Inviting somebody, and the page behind the link they get."""

from __future__ import annotations

from uuid import UUID

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.invitation import AcceptInvitationForm, InvitationForm
from csplatform.http import AuthenticatedRequest
from csplatform.middleware.organization import SESSION_KEY
from csplatform.models import Invitation, Membership, User
from csplatform.permissions import Action
from csplatform.services import invitation as invitations
from csplatform.tenancy import own_transactions
from csplatform.views.base import explain, page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page(read=Action.MANAGE_MEMBERS, write=Action.MANAGE_MEMBERS)
def invitation_create(request: AuthenticatedRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InvitationForm(posted(request), organization=request.organization)
    if form.is_valid():
        try:
            invitation, link = invitations.invite(
                organization=request.organization,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                teams=list(form.cleaned_data["teams"]),
                by=request.user,
                make_link=_link_maker(request),
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            return _sent(request, invitation, link)
    context = {"form": form}
    return render(request, "csplatform/invitation_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@never_cache
@page(write=Action.MANAGE_MEMBERS)
def invitation_resend(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Make a new link for an invitation that is not accepted yet; the old one ends."""
    invitation = get_object_or_404(request.organization.invitations, uuid=uuid)
    try:
        invitation, link = invitations.resend(invitation=invitation, by=request.user, make_link=_link_maker(request))
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("csplatform:member_list")
    return _sent(request, invitation, link)


@require_POST
@page(write=Action.MANAGE_MEMBERS)
def invitation_revoke(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(request.organization.invitations, uuid=uuid)
    try:
        invitations.revoke(invitation=invitation, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link no longer works.")
    return redirect("csplatform:member_list")


@own_transactions
@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: join with a new login, or with the one that exists."""
    now = timezone.now()
    try:
        invitation = invitations.find_open(token=token, now=now)
    except DomainError as error:
        return render(request, "csplatform/invitation_closed.html", {"message": error.message}, status=error.status)
    if isinstance(request.user, User):
        return _accept_signed_in(request, request.user, invitation, token)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _accept_page(request, invitation, wants_login=True)
    form = AcceptInvitationForm(posted(request), email=invitation.email)
    if form.is_valid():
        try:
            member = invitations.accept_as_new_user(token=token, now=now, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return _welcome(request, member, sign_in=True)
    return _accept_page(request, invitation, form=form, status=422 if form.is_bound else 200)


def _accept_signed_in(request: HttpRequest, user: User, invitation: Invitation, token: str) -> HttpResponse:
    is_theirs = user.email.lower() == invitation.email.lower()
    if request.method != "POST":
        return _accept_page(request, invitation, is_theirs=is_theirs)
    try:
        member = invitations.accept_as_user(token=token, user=user, now=timezone.now())
    except DomainError as error:
        messages.error(request, explain(error))
        return _accept_page(request, invitation, is_theirs=is_theirs, status=error.status)
    return _welcome(request, member, sign_in=False)


def _accept_page(
    request: HttpRequest,
    invitation: Invitation,
    *,
    form: AcceptInvitationForm | None = None,
    wants_login: bool = False,
    is_theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"invitation": invitation, "form": form, "wants_login": wants_login, "is_theirs": is_theirs}
    return render(request, "csplatform/invitation_accept.html", context, status=status)


def _welcome(request: HttpRequest, member: Membership, *, sign_in: bool) -> HttpResponse:
    home = resolve_url(settings.LOGIN_REDIRECT_URL)
    messages.success(request, f"Welcome to {member.organization}. You are here as {member.get_role_display()}.")
    answer = redirect(home)
    if sign_in:
        answer = perform_login(request, member.user, email_verification="none", redirect_url=home)
    request.session[SESSION_KEY] = member.organization_id
    return answer


def _sent(request: AuthenticatedRequest, invitation: Invitation, link: str) -> HttpResponse:
    """Say that the mail is on its way; without mail show the link, in this one answer and nowhere else."""
    if settings.EMAIL_IS_CONFIGURED:
        messages.success(request, f"The invitation is on its way to {invitation.email}.")
        return redirect("csplatform:member_list")
    return render(request, "csplatform/invitation_link.html", {"invitation": invitation, "link": link})


def _link_maker(request: HttpRequest) -> invitations.MakeLink:
    return lambda token: request.build_absolute_uri(reverse("csplatform:invitation_accept", args=[token]))
