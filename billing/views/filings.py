"""Marking a return filed on its page, and taking that back."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.forms.filing import FileForm, PeriodForm, UnfileForm
from billing.services.filing import mark_filed, unmark_filed
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import explain, page


@require_POST
@page(write=Action.WRITE_BILLING)
def return_file(request: AuthenticatedRequest) -> HttpResponse:
    """It is filed: its months are closed."""
    form = FileForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            filing = mark_filed(
                organization=request.organization,
                period=_month(data["period"]),
                by=request.user,
                on=data["filed_on"],
                reference=data["reference"],
            )
        except DomainError as error:
            messages.error(request, explain(error))
        else:
            messages.success(request, f"GSTR-1 of {filing.period} is marked filed: nothing is issued in it any more.")
    else:
        messages.error(request, "Give the day on which it was filed.")
    return _back(form)


@require_POST
@page(write=Action.WRITE_BILLING)
def return_unfile(request: AuthenticatedRequest) -> HttpResponse:
    """It is not filed after all."""
    form = UnfileForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            filing = unmark_filed(
                organization=request.organization,
                period=_month(data["period"]),
                by=request.user,
                reason=data["reason"],
            )
        except DomainError as error:
            messages.error(request, explain(error))
        else:
            messages.success(request, f"GSTR-1 of {filing.period} is open again.")
    else:
        messages.error(request, "Say why it is not filed after all.")
    return _back(form)


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _back(form: PeriodForm) -> HttpResponse:
    period = form.cleaned_data.get("period", "")
    query = f"?{urlencode({'period': period})}" if period else ""
    return redirect(f"{reverse('billing:gst')}{query}")
