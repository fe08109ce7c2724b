"""Alerts over the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import require_editable
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action
from health.alert_filter import AlertFilter
from health.alert_kinds import SAID_BY_PEOPLE, AlertOutcome
from health.models import Alert
from health.models.alert import NOTE_LENGTH
from health.querysets import AlertQuerySet
from health.services.alert import UNTIL_WORSE, acknowledge_alert, resolve_alert, snooze_alert


class AccountAlertSerializer(serializers.ModelSerializer[Alert]):
    """An alert as it stands."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)

    class Meta:
        model = Alert
        fields = [
            "id",
            "kind",
            "severity",
            "account_id",
            "account_name",
            "title",
            "description",
            "value",
            "first_seen_at",
            "status",
            "snoozed_until",
            "outcome",
            "note",
            "acknowledged_at",
            "resolved_at",
            "updated_at",
        ]
        read_only_fields = fields


@extend_schema_field({"type": "string", "description": "A day (YYYY-MM-DD), or `worse`: until it is worse than now."})
class UntilField(serializers.Field[Any, Any, Any, Any]):
    default_error_messages = {"invalid": f"takes a date, written as YYYY-MM-DD, or `{UNTIL_WORSE}`."}

    def to_internal_value(self, data: Any) -> date | str:
        if data == UNTIL_WORSE:
            return UNTIL_WORSE
        try:
            return date.fromisoformat(data)
        except (TypeError, ValueError):
            self.fail("invalid")

    def to_representation(self, value: Any) -> str:
        return str(value)


class AlertSnoozeSerializer(serializers.Serializer[Any]):
    """Until when it rests."""

    until = UntilField()


class AlertResolveSerializer(serializers.Serializer[Any]):
    """What came of it."""

    outcome = serializers.ChoiceField(
        choices=[(outcome.value, outcome.label) for outcome in AlertOutcome if outcome in SAID_BY_PEOPLE]
    )
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class AlertViewSet(ResourceViewSet):
    """What needs a look. The product raises alerts; who may change the account acknowledges and closes them."""

    queryset = Alert.objects.none()
    serializer_class = AccountAlertSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    lookup_value_converter = "uuid"
    filter_set = AlertFilter
    default_ordering = ("-first_seen_at", "-pk")
    ordering_fields = {
        "first_seen_at": "first_seen_at",
        "severity": "rank",
        "kind": "kind",
        "status": "status",
        "account_name": "account__name_key",
        "resolved_at": "resolved_at",
    }
    csv_columns = AccountAlertSerializer.Meta.fields
    csv_name = "alerts"

    def get_queryset(self) -> AlertQuerySet:
        alerts: AlertQuerySet = self.organization.alerts.with_rank().for_list()
        return alerts

    @extend_schema(request=None, responses=AccountAlertSerializer)
    def acknowledge(self, request: Request, uuid: str) -> Response:
        """Somebody looks at it; 409 when it is closed."""
        alert = self._editable(request)
        return self.shown(acknowledge_alert(alert=alert, by=self.member.user, now=timezone.now()))

    @extend_schema(request=AlertSnoozeSerializer, responses=AccountAlertSerializer)
    def snooze(self, request: Request, uuid: str) -> Response:
        """Put it off to a later day, or until it gets worse."""
        alert = self._editable(request)
        body = AlertSnoozeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(snooze_alert(alert=alert, by=self.member.user, now=timezone.now(), **body.validated_data))

    @extend_schema(request=AlertResolveSerializer, responses=AccountAlertSerializer)
    def resolve(self, request: Request, uuid: str) -> Response:
        """Close it with what came of it; rules are judged by that."""
        alert = self._editable(request)
        body = AlertResolveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(resolve_alert(alert=alert, by=self.member.user, now=timezone.now(), **body.validated_data))

    def _editable(self, request: Request) -> Alert:
        alert: Alert = self.locked_object(request)
        require_editable(self.member, alert.account)
        return alert
