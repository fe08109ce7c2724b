"""An account's success plan: as its customer sees it behind a secret, and the page that gives out secrets."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from accounts.permissions import can_edit_account
from accounts.selectors.account_by_key import account_by_key
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import page
from insights.forms.shared_plan import SharePlanForm
from insights.selectors.success_plan import success_plan
from insights.services.shared_plan import opened_plan, revoke_plan, share_plan

SHOWN = 20


@own_transactions
@login_not_required
@require_safe
@never_cache
def shared_plan(request: HttpRequest, token: str) -> HttpResponse:
    """SECURITY: whoever has the secret reads one account's plan, in its organisation alone. Whatever is wrong with a
    secret, the answer is the same."""
    now = timezone.now()
    opened = opened_plan(token, now=now)
    if opened is None:
        response = render(request, "insights/shared_plan_closed.html", status=404)
    else:
        with organization_scope(opened.organization, write=False), timezone.override(opened.organization.zone):
            account = opened.organization.accounts.select_related("owner").get(pk=opened.account_id)
            plan = success_plan(opened.organization, account, now=now)
            context = {"plan": plan, "organization": opened.organization, "until": opened.expires_at, "now": now}
            response = render(request, "insights/shared_plan.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_plan(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """The plan as the customer would see it, ready to print, with the addresses that were given out.

    A new address is shown in the answer to the form, so that it never rests in a session."""
    account = _account(request, key)
    editable = can_edit_account(request.member, account)
    if request.method == "POST" and not editable:
        raise PermissionDenied("You may share the plans of your own accounts and of your teams'.")
    form, link, now = SharePlanForm(posted(request)), "", timezone.now()
    if form.is_valid():
        try:
            _, token = share_plan(account=account, by=request.user, days=form.cleaned_data["days"], now=now)
        except DomainError as error:
            add_refusal(form, error)
        else:
            link, form = request.build_absolute_uri(reverse("shared_plan", args=[token])), SharePlanForm()
    context = {
        "account": account,
        "plan": success_plan(request.organization, account, now=now),
        "form": form,
        "link": link,
        "may_share": editable and not account.is_archived,
        "shared": [(each, each.is_open(now)) for each in account.shared_plans.select_related("by")[:SHOWN]],
        "now": now,
    }
    return render(request, "insights/account_plan.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def plan_revoke(request: AuthenticatedRequest, key: str, plan_uuid: UUID) -> HttpResponse:
    """Stop an address at once."""
    account = _account(request, key)
    if not can_edit_account(request.member, account):
        raise PermissionDenied("You may revoke the plans of your own accounts and of your teams'.")
    revoke_plan(plan=get_object_or_404(account.shared_plans, uuid=plan_uuid), by=request.user, now=timezone.now())
    messages.success(request, "The address no longer works.")
    return redirect("insights:account_plan", account.number)


def _account(request: AuthenticatedRequest, key: str) -> Account:
    return account_by_key(request.organization.accounts.for_list(), key)
