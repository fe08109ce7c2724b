"""The settings of billing on a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from billing.forms.settings import BillingSettingsForm
from billing.services.settings import billing_settings, save_billing_settings
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def billing_settings_edit(request: AuthenticatedRequest) -> HttpResponse:
    """Terms, thresholds, and whether reminders go out by themselves."""
    form = BillingSettingsForm(posted(request), stored=billing_settings(request.organization))
    if form.is_valid():
        try:
            save_billing_settings(organization=request.organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The settings of billing are saved.")
            return redirect("billing:settings")
    return render(request, "billing/settings.html", {"form": form}, status=422 if form.is_bound else 200)
