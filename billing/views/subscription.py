"""Subscriptions: the list of all, and the forms that start, change, pause, end and renew one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django.views.generic import ListView

from accounts.models import Account
from accounts.permissions import can_edit_account
from accounts.selectors.account_by_key import account_by_key
from billing.calculations import Terms, next_term
from billing.enums import SubscriptionStatus
from billing.filters import SubscriptionFilter
from billing.forms.subscription import (
    CancelForm,
    ChangeForm,
    ItemRows,
    PauseForm,
    RenewalForm,
    RenewForm,
    ResumeForm,
    SubscriptionForm,
    current_items,
)
from billing.models import Subscription, SubscriptionItem
from billing.querysets import SubscriptionQuerySet
from billing.services import renewal as renewals
from billing.services import subscription as services
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, page

STATUS_TONES = {
    SubscriptionStatus.ACTIVE: "success",
    SubscriptionStatus.SCHEDULED: "info",
    SubscriptionStatus.PAUSED: "warning",
    SubscriptionStatus.CANCELLED: "gray",
    SubscriptionStatus.ENDED: "gray",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A subscription as a page prints it."""

    subscription: Subscription
    terms: Terms
    status: SubscriptionStatus
    mrr: Decimal
    """What it comes to while it runs, paused or not."""
    items: list[SubscriptionItem]
    """What runs, or ran last."""
    coming: list[SubscriptionItem]
    past: list[SubscriptionItem]

    @property
    def tone(self) -> str:
        return STATUS_TONES[self.status]

    @property
    def is_over(self) -> bool:
        return self.status in (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED)

    @property
    def is_paused(self) -> bool:
        return self.status == SubscriptionStatus.PAUSED

    @property
    def may_be_renewed(self) -> bool:
        return self.subscription.ends_on is not None and self.subscription.cancelled_on is None


def shown_subscriptions(subscriptions: Iterable[Subscription], *, today: date) -> list[Shown]:
    """Those that run first; of `.for_list()`, so that no row costs a query."""
    shown = [_shown(subscription, today) for subscription in subscriptions]
    return sorted(shown, key=lambda each: each.is_over)


def _shown(subscription: Subscription, today: date) -> Shown:
    terms = subscription.terms()
    stops_on = terms.stops_on
    day = min(max(today, terms.starts_on), stops_on - periods.ONE_DAY) if stops_on else max(today, terms.starts_on)
    items = list(subscription.items.all())
    return Shown(
        subscription=subscription,
        terms=terms,
        status=terms.status_on(today),
        mrr=terms.full_mrr_on(day),
        items=[item for item in items if item.as_item().runs_on(day)],
        coming=[item for item in items if item.starts_on > day],
        past=[item for item in items if item.ends_on is not None and item.ends_on < day],
    )


class SubscriptionListView(OrganizationView, ListView[Subscription]):
    """All subscriptions by filter, a page at a time; htmx gets the list alone."""

    context_object_name = "rows"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Subscription]:
        member = self.request.member
        rows: SubscriptionQuerySet = member.organization.subscriptions.for_list().order_by("account__name_key", "-pk")
        self.filter = SubscriptionFilter(self.request.GET, queryset=rows, member=member)
        found: QuerySet[Subscription] = self.filter.qs
        return found

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """A page that is not there is the nearest one."""
        size = self.request.GET.get("page_size", "")
        size_wanted = int(size) if size in {"25", "50", "100"} else page_size
        found = self.get_paginator(queryset, size_wanted).get_page(self.request.GET.get("page"))
        return found.paginator, found, found.object_list, found.has_other_pages()

    def get_template_names(self) -> list[str]:
        return ["billing/_subscription_table.html" if self.request.htmx else "billing/subscription_list.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(filter=self.filter, **kwargs)
        organization = self.request.organization
        today = periods.today(organization)
        return context | {
            "shown": [_shown(each, today) for each in context["rows"]],
            "today": today,
            "has_subscriptions": bool(context["rows"]) or organization.subscriptions.exists(),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


# -- forms ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_start(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """A new subscription of an account."""
    organization = request.organization
    account = account_by_key(organization.accounts.for_list(), key)
    form = SubscriptionForm(posted(request), initial={"starts_on": periods.today(organization)})
    items = ItemRows(posted(request), organization=organization)
    if request.method == "POST" and _valid(form, items):
        try:
            services.start_subscription(account=account, by=request.user, items=items.facts, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{account} has a new subscription.")
            return redirect(_tab(account))
    context = {"heading": "New subscription", "submit": "Start the subscription", "items": items}
    return _form_page(request, account, form, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_change(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Other items from a day on."""
    subscription, today = _subscription(request, uuid), periods.today(request.organization)
    day = max(today, subscription.starts_on)
    form = ChangeForm(posted(request), initial={"on": day})
    rows = current_items(subscription, day)
    items = ItemRows(posted(request), organization=request.organization, items=rows)
    if request.method == "POST" and _valid(form, items):
        try:
            services.change_subscription(
                subscription=subscription, by=request.user, items=items.facts, **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The subscription of {subscription.account} is changed.")
            return redirect(_tab(subscription.account))
    context = {"heading": "Change what is subscribed to", "submit": "Change the subscription", "items": items}
    return _form_page(request, subscription.account, form, subscription=subscription, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_cancel(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """The end of it."""
    return _act(
        request, uuid, CancelForm, services.cancel_subscription, "Cancel the subscription", "Cancel it", "cancelled"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_pause(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """No service for a while."""
    return _act(request, uuid, PauseForm, services.pause_subscription, "Pause the subscription", "Pause it", "paused")


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_resume(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Service again."""
    return _act(
        request, uuid, ResumeForm, services.resume_subscription, "Resume the subscription", "Resume it", "resumed"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def subscription_renew(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Another term."""
    subscription = _subscription(request, uuid)
    if subscription.ends_on is None:
        raise Http404
    following = next_term(subscription.term_starts_on, subscription.ends_on)[1]
    return _act(
        request,
        uuid,
        RenewForm,
        renewals.renew_subscription,
        "Renew the subscription",
        "Renew it",
        "renewed",
        initial={"ends_on": following},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WORK_RENEWALS, write=Action.WORK_RENEWALS)
def renewal_edit(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """How a renewal stands; for finance, and for whoever looks after the account. `status` in the address is chosen
    beforehand, and `next` is where it goes afterwards."""
    found = get_object_or_404(request.organization.renewals.for_list(), uuid=uuid)
    if not can(request.member, Action.WRITE_BILLING) and not can_edit_account(request.member, found.account):
        raise PermissionDenied(f"{found.account} is not yours or your team's. Ask its owner or a manager.")
    wanted = request.GET.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    back = wanted if safe else _tab(found.account)
    form = RenewalForm(posted(request), renewal=found, status=request.GET.get("status", ""))
    if form.is_valid():
        try:
            renewals.update_renewal(renewal=found, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The renewal of {found.account} is saved.")
            return redirect(back)
    context = {"heading": "Renewal", "submit": "Save", "renewal": found, "back": back}
    return _form_page(request, found.account, form, **context)


def _act(
    request: AuthenticatedRequest,
    uuid: str,
    form_class: type[forms.Form],
    service: Any,
    heading: str,
    submit: str,
    done: str,
    *,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """A form of few fields over one service."""
    subscription = _subscription(request, uuid)
    form = form_class(posted(request), initial=initial or {"on": periods.today(request.organization)})
    if form.is_valid():
        try:
            service(subscription=subscription, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The subscription of {subscription.account} is {done}.")
            return redirect(_tab(subscription.account))
    return _form_page(request, subscription.account, form, heading=heading, submit=submit, subscription=subscription)


def _subscription(request: AuthenticatedRequest, uuid: str) -> Subscription:
    found: Subscription = get_object_or_404(request.organization.subscriptions.for_list(), uuid=uuid)
    return found


def _valid(form: forms.Form, items: ItemRows) -> bool:
    """Both are asked, so that all that is wrong is said at once."""
    is_form_valid, are_items_valid = form.is_valid(), items.is_valid()
    return is_form_valid and are_items_valid


def _tab(account: Account) -> str:
    return reverse("billing:account_billing", args=[account.number])


def _form_page(request: AuthenticatedRequest, account: Account, form: forms.Form, **context: Any) -> HttpResponse:
    shown = context.get("subscription")
    if shown is not None:
        context["shown"] = _shown(shown, periods.today(request.organization))
    return render(
        request,
        "billing/subscription_form.html",
        {"form": form, "account": account, "back": _tab(account), **context},
        status=422 if form.is_bound else 200,
    )
