"""The customer-management contract's health metrics: `/api/v1/health`, and a score set by hand."""

from __future__ import annotations

import math
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.bands import SCORE_WHEN_UNKNOWN
from accounts.models import Account
from accounts.permissions import require_editable
from accounts.selectors.account_by_key import account_by_key
from csplatform.api.pagination import ListPagination
from csplatform.api.query import read_query
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.money import round_half_up
from csplatform.periods import today
from csplatform.permissions import Action
from health.models import DailyMetrics, HealthOverride
from health.models.override import REASON_LENGTH
from health.querysets import DailyMetricsQuerySet
from health.selectors.overrides import OverrideCalendar
from health.services.daily_metrics import report_day
from health.services.override import end_override, set_override

TAGS = ["customer management"]
MOST_COUNTED = 2_147_483_647


class HealthMetricSerializer(serializers.ModelSerializer[DailyMetrics]):
    """One account on one day. A measure that was never reported prints its default."""

    id = serializers.SerializerMethodField()
    organization_id = serializers.UUIDField(source="organization.uuid")
    account_id = serializers.UUIDField(source="account.uuid")
    account_name = serializers.CharField(source="account.name")
    metric_date = serializers.DateField(source="date")
    login_frequency = serializers.SerializerMethodField()
    feature_adoption_score = serializers.SerializerMethodField()
    support_tickets = serializers.SerializerMethodField()
    training_completion_rate = serializers.SerializerMethodField()
    overall_health_score = serializers.SerializerMethodField()

    class Meta:
        model = DailyMetrics
        fields = [
            "id",
            "organization_id",
            "account_id",
            "account_name",
            "metric_date",
            "login_frequency",
            "feature_adoption_score",
            "support_tickets",
            "training_completion_rate",
            "overall_health_score",
            "created_at",
        ]

    def get_id(self, row: DailyMetrics) -> uuid.UUID:
        """Made of the account and the date, which name the row: it never changes and needs no column."""
        return uuid.uuid5(row.account.uuid, row.date.isoformat())

    def get_login_frequency(self, row: DailyMetrics) -> int:
        return row.logins or 0

    def get_feature_adoption_score(self, row: DailyMetrics) -> int:
        return int(round_half_up(Decimal(str(row.adoption_pct or 0)), 0))

    def get_support_tickets(self, row: DailyMetrics) -> int:
        return row.tickets_open or 0

    def get_training_completion_rate(self, row: DailyMetrics) -> Decimal:
        return row.training_completion_pct or Decimal("0.00")

    def get_overall_health_score(self, row: DailyMetrics) -> int:
        """What was shown on the day: set by hand, else computed, else the default; the floor of it."""
        calendar: OverrideCalendar = self.context["overrides"]
        shown = calendar.score(row.account_id, row.date)
        shown = row.health_score if shown is None else shown
        return SCORE_WHEN_UNKNOWN if shown is None else math.floor(shown)


class HealthMetricQuery(serializers.Serializer[Any]):
    """`from` and `to`, also as `start_date` and `end_date`; both days are included."""

    account_id = serializers.CharField(required=False)
    to = serializers.DateField(required=False)
    start_date = serializers.DateField(required=False)
    end_date = serializers.DateField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword, so the field cannot be declared as an attribute.
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since = attrs.get("from", attrs.get("start_date"))
        until = attrs.get("to", attrs.get("end_date"))
        if since and until and since > until:
            raise serializers.ValidationError({"from": ["must not be after `to`."]})
        return {"account_id": attrs.get("account_id"), "since": since, "until": until}


class HealthMetricBody(serializers.Serializer[Any]):
    """What was measured; fields left out stay. A posted `overall_health_score` is an override for two weeks."""

    account_id = serializers.CharField()
    metric_date = serializers.DateField(required=False)
    login_frequency = serializers.IntegerField(
        source="logins", min_value=0, max_value=MOST_COUNTED, required=False, allow_null=True
    )
    feature_adoption_score = serializers.IntegerField(
        source="adoption_pct", min_value=0, max_value=100, required=False, allow_null=True
    )
    support_tickets = serializers.IntegerField(
        source="tickets_open", min_value=0, max_value=MOST_COUNTED, required=False, allow_null=True
    )
    training_completion_rate = serializers.DecimalField(
        source="training_completion_pct",
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        allow_null=True,
    )
    overall_health_score = serializers.IntegerField(
        source="overall_score", min_value=0, max_value=100, required=False, allow_null=True
    )


class HealthMetricListView(TenantGenericView):
    """Daily health metrics, newest date first; writing the same account and date again updates the row."""

    queryset = DailyMetrics.objects.none()
    serializer_class = HealthMetricSerializer
    pagination_class = ListPagination
    write_permission = Action.EDIT_OWN_ACCOUNTS

    def get_queryset(self) -> DailyMetricsQuerySet:
        wanted = read_query(self.request, HealthMetricQuery)
        rows: DailyMetricsQuerySet = self.organization.daily_metrics.filter(account__archived_at=None)
        if wanted["account_id"]:
            accounts = self.organization.accounts.with_key(wanted["account_id"])
            rows = rows.filter(account__in=list(accounts.values_list("pk", flat=True)))
        if wanted["since"]:
            rows = rows.filter(date__gte=wanted["since"])
        if wanted["until"]:
            rows = rows.up_to(wanted["until"])
        return rows.select_related("account", "organization").order_by("-date", "-pk")

    @extend_schema(
        operation_id="health_metrics_list",
        parameters=[HealthMetricQuery],
        responses=HealthMetricSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self._shown(rows, many=True))

    @extend_schema(
        operation_id="health_metrics_report",
        request=HealthMetricBody,
        responses={200: HealthMetricSerializer, 201: HealthMetricSerializer},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        body = HealthMetricBody(data=request.data)
        body.is_valid(raise_exception=True)
        facts = dict(body.validated_data)
        account = self._account(facts.pop("account_id"))
        require_editable(self.member, account)
        day = facts.pop("metric_date", None) or today(self.organization)
        score = facts.pop("overall_score", None)
        row, is_new = report_day(
            account=account,
            day=day,
            by=self.member.user,
            overall_score=None if score is None else Decimal(score),
            **facts,
        )
        return Response(self._shown([row], many=True)[0], status=201 if is_new else 200)

    def _account(self, key: str) -> Account:
        account = self.organization.accounts.unarchived().select_related("organization").with_key(key).first()
        if account is None:
            raise Http404("Account not found")
        return account

    def _shown(self, rows: list[DailyMetrics], *, many: bool) -> Any:
        days = [row.date for row in rows] or [today(self.organization)]
        calendar = OverrideCalendar.of(
            self.organization, [row.account_id for row in rows], since=min(days), until=max(days)
        )
        return HealthMetricSerializer(rows, many=many, context={"overrides": calendar}).data


class HealthOverrideSerializer(serializers.ModelSerializer[HealthOverride]):
    """A score set by hand, and the one that the scorecard gives."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    score = serializers.FloatField()
    computed_score = serializers.SerializerMethodField()
    set_by = serializers.CharField(source="set_by.display_name", default=None)

    class Meta:
        model = HealthOverride
        fields = ["id", "score", "computed_score", "reason", "starts_on", "expires_on", "set_by", "created_at"]

    def get_computed_score(self, override: HealthOverride) -> float | None:
        snapshot = override.account.health_snapshots.primary().order_by("-date").first()
        return None if snapshot is None or snapshot.score is None else float(snapshot.score)


class HealthOverrideBody(serializers.Serializer[Any]):
    score = serializers.DecimalField(max_digits=4, decimal_places=1, min_value=Decimal(0), max_value=Decimal(100))
    reason = serializers.CharField(max_length=REASON_LENGTH)
    expires_on = serializers.DateField(required=False, help_text="The last day it counts; two weeks without it.")


KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The account's number or uuid.")


class HealthOverrideView(TenantAPIView):
    """Sets an account's score by hand, for a while; DELETE lets it be computed again."""

    write_permission = Action.EDIT_OWN_ACCOUNTS

    @extend_schema(
        operation_id="health_override_set",
        parameters=[KEY],
        request=HealthOverrideBody,
        responses={201: HealthOverrideSerializer},
        tags=["health"],
    )
    def post(self, request: Request, key: str) -> Response:
        account = self._editable(key)
        body = HealthOverrideBody(data=request.data)
        body.is_valid(raise_exception=True)
        override = set_override(account=account, by=self.member.user, **body.validated_data)
        return Response(HealthOverrideSerializer(override).data, status=201)

    @extend_schema(operation_id="health_override_end", parameters=[KEY], responses={204: None}, tags=["health"])
    def delete(self, request: Request, key: str) -> Response:
        if not end_override(account=self._editable(key), by=self.member.user):
            raise Http404("No score is set by hand.")
        return Response(status=204)

    def _editable(self, key: str) -> Account:
        account = account_by_key(self.organization.accounts.select_related("organization"), key)
        require_editable(self.member, account)
        return account
