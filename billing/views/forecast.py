"""What the renewal forecast assumes, on a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from billing.forms.forecast import ForecastAssumptionsForm
from billing.selectors.forecast_changes import forecast_changes
from billing.selectors.renewals import forecast_model
from billing.services.forecast import (
    forecast_assumptions,
    restore_forecast_assumptions,
    save_forecast_assumptions,
)
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_FORECAST)
def forecast_edit(request: AuthenticatedRequest) -> HttpResponse:
    """The figures with what each means and what they come to; managers and administrators change them."""
    organization = request.organization
    form = ForecastAssumptionsForm(posted(request), stored=forecast_assumptions(organization))
    if form.is_valid():
        try:
            save_forecast_assumptions(organization=organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The forecast counts with these figures from now on.")
            return redirect("billing:forecast")
    context = {
        "form": form,
        "may_write": can(request.member, Action.EDIT_FORECAST),
        "bands": forecast_model(organization).bands(),
        "changes": forecast_changes(organization),
    }
    return render(request, "billing/forecast.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.EDIT_FORECAST)
def forecast_restore(request: AuthenticatedRequest) -> HttpResponse:
    """Back to the defaults; the figures that were stay among the changes."""
    restore_forecast_assumptions(organization=request.organization, by=request.user)
    messages.success(request, "The forecast counts with the defaults again.")
    return redirect("billing:forecast")
