"""The forms that write one account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.account import AccountForm, ChurnForm
from accounts.models import Account
from accounts.permissions import can_edit_account
from accounts.selectors.account_by_key import account_by_key
from accounts.services import account as services
from accounts.services.contact import update_contact
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal
from csplatform.http import AuthenticatedRequest
from csplatform.models import User
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.views.base import explain, page


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.CREATE_ACCOUNTS, write=Action.CREATE_ACCOUNTS)
def account_create(request: AuthenticatedRequest) -> HttpResponse:
    """A new account; it is its maker's unless they may give it to somebody else."""
    form = AccountForm(request.POST or None, member=request.member)
    if form.is_valid():
        facts = {"owner": request.user} | form.facts
        try:
            account = services.create_account(organization=request.organization, by=request.user, **facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{account} is account {account.number}.")
            return redirect(account)
    return _form_page(request, "accounts/account_form.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def account_edit(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Change an account; of two people who do so at once, the second is told."""
    account = _editable(request, key)
    form = AccountForm(request.POST or None, member=request.member, account=account)
    if form.is_valid():
        try:
            services.update_account(
                account=account, by=request.user, seen_at=form.cleaned_data["seen_at"], **form.facts
            )
            _set_primary(account, form.cleaned_data, by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect(account)
    return _form_page(request, "accounts/account_form.html", form, account=account, aliases=account.aliases.all())


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def account_churn(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Close an account that left."""
    account = _editable(request, key)
    form = ChurnForm(request.POST or None, initial={"on": today(request.organization)})
    if form.is_valid():
        try:
            services.churn_account(account=account, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, explain(error))
        else:
            messages.success(request, f"{account} is churned.")
            return redirect(account)
    return _form_page(request, "accounts/account_churn.html", form, account=account)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_archive(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Out of lists and totals; its page and history stay."""
    account = services.archive_account(account=_editable(request, key), by=request.user)
    messages.success(request, f"{account} is archived.")
    return redirect("accounts:account_list")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_restore(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Back from the archive, as it was."""
    account = services.restore_account(account=_editable(request, key), by=request.user)
    messages.success(request, f"{account} is back.")
    return redirect(account)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alias_remove(request: AuthenticatedRequest, key: str, alias_id: int) -> HttpResponse:
    """Forget a former name or external id."""
    account = _editable(request, key)
    alias = get_object_or_404(account.aliases, pk=alias_id)
    try:
        services.remove_alias(account=account, alias=alias, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{account} is no longer found by “{alias}”.")
    return redirect("accounts:account_edit", account.number)


def _set_primary(account: Account, facts: dict[str, Any], *, by: User) -> None:
    """Whom to call first, where the form asked: somebody else, or nobody."""
    if "primary_contact" not in facts:
        return
    chosen, now = facts["primary_contact"], account.contacts.primary().first()
    if chosen is not None and chosen != now:
        update_contact(contact=chosen, by=by, is_primary=True)
    elif chosen is None and now is not None:
        update_contact(contact=now, by=by, is_primary=False)


def _editable(request: AuthenticatedRequest, key: str) -> Account:
    """Fetching is the check: another organisation's account is not there, a colleague's is refused."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    if not can_edit_account(request.member, account):
        raise PermissionDenied("You may change the accounts you own and those of your teams.")
    return account


def _form_page(request: AuthenticatedRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)
