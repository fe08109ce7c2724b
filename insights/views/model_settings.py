"""The language model in the settings: on or off, its budget, what it used, and its last calls. For admins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page
from insights.forms.model_settings import ModelSettingsForm
from insights.services.model_use import change_model_settings, model_is_set_up, model_settings, model_use

A_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def model_settings_page(request: AuthenticatedRequest) -> HttpResponse:
    organization = request.organization
    held = model_settings(organization)
    form = ModelSettingsForm(posted(request), initial={"is_on": held.is_on, "daily_tokens": held.daily_tokens})
    if form.is_valid():
        try:
            change_model_settings(organization=organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The language model's settings are saved.")
            return redirect("insights:model_settings")
    calls = organization.model_calls.select_related("account", "by")
    context = {
        "form": form,
        "is_set_up": model_is_set_up(),
        "model": settings.OPENAI_MODEL,
        "use": model_use(organization, now=timezone.now()),
        "page_obj": Paginator(calls, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "insights/model_settings.html", context, status=422 if form.is_bound else 200)
