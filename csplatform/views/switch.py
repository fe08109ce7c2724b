"""Small switches in the page's head: the organisation and the theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from csplatform.forms.profile import ThemeForm
from csplatform.http import AuthenticatedRequest
from csplatform.middleware.organization import SESSION_KEY
from csplatform.permissions import Action
from csplatform.views.base import page


@require_POST
@page(write=Action.OWN_SETTINGS)
def organization_switch(request: AuthenticatedRequest) -> HttpResponse:
    """Work in another of one's organisations from now on. It starts at the front page: nothing here exists there."""
    memberships = request.user.memberships.active().select_related("organization")
    membership = get_object_or_404(memberships, organization__slug=request.POST.get("organization", ""))
    request.session[SESSION_KEY] = membership.organization_id
    messages.success(request, f"You work in {membership.organization} now.")
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
@page(write=Action.OWN_SETTINGS)
def theme(request: AuthenticatedRequest) -> HttpResponse:
    """Remember light or dark, and go back to where the switch was pressed."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Choose the theme system, light or dark.", status=422, content_type="text/plain")
    request.user.theme = form.cleaned_data["theme"]
    request.user.save(update_fields=["theme", "updated_at"])
    if request.headers.get("X-Requested-With") == "fetch" or request.htmx:
        return HttpResponse(status=204)
    return redirect(_came_from(request))


def _came_from(request: AuthenticatedRequest) -> str:
    """Return the page the form names or the browser came from, if it is ours."""
    for url in (request.POST.get("next"), request.headers.get("Referer")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return resolve_url(settings.LOGIN_REDIRECT_URL)
