"""Forgetting a contact, after a look at what that means."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.selectors.account_by_key import account_by_key
from accounts.services.erasure import erase_contact
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def contact_erase(request: AuthenticatedRequest, key: str, contact_uuid: UUID) -> HttpResponse:
    """For admins: it cannot be undone."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    contact = get_object_or_404(account.contacts, uuid=contact_uuid)
    if request.method == "POST":
        erase_contact(contact=contact, by=request.user)
        messages.success(request, "The contact is forgotten.")
        return redirect("accounts:account_contacts", account.number)
    return render(request, "accounts/contact_erase.html", {"account": account, "contact": contact})
