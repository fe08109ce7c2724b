"""The alerts of the billing dashboard over the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.enums import AlertAction, AlertSeverity
from billing.selectors.dashboard.alerts import Alerts, BillingAlert, alerts_of
from billing.selectors.dashboard.view import billing_view
from billing.services.alert import dismiss_alert, restore_alert
from csplatform.api.views import TenantAPIView
from csplatform.permissions import Action


class AlertSerializer(serializers.Serializer[Any]):
    """An alert, with what its contract does not say: what it is about, and whether somebody has put it aside."""

    key = serializers.CharField(source="alert.key")
    title = serializers.CharField(source="alert.title")
    description = serializers.CharField(source="alert.description")
    severity = serializers.ChoiceField(AlertSeverity.choices, source="alert.severity")
    action = serializers.ChoiceField(AlertAction.choices, source="alert.action")
    account_id = serializers.UUIDField(source="alert.account.uuid", allow_null=True, default=None)
    from_date = serializers.DateField(source="alert.about.start")
    to_date = serializers.DateField(source="alert.about.end")
    is_dismissed = serializers.BooleanField()
    dismissed_by = serializers.CharField(allow_null=True)
    dismissed_at = serializers.DateTimeField(allow_null=True)


class AlertsSerializer(serializers.Serializer[Any]):
    alerts = AlertSerializer(many=True)


class AlertAPIView(TenantAPIView):
    """Finds what is raised today."""

    def found(self) -> Alerts:
        return alerts_of(billing_view(self.organization, now=timezone.now()))

    def raised(self, key: str) -> BillingAlert:
        found = self.found()
        alerts = [*found.shown, *(each.alert for each in found.dismissed)]
        alert = next((each for each in alerts if each.key == key), None)
        if alert is None:
            raise Http404
        return alert

    def answer(self) -> Response:
        found = self.found()
        rows = [
            {"alert": alert, "is_dismissed": False, "dismissed_by": None, "dismissed_at": None}
            for alert in found.shown
        ] + [
            {
                "alert": each.alert,
                "is_dismissed": True,
                "dismissed_by": each.dismissal.dismissed_by and each.dismissal.dismissed_by.display_name,
                "dismissed_at": each.dismissal.updated_at,
            }
            for each in found.dismissed
        ]
        return Response(AlertsSerializer({"alerts": rows}).data)


class AlertListView(AlertAPIView):
    """What is raised today, the most severe first, what was dismissed last."""

    @extend_schema(responses=AlertsSerializer, operation_id="billing_alerts")
    def get(self, request: Request) -> Response:
        return self.answer()


class AlertDismissView(AlertAPIView):
    """Put one aside until it grows worse; the dashboard no longer shows it."""

    write_permission = Action.WRITE_BILLING

    @extend_schema(request=None, responses=AlertsSerializer, operation_id="billing_alert_dismiss")
    def post(self, request: Request, key: str) -> Response:
        alert = self.raised(key)
        dismiss_alert(
            organization=self.organization,
            key=key,
            figures=alert.figures,
            holds_until=alert.about.end,
            by=self.member.user,
        )
        return self.answer()


class AlertRestoreView(AlertAPIView):
    """Show one again."""

    write_permission = Action.WRITE_BILLING

    @extend_schema(request=None, responses=AlertsSerializer, operation_id="billing_alert_restore")
    def post(self, request: Request, key: str) -> Response:
        if not restore_alert(organization=self.organization, key=key):
            raise Http404
        return self.answer()
