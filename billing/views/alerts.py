"""The alerts of the billing dashboard: where their buttons lead, putting them aside and back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.enums import AlertAction
from billing.selectors.dashboard.alerts import BillingAlert, billing_alerts
from billing.selectors.dashboard.view import billing_view
from billing.services.alert import dismiss_alert, restore_alert
from csplatform.http import AuthenticatedRequest
from csplatform.models import Organization
from csplatform.permissions import Action
from csplatform.views.base import page


def alert_url(alert: BillingAlert) -> str:
    """Where the button of an alert leads: to the rows that it speaks of."""
    days = {"from": alert.about.start.isoformat(), "to": alert.about.end.isoformat()}
    match alert.action:
        case AlertAction.CONTACT_CUSTOMER if alert.account:
            return alert.account.get_absolute_url()
        case AlertAction.REVIEW_INVOICES:
            return f"{reverse('billing:invoice_list')}?{urlencode({'ready': 'false', **days})}"
        case AlertAction.INVESTIGATE if alert.account:
            return f"{reverse('billing:refund_list')}?{urlencode({'account_id': alert.account.number, **days})}"
        case _:
            return reverse("billing:reminder_list")


def raised_alert(organization: Organization, key: str) -> BillingAlert | None:
    """The alert of that key, if it is raised today."""
    view = billing_view(organization, now=timezone.now())
    return next((alert for alert in billing_alerts(view) if alert.key == key), None)


@require_POST
@page(write=Action.WRITE_BILLING)
def alert_dismiss(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Put it aside until it grows worse."""
    alert = raised_alert(request.organization, key)
    if alert is None:
        raise Http404
    dismiss_alert(
        organization=request.organization,
        key=key,
        figures=alert.figures,
        holds_until=alert.about.end,
        by=request.user,
    )
    undo = reverse("billing:alert_restore", args=[key])
    told = f"“{alert.title}” is dismissed. It comes back when it grows worse."
    messages.add_message(request, messages.SUCCESS, told, extra_tags=f"undo:{undo}")
    return redirect("billing:dashboard")


@require_POST
@page(write=Action.WRITE_BILLING)
def alert_restore(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Show it again."""
    if not restore_alert(organization=request.organization, key=key):
        raise Http404
    messages.success(request, "The alert is shown again.")
    return redirect("billing:dashboard")
