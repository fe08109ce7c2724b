"""The success-insights contract's accounts, summary and insights."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from accounts.selectors.account_by_key import account_by_key
from csplatform.api.etag import conditional
from csplatform.api.pagination import SuccessInsightsPagination
from csplatform.api.query import read_query
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.models import Organization
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from health.selectors.history import health_history
from health.selectors.trends import account_trends
from insights.api.serializers import (
    AccountDetailSerializer,
    AccountInsightSerializer,
    AccountQuerySerializer,
    AccountSerializer,
    InsightRequestSerializer,
    PortfolioInsightSerializer,
    PortfolioSummarySerializer,
)
from insights.selectors.account_list import listed_accounts, newest_metrics
from insights.selectors.portfolio_summary import portfolio_summary
from insights.services.insight import write_account_insight, write_portfolio_insight
from insights.writers.base import Wishes

HISTORY_DAYS = 90
TAGS = ["success insights"]


class AccountListView(TenantGenericView):
    """All accounts but the archived ones, by id, each with its newest metrics."""

    queryset = Account.objects.none()
    serializer_class = AccountSerializer
    pagination_class = SuccessInsightsPagination

    def get_queryset(self) -> AccountQuerySet:
        return listed_accounts(self.organization, **read_query(self.request, AccountQuerySerializer))

    @extend_schema(
        operation_id="success_insights_accounts",
        parameters=[AccountQuerySerializer],
        responses=AccountSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        context = {"newest_metrics": newest_metrics(self.organization, page)}
        return self.get_paginated_response(AccountSerializer(page, many=True, context=context).data)


class AccountDetailView(TenantAPIView):
    """One account with its trends over 30, 60 and 90 days and its scores of the last 90 days."""

    @extend_schema(operation_id="success_insights_account", responses=AccountDetailSerializer, tags=TAGS)
    def get(self, request: Request, key: str) -> Response:
        account = account_or_404(self.organization, key)
        day = today(self.organization)
        context = {
            "newest_metrics": newest_metrics(self.organization, [account]),
            "trends": account_trends(self.organization, [account.pk], today=day)[account.pk],
            "health_history": health_history(account, today=day, days=HISTORY_DAYS),
        }
        return Response(AccountDetailSerializer(account, context=context).data)


class PortfolioSummaryView(TenantAPIView):
    """Totals over the open accounts, by health bucket and by segment, and how their revenue changed."""

    @extend_schema(responses=PortfolioSummarySerializer, tags=TAGS)
    @conditional
    def get(self, request: Request) -> Response:
        summary = portfolio_summary(self.organization, today=today(self.organization))
        return Response(PortfolioSummarySerializer(summary).data)


@own_transactions
class PortfolioInsightView(TenantAPIView):
    """The portfolio in words. What is said is kept with its facts; nothing else changes, so it counts as a read."""

    write_permission = Action.READ

    @extend_schema(request=InsightRequestSerializer, responses=PortfolioInsightSerializer, tags=TAGS)
    def post(self, request: Request) -> Response:
        insight = write_portfolio_insight(
            organization=self.organization, by=self.member.user, now=timezone.now(), wishes=read_wishes(request)
        )
        return Response(PortfolioInsightSerializer(insight.body).data)


@own_transactions
class AccountInsightView(TenantAPIView):
    """One account in words, with three different things to do. Counts as a read."""

    write_permission = Action.READ

    @extend_schema(request=InsightRequestSerializer, responses=AccountInsightSerializer, tags=TAGS)
    def post(self, request: Request, key: str) -> Response:
        wishes = read_wishes(request)
        with organization_scope(self.organization, write=False):
            account = account_or_404(self.organization, key)
        insight = write_account_insight(
            organization=self.organization,
            account=account,
            by=self.member.user,
            now=timezone.now(),
            wishes=wishes,
        )
        return Response(AccountInsightSerializer(insight.body).data)


def account_or_404(organization: Organization, key: str) -> Account:
    """An account by its number or its uuid; another organisation's does not exist."""
    return account_by_key(organization.accounts.for_list(), key)


def read_wishes(request: Request) -> Wishes:
    body = InsightRequestSerializer(data={} if request.data is None else request.data)
    body.is_valid(raise_exception=True)
    return body.wishes()
