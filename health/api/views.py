"""Health over the API: recompute, and the days of one account."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors.account_by_key import account_by_key
from csplatform import periods
from csplatform.api.query import read_query
from csplatform.api.views import TenantAPIView
from csplatform.enums import JobStatus
from csplatform.permissions import Action
from csplatform.tenancy import own_transactions
from health.api.serializers import (
    AccountHealthSerializer,
    ExplainWindowSerializer,
    ExplanationSerializer,
    HealthWindowSerializer,
    RecomputeResultSerializer,
    RecomputeStartedSerializer,
)
from health.selectors.churn_explanation import churn_explanation
from health.selectors.score_ledger import score_ledgers
from health.selectors.scorecard import health_scorecards, live_scorecard
from health.selectors.scored_days import scored_days
from health.services.recompute import recompute_organization

TAGS = ["health"]


class AccountExplainView(TenantAPIView):
    """What moved a score from one day to another; the parts add up to the change."""

    @extend_schema(
        operation_id="account_health_explain",
        parameters=[ExplainWindowSerializer],
        responses=ExplanationSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, key: str) -> Response:
        account = account_by_key(self.organization.accounts.all(), key)
        given = read_query(request, ExplainWindowSerializer)
        today = periods.today(self.organization)
        since, until = HealthWindowSerializer.window(given, today=today)
        accounts = self.organization.accounts.filter(pk=account.pk)
        ledger = score_ledgers(self.organization, accounts, since=since, until=until)[account.pk]
        return Response(ExplanationSerializer(ledger, context={"risk": churn_explanation(account, today=today)}).data)


@own_transactions
class RecomputeHealthView(TenantAPIView):
    """Scores every open account, at once where there are few. `Prefer: respond-async` leaves it to a job."""

    write_permission = Action.RECOMPUTE_HEALTH

    @extend_schema(
        operation_id="recompute_health",
        request=None,
        responses={200: RecomputeResultSerializer, 202: RecomputeStartedSerializer},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        job = recompute_organization(
            organization=self.organization,
            by=self.member.user,
            in_background="respond-async" in request.headers.get("Prefer", ""),
        )
        if job.result is not None:
            return Response(RecomputeResultSerializer(job.result).data)
        if job.status == JobStatus.FAILED:
            raise APIException(job.error)
        return Response(
            RecomputeStartedSerializer(job).data, status=202, headers={"Location": f"/api/jobs/{job.uuid}"}
        )


class AccountHealthView(TenantAPIView):
    """Every day of a window on which the account has a score, with the points of each signal."""

    @extend_schema(
        operation_id="account_health",
        parameters=[HealthWindowSerializer],
        responses=AccountHealthSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, key: str) -> Response:
        account = account_by_key(self.organization.accounts.select_related("organization"), key)
        given = read_query(request, HealthWindowSerializer)
        since, until = HealthWindowSerializer.window(given, today=periods.today(self.organization))
        asked = given.get("scorecard")
        card = live_scorecard(self.organization, asked) if asked else health_scorecards(self.organization).of(account)
        days = scored_days(account, card, since=since, until=until) if card else []
        return Response(AccountHealthSerializer({"data": days}).data)
