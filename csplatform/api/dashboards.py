"""What the two dashboard contracts have in common: their error bodies have exactly two keys, and tags."""

from __future__ import annotations

from datetime import date, datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform import periods
from csplatform.api.views import TenantAPIView

AS_OF = OpenApiParameter(
    "as_of", date, description="The day to look at it from, today unless given: figures from entries dated up to it."
)

BODY = OpenApiTypes.OBJECT
"""What the OpenAPI document says of a dashboard's body: its own schema is published in docs/contracts."""


class DashboardView(TenantAPIView):
    """One GET over one selector; whatever fails answers `{"error": true, "message": …}` and nothing else."""

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(response.data, dict):
            response.data.pop("errors", None)
        return response

    def as_of(self, request: Request, now: datetime) -> date:
        """The day that was asked for; a later one than today is refused."""
        today = periods.today(self.organization, now=now)
        return periods.parse_as_of(request.query_params.get("as_of"), today=today)
