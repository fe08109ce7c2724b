"""What the renewal forecast assumes, over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models.forecast import HEAVIEST
from billing.services.forecast import (
    forecast_assumptions,
    restore_forecast_assumptions,
    save_forecast_assumptions,
)
from csplatform.api.views import TenantAPIView
from csplatform.permissions import Action


class _Chance(serializers.DecimalField):
    """In percent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), required=False, **options
        )


class ForecastAssumptionsSerializer(serializers.Serializer[Any]):
    """The chance that a term is renewed by the band of its account, in percent, and how many finished renewals
    weigh as much; what is left out stays."""

    healthy_pct = _Chance()
    watchlist_pct = _Chance()
    at_risk_pct = _Chance()
    critical_pct = _Chance()
    unknown_pct = _Chance(help_text="Of accounts whose health is not known.")
    weight = serializers.IntegerField(min_value=1, max_value=HEAVIEST, required=False)
    updated_at = serializers.DateTimeField(read_only=True, help_text="Null while the defaults hold.")


class ForecastAssumptionsView(TenantAPIView):
    """The organisation's figures, or the defaults."""

    write_permission = Action.EDIT_FORECAST

    @extend_schema(responses=ForecastAssumptionsSerializer)
    def get(self, request: Request) -> Response:
        return Response(ForecastAssumptionsSerializer(forecast_assumptions(self.organization)).data)

    @extend_schema(request=ForecastAssumptionsSerializer, responses=ForecastAssumptionsSerializer)
    def patch(self, request: Request) -> Response:
        body = ForecastAssumptionsSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        saved = save_forecast_assumptions(organization=self.organization, by=self.member.user, **body.validated_data)
        return Response(ForecastAssumptionsSerializer(saved).data)


class RestoreForecastView(TenantAPIView):
    """Back to the defaults."""

    write_permission = Action.EDIT_FORECAST

    @extend_schema(request=None, responses=ForecastAssumptionsSerializer)
    def post(self, request: Request) -> Response:
        restored = restore_forecast_assumptions(organization=self.organization, by=self.member.user)
        return Response(ForecastAssumptionsSerializer(restored).data)
