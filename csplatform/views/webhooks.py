"""Webhooks: who is told over HTTP of what happens. For admins."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from csplatform.enums import DeliveryStatus
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.webhook import WebhookForm
from csplatform.http import AuthenticatedRequest
from csplatform.models import Webhook
from csplatform.permissions import Action
from csplatform.services import webhook as services
from csplatform.views.base import explain, page

A_PAGE = 25
ADMINS = Action.MANAGE_ORGANIZATION


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page(read=ADMINS, write=ADMINS)
def webhook_list(request: AuthenticatedRequest) -> HttpResponse:
    """All of them, and the form for a new one. Its secret is shown in the answer, so it never rests in a session."""
    form, secret, made = WebhookForm(posted(request)), "", None
    if form.is_valid():
        try:
            made, secret = services.create_webhook(
                organization=request.organization, by=request.user, **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            form = WebhookForm()
    waiting = Count("deliveries", filter=Q(deliveries__status=DeliveryStatus.WAITING))
    context = {
        "form": form,
        "webhooks": request.organization.webhooks.annotate(waiting=waiting),
        "secret": secret,
        "made": made,
    }
    return render(request, "csplatform/webhook_list.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=ADMINS, write=ADMINS)
def webhook_detail(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One of them: its form, and what was sent within thirty days."""
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    form = WebhookForm(posted(request), webhook=webhook)
    if form.is_valid():
        try:
            services.update_webhook(webhook=webhook, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The webhook is saved.")
            return redirect("csplatform:webhook_detail", uuid)
    return _detail(request, webhook, form)


@require_POST
@page(write=ADMINS)
def webhook_test(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    try:
        services.send_test(webhook=webhook)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "A test is on its way. The list below tells what became of it.")
    return redirect("csplatform:webhook_detail", uuid)


@require_POST
@never_cache
@page(write=ADMINS)
def webhook_secret(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A new secret, shown in this answer only."""
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    secret = services.renew_secret(webhook=webhook, by=request.user)
    return _detail(request, webhook, WebhookForm(webhook=webhook), secret=secret)


@require_POST
@page(write=ADMINS)
def webhook_switch(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Off, or on again."""
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    webhook = services.update_webhook(webhook=webhook, by=request.user, is_active=not webhook.is_active)
    state = "on" if webhook.is_active else "off; what waited is not sent"
    messages.success(request, f"The webhook is switched {state}.")
    return redirect("csplatform:webhook_detail", uuid)


@require_POST
@page(write=ADMINS)
def webhook_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    host = webhook.host
    services.delete_webhook(webhook=webhook, by=request.user)
    messages.success(request, f"The webhook to {host} is gone.")
    return redirect("csplatform:webhook_list")


@require_POST
@page(write=ADMINS)
def webhook_redeliver(request: AuthenticatedRequest, uuid: UUID, delivery: UUID) -> HttpResponse:
    """The same message once more."""
    webhook = get_object_or_404(request.organization.webhooks, uuid=uuid)
    found = get_object_or_404(webhook.deliveries.select_related("webhook__organization"), uuid=delivery)
    try:
        services.redeliver(delivery=found)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "The message is on its way again.")
    return redirect("csplatform:webhook_detail", uuid)


def _detail(request: AuthenticatedRequest, webhook: Webhook, form: WebhookForm, *, secret: str = "") -> HttpResponse:
    wanted = request.GET.get("status", "")
    rows = webhook.deliveries.filter(status=wanted) if wanted in DeliveryStatus.values else webhook.deliveries.all()
    context = {
        "webhook": webhook,
        "form": form,
        "secret": secret,
        "page_obj": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "statuses": DeliveryStatus.choices,
        "status": wanted,
    }
    bad = form.is_bound and not form.is_valid()
    return render(request, "csplatform/webhook_detail.html", context, status=422 if bad else 200)
