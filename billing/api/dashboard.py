"""The billing and collections dashboard of its contract."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from billing.selectors.dashboard.contract import billing_dashboard
from billing.selectors.dashboard.view import billing_view
from csplatform.api.dashboards import AS_OF, BODY, DashboardView
from csplatform.api.etag import conditional
from csplatform.periods import BillingPeriod

PERIOD = OpenApiParameter("period", str, enum=list(BillingPeriod), default=BillingPeriod.DAYS_30.value)


class BillingDashboardView(DashboardView):
    """Fifteen blocks on what was invoiced, what came in and what is owed, in rupees."""

    @extend_schema(
        operation_id="billing_dashboard",
        parameters=[PERIOD, AS_OF],
        responses=BODY,
        tags=["dashboards"],
    )
    @conditional
    def get(self, request: Request) -> Response:
        now = timezone.now()
        view = billing_view(
            self.organization,
            now=now,
            period=request.query_params.get("period") or None,
            as_of=self.as_of(request, now),
        )
        return Response(billing_dashboard(view))


@extend_schema_view(get=extend_schema(operation_id="billing_contract"))
class BillingContractView(BillingDashboardView):
    """The same under the path that existing clients call."""
