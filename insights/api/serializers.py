"""Accounts, the portfolio summary and insights as the success-insights contract prints them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.bands import SCORE_WHEN_UNKNOWN
from accounts.enums import Bucket, Segment
from accounts.models import Account
from csplatform.money import ZERO
from health.enums import EngagementTrend
from health.models import DailyMetrics
from health.selectors.history import HealthPoint
from health.trends import Trend
from insights.enums import FocusArea, InsightSource
from insights.selectors.portfolio_summary import PortfolioSummary
from insights.writers.base import Wishes
from playbooks.enums import Priority

MOST_FOCUS_AREAS = 20


class MetricsSerializer(serializers.ModelSerializer[DailyMetrics]):
    """One account on one day; a measure that was not reported is null."""

    feature_adoption_rate = serializers.SerializerMethodField()
    support_tickets_open = serializers.IntegerField(source="tickets_open", allow_null=True)
    nps_score = serializers.FloatField(source="nps", allow_null=True, min_value=-100, max_value=100)
    login_frequency = serializers.FloatField(source="login_rate", allow_null=True, min_value=0, max_value=1)
    health_score = serializers.FloatField(allow_null=True, min_value=0, max_value=100)
    account_id = serializers.IntegerField(source="account.number")

    class Meta:
        model = DailyMetrics
        fields = [
            "id",
            "account_id",
            "date",
            "daily_active_users",
            "feature_adoption_rate",
            "support_tickets_open",
            "nps_score",
            "login_frequency",
            "health_score",
        ]

    def get_feature_adoption_rate(self, metrics: DailyMetrics) -> float | None:
        """As a rate of 0-1; we store percent."""
        return None if metrics.adoption_pct is None else round(metrics.adoption_pct / 100, 6)


class TrendSerializer(serializers.Serializer[Trend]):
    """How an account moved over a window: last minus first."""

    days = serializers.IntegerField()
    health_score_change = serializers.FloatField(allow_null=True)
    arr_change = serializers.FloatField()
    engagement_trend = serializers.ChoiceField(choices=EngagementTrend.choices)


class HealthPointSerializer(serializers.Serializer[HealthPoint]):
    """The score of one day."""

    date = serializers.DateField()
    health_score = serializers.FloatField(source="score", allow_null=True)


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An account of the list. The context holds `newest_metrics` by account id."""

    id = serializers.IntegerField(source="number")
    account_name = serializers.CharField(source="name")
    segment = serializers.SerializerMethodField()
    region = serializers.SerializerMethodField()
    arr = serializers.SerializerMethodField()
    health_bucket = serializers.SerializerMethodField()
    health_score = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(default_timezone=UTC)
    updated_at = serializers.DateTimeField(default_timezone=UTC)
    latest_metrics = serializers.SerializerMethodField()
    trend_30d = serializers.SerializerMethodField()
    trend_60d = serializers.SerializerMethodField()
    trend_90d = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = [
            "id",
            "uuid",
            "account_name",
            "segment",
            "region",
            "arr",
            "health_bucket",
            "health_score",
            "created_at",
            "updated_at",
            "latest_metrics",
            "trend_30d",
            "trend_60d",
            "trend_90d",
        ]

    def get_segment(self, account: Account) -> str | None:
        return account.segment or None

    def get_region(self, account: Account) -> str | None:
        return account.region or None

    def get_arr(self, account: Account) -> float:
        return float(account.arr or ZERO)

    def get_health_bucket(self, account: Account) -> str | None:
        return account.bucket.value if account.bucket else None

    def get_health_score(self, account: Account) -> float:
        """The score; while it is unknown the last known one, else what the contract's source prints."""
        known = (account.health_score, account.last_known_health_score, SCORE_WHEN_UNKNOWN)
        return float(next(score for score in known if score is not None))

    @extend_schema_field(MetricsSerializer(allow_null=True))
    def get_latest_metrics(self, account: Account) -> dict[str, Any] | None:
        metrics = self.context["newest_metrics"].get(account.pk)
        if metrics is None:
            return None
        metrics.account = account
        return self._metrics_serializer.to_representation(metrics)

    @cached_property
    def _metrics_serializer(self) -> MetricsSerializer:
        """One for all rows of a list. PERFORMANCE: making one a row was half of the time of the list."""
        return MetricsSerializer()

    @extend_schema_field(TrendSerializer(allow_null=True))
    def get_trend_30d(self, account: Account) -> dict[str, Any] | None:
        return self._trend(30)

    @extend_schema_field(TrendSerializer(allow_null=True))
    def get_trend_60d(self, account: Account) -> dict[str, Any] | None:
        return self._trend(60)

    @extend_schema_field(TrendSerializer(allow_null=True))
    def get_trend_90d(self, account: Account) -> dict[str, Any] | None:
        return self._trend(90)

    def _trend(self, days: int) -> dict[str, Any] | None:
        """Null in the list, which does not read the history of every account on it."""
        trends: Mapping[int, Trend | None] = self.context.get("trends", {})
        trend = trends.get(days)
        return None if trend is None else dict(TrendSerializer(trend).data)


class AccountDetailSerializer(AccountSerializer):
    """An account with its trends and ninety days of scores."""

    health_history = serializers.SerializerMethodField()

    class Meta(AccountSerializer.Meta):
        fields = [*AccountSerializer.Meta.fields, "health_history"]

    @extend_schema_field(HealthPointSerializer(many=True))
    def get_health_history(self, account: Account) -> list[dict[str, Any]]:
        return [dict(HealthPointSerializer(point).data) for point in self.context["health_history"]]


class AccountQuerySerializer(serializers.Serializer[Account]):
    """Filters of the list; a value that nobody has matches nothing."""

    segment = serializers.CharField(required=False, help_text=f"One of {', '.join(Segment.values)}.")
    bucket = serializers.CharField(required=False, help_text=f"One of {', '.join(Bucket.values)}.")
    region = serializers.CharField(required=False, help_text="Exactly as stored.")


class PortfolioSummarySerializer(serializers.Serializer[PortfolioSummary]):
    """Money and percentages by name; accounts without a bucket or a segment stand under `Unknown`."""

    total_accounts = serializers.IntegerField()
    total_arr = serializers.FloatField()
    arr_by_bucket = serializers.SerializerMethodField()
    risk_breakdown = serializers.SerializerMethodField()
    arr_trend_30d = serializers.FloatField()
    arr_trend_90d = serializers.FloatField()
    avg_health_score = serializers.FloatField(source="average_score")
    accounts_by_segment = serializers.SerializerMethodField()

    def get_arr_by_bucket(self, summary: PortfolioSummary) -> dict[str, float]:
        return {group.name: float(group.arr) for group in summary.buckets}

    def get_risk_breakdown(self, summary: PortfolioSummary) -> dict[str, float]:
        return {group.name: float(group.share_pct) for group in summary.buckets}

    def get_accounts_by_segment(self, summary: PortfolioSummary) -> dict[str, int]:
        return {group.name: group.accounts for group in summary.segments}


class InsightRequestSerializer(serializers.Serializer[Wishes]):
    """What a reader may wish for; no body at all wishes for everything.

    `focus_areas` brings what it names to the front and hides nothing; words we do not know are passed over.
    Without recommendations the text only describes: `recommended_actions` and `opportunities` are empty.
    """

    include_recommendations = serializers.BooleanField(required=False, default=True)
    focus_areas: serializers.ListField = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        allow_null=True,
        max_length=MOST_FOCUS_AREAS,
        help_text=f"Any of {', '.join(FocusArea.values)}.",
    )

    def wishes(self) -> Wishes:
        asked = self.validated_data.get("focus_areas") or []
        known = [word.strip().lower() for word in asked]
        return Wishes(
            include_recommendations=self.validated_data["include_recommendations"],
            focus=tuple(area for area in FocusArea if area.value in known),
        )


class WrittenSerializer(serializers.Serializer[Any]):
    """What both insights end with: when they were written, and by what."""

    generated_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A field declared as `source` would shadow the attribute of that name.
        return {**super().get_fields(), "source": serializers.ChoiceField(choices=InsightSource.choices)}


class PortfolioInsightSerializer(WrittenSerializer):
    """The portfolio in words."""

    summary = serializers.CharField()
    key_findings: serializers.ListField = serializers.ListField(
        child=serializers.CharField(), min_length=3, max_length=4
    )
    top_risks: serializers.ListField = serializers.ListField(child=serializers.CharField())
    opportunities: serializers.ListField = serializers.ListField(child=serializers.CharField())


class ActionSerializer(serializers.Serializer[Any]):
    """Something to do about an account; `playbook_id` is one of GET /playbooks, or null."""

    title = serializers.CharField()
    description = serializers.CharField()
    priority = serializers.ChoiceField(choices=Priority.choices)
    estimated_impact = serializers.CharField()
    playbook_id = serializers.IntegerField(allow_null=True)


class AccountInsightSerializer(WrittenSerializer):
    """One account in words, with three different things to do (none when they were not asked for)."""

    account_id = serializers.IntegerField()
    account_name = serializers.CharField()
    summary = serializers.CharField()
    health_analysis = serializers.CharField()
    risk_factors: serializers.ListField = serializers.ListField(child=serializers.CharField())
    recommended_actions = ActionSerializer(many=True)
