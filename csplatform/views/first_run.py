"""The first page of a new installation: it makes the organisation and its first administrator."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.first_run import FirstRunForm
from csplatform.services.organization import is_first_run, set_up_installation
from csplatform.tenancy import own_transactions


@own_transactions
@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Set up the installation while nobody has; afterwards this page leads to the login."""
    if not is_first_run():
        return redirect("account_login")
    form = FirstRunForm(posted(request), initial={"timezone": "Asia/Kolkata"})
    if form.is_valid():
        try:
            organization = set_up_installation(**form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            admin = organization.memberships.select_related("user").get().user
            messages.success(request, f"{organization} is ready. Import your customers, or invite your colleagues.")
            return perform_login(
                request, admin, email_verification="none", redirect_url=resolve_url(settings.LOGIN_REDIRECT_URL)
            )
    return render(request, "csplatform/first_run.html", {"form": form}, status=422 if form.is_bound else 200)
