"""The organisation's settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from csplatform.forms.base import posted
from csplatform.forms.organization import OrganizationForm
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def organization(request: AuthenticatedRequest) -> HttpResponse:
    """Name, clock and thresholds of the organisation."""
    form = OrganizationForm(posted(request), organization=request.organization)
    if form.is_valid():
        form.save()
        messages.success(request, "The organisation's settings are saved.")
        return redirect("csplatform:organization")
    return render(request, "csplatform/organization.html", {"form": form}, status=422 if form.is_bound else 200)
