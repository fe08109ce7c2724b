"""The people at an account: its tab, and the forms that write one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView

from accounts.forms.contact import ContactForm
from accounts.models import Account, Contact
from accounts.permissions import can_edit_account, require_editable
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.contacts import account_contacts
from accounts.services import contact as services
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import OrganizationView, explain, page


class AccountContactsView(OrganizationView, TemplateView):
    """Everybody at the account, and what is missing there."""

    template_name = "accounts/account_contacts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = account_by_key(self.request.organization.accounts.for_list(), kwargs["key"])
        return super().get_context_data(
            account=account,
            contacts=account_contacts(account),
            editable=not account.is_archived and can_edit_account(self.request.member, account),
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def contact_create(request: AuthenticatedRequest, key: str) -> HttpResponse:
    account = _editable(request, key)
    form = ContactForm(posted(request), is_first=not account.contacts.current().exists())
    if form.is_valid():
        try:
            contact = services.create_contact(account=account, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{contact} is added.")
            return redirect("accounts:account_contacts", account.number)
    return _form_page(request, form, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def contact_edit(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    """Change a contact; of two people who do so at once, the second is told."""
    account = _editable(request, key)
    contact = _contact(account, contact_uuid)
    form = ContactForm(posted(request), contact=contact)
    if form.is_valid():
        try:
            services.update_contact(contact=contact, by=request.user, seen_at=form.seen_moment, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect("accounts:account_contacts", account.number)
    return _form_page(request, form, account=account, contact=contact)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def contact_leave(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    """They no longer work there, from today on."""
    return _changed(request, key, contact_uuid, services.mark_left, "{} has left.")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def contact_return(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    return _changed(request, key, contact_uuid, services.bring_back, "{} is back.")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def contact_primary(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    return _changed(request, key, contact_uuid, services.make_primary, "{} is the primary contact now.")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def contact_delete(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    """For rows made by mistake; who has left is marked so."""
    return _changed(request, key, contact_uuid, services.delete_contact, "{} is deleted.")


def _changed(request: AuthenticatedRequest, key: str, contact_uuid: UUID, service: Any, told: str) -> HttpResponse:
    account = _editable(request, key)
    contact = _contact(account, contact_uuid)
    try:
        service(contact=contact, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, told.format(contact.name))
    return redirect("accounts:account_contacts", account.number)


def _editable(request: AuthenticatedRequest, key: str) -> Account:
    account = account_by_key(request.organization.accounts.for_list(), key)
    require_editable(request.member, account)
    return account


def _contact(account: Account, contact_uuid: UUID) -> Contact:
    contact: Contact = get_object_or_404(account.contacts.for_list(), uuid=contact_uuid)
    return contact


def _form_page(request: AuthenticatedRequest, form: ContactForm, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "accounts/contact_form.html", {"form": form, **context}, status=status)
