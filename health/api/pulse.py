"""Pulses over the API: what was said of an account, and saying it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import require_editable
from accounts.selectors.account_by_key import account_by_key
from csplatform.api.views import TenantAPIView
from csplatform.periods import today
from csplatform.permissions import Action
from health.api.metrics import KEY
from health.models import Pulse
from health.models.pulse import NOTE_LENGTH
from health.selectors.pulse import recent_pulses
from health.services.pulse import set_pulse


class PulseSerializer(serializers.ModelSerializer[Pulse]):
    """A rating of its day, from 1 (bad) to 5 (excellent)."""

    set_by = serializers.CharField(source="set_by.display_name", default=None)

    class Meta:
        model = Pulse
        fields = ["date", "rating", "note", "set_by"]


class PulseListSerializer(serializers.Serializer[Any]):
    """`{data: [...]}`, not paged."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer's own `data` is taken, so the field cannot be declared as an attribute.
        return {"data": PulseSerializer(many=True)}


class PulseBody(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class PulseView(TenantAPIView):
    """The last few, newest first; POST rates the account today, in the place of an earlier rating of the day."""

    write_permission = Action.EDIT_OWN_ACCOUNTS

    @extend_schema(operation_id="pulse_list", parameters=[KEY], responses=PulseListSerializer, tags=["health"])
    def get(self, request: Request, key: str) -> Response:
        account = account_by_key(self.organization.accounts.all(), key)
        shown = recent_pulses(account, today=today(self.organization))
        return Response(PulseListSerializer({"data": [each.pulse for each in shown]}).data)

    @extend_schema(
        operation_id="pulse_set",
        parameters=[KEY],
        request=PulseBody,
        responses={201: PulseSerializer},
        tags=["health"],
    )
    def post(self, request: Request, key: str) -> Response:
        account = account_by_key(self.organization.accounts.select_related("organization"), key)
        require_editable(self.member, account)
        body = PulseBody(data=request.data)
        body.is_valid(raise_exception=True)
        pulse = set_pulse(account=account, by=self.member.user, **body.validated_data)
        return Response(PulseSerializer(pulse).data, status=201)
