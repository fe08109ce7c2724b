"""A person's own settings, and leaving an organisation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.membership import SuccessorForm
from csplatform.forms.profile import ProfileForm
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.services.membership import deactivate_member
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.OWN_SETTINGS)
def profile(request: AuthenticatedRequest) -> HttpResponse:
    """Name, clock and theme; links to the login library's pages for the rest."""
    form = ProfileForm(posted(request), user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Your settings are saved.")
        return redirect("csplatform:settings")
    return render(request, "csplatform/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.OWN_SETTINGS)
def leave(request: AuthenticatedRequest) -> HttpResponse:
    """Leave the organisation and hand one's accounts over."""
    form = SuccessorForm(posted(request), leaving=request.member)
    if form.is_valid():
        try:
            deactivate_member(membership=request.member, successor=form.cleaned_data["successor"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect("account_login")
    return render(request, "csplatform/leave.html", {"form": form}, status=422 if form.is_bound else 200)
