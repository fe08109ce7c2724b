"""API keys: one's own, and for admins everybody's."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from csplatform.exceptions import DomainError
from csplatform.forms.api_key import ApiKeyForm
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.querysets import ApiKeyQuerySet
from csplatform.services.api_key import create_api_key, revoke_api_key
from csplatform.views.base import explain, page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page(read=Action.OWN_KEYS, write=Action.OWN_KEYS)
def api_key_list(request: AuthenticatedRequest) -> HttpResponse:
    """The keys one may see, and the form for a new one.

    The new key is shown in the answer to the form, and not after a redirect: so it never rests in a session."""
    form = ApiKeyForm(posted(request), membership=request.member)
    secret = ""
    if form.is_valid():
        try:
            _, secret = create_api_key(membership=request.member, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            form = ApiKeyForm(membership=request.member)
    keys = (
        visible_keys(request)
        .select_related("membership__user")
        .order_by(F("revoked_at").asc(nulls_first=True), "-created_at", "-pk")
    )
    context = {"form": form, "keys": keys, "secret": secret, "sees_all": can(request.member, Action.MANAGE_KEYS)}
    return render(request, "csplatform/api_key_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.OWN_KEYS)
def api_key_revoke(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Revoke a key one may see; for everybody else it does not exist."""
    key = get_object_or_404(visible_keys(request), uuid=uuid)
    try:
        revoke_api_key(key=key, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"The key {key.name} is revoked. What used it is refused from now on.")
    return redirect("csplatform:api_key_list")


def visible_keys(request: AuthenticatedRequest) -> ApiKeyQuerySet:
    """Admins see the organisation's keys, everybody else their own."""
    owner = request.organization if can(request.member, Action.MANAGE_KEYS) else request.member
    return owner.api_keys.all()
