"""One fact of an account, edited where it stands. Without a script the form of the whole account does it."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.forms.account import AccountForm
from accounts.models import Account
from accounts.permissions import require_editable
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.account_sheet import SheetLine, account_sheet
from accounts.services.account import update_account
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def account_fact(request: AuthenticatedRequest, key: str, fact: str) -> HttpResponse:
    """A fact's small form; sent, it answers with the fact as it is now. `?shown` gives that without a change."""
    account = account_by_key(request.organization.accounts.for_list().select_related("parent"), key)
    require_editable(request.member, account)
    form = AccountForm(posted(request), member=request.member, account=account, only=fact)
    if fact not in form.fields or account.is_archived:
        raise Http404("There is no such fact")
    if not request.htmx and not form.is_bound:
        return redirect(f"{reverse('accounts:account_edit', args=[account.number])}#id_{fact}")
    if form.is_valid():
        try:
            account = update_account(
                account=account, by=request.user, seen_at=form.cleaned_data["seen_at"], **form.facts
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            return _saved(request, account, fact)
    line = _line(account, fact)
    if "shown" in request.GET and not form.is_bound:
        return render(request, "accounts/_fact.html", {"account": account, "line": line, "editable": True})
    context = {"account": account, "line": line, "form": form, "field": form[fact]}
    return render(request, "accounts/_fact_form.html", context, status=422 if form.is_bound else 200)


def _saved(request: AuthenticatedRequest, account: Account, fact: str) -> HttpResponse:
    line = _line(account, fact)
    if not request.htmx:
        messages.success(request, f"{line.label} is saved.")
        return redirect(account)
    response = render(
        request, "accounts/_fact.html", {"account": account, "line": line, "editable": True, "is_fresh": True}
    )
    response["HX-Trigger"] = json.dumps({"toast": {"text": f"{line.label} is saved.", "tone": "success"}})
    return response


def _line(account: Account, fact: str) -> SheetLine:
    organization = account.organization
    lines = account_sheet(account, list(organization.custom_fields.in_use()), today=today(organization))
    found = next((line for line in lines if line.name == fact), None)
    if found is None:
        raise Http404("There is no such fact")
    return found
