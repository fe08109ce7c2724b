"""The account-management dashboard of its contract."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import AccountScope
from csplatform.api.dashboards import AS_OF, BODY, DashboardView
from csplatform.api.etag import conditional
from csplatform.periods import AccountPeriod
from insights.selectors.dashboard.contract import account_dashboard
from insights.selectors.dashboard.view import view_of_query

PARAMETERS = [
    OpenApiParameter("period", str, enum=list(AccountPeriod), default=AccountPeriod.MONTH.value),
    OpenApiParameter("from", date, description="The first day of a custom period."),
    OpenApiParameter("to", date, description="Its last day; at most 366 days in all."),
    OpenApiParameter("user", str, enum=AccountScope.values, default=AccountScope.ALL.value),
    OpenApiParameter("source", str, description="A lead source; one that no account has leaves nothing."),
    AS_OF,
]


class AccountDashboardView(DashboardView):
    """Sixteen blocks on what accounts pay, how they fare and what there is to do."""

    @extend_schema(operation_id="account_dashboard", parameters=PARAMETERS, responses=BODY, tags=["dashboards"])
    @conditional
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response(account_dashboard(view_of_query(self.member, request.query_params, now=now)))


@extend_schema_view(get=extend_schema(operation_id="account_management_contract"))
class AccountManagementContractView(AccountDashboardView):
    """The same under the path that existing clients call."""
