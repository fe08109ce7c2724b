"""Shapes of health's answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Band
from csplatform.models import Job
from health.scoring.ledger import Cause
from health.selectors.churn_explanation import ChurnExplanation, RiskPart
from health.selectors.score_ledger import LedgerEnd, LedgerPart, ScoreLedger
from health.selectors.scored_days import ScoredDay, SignalPoints

DEFAULT_DAYS = 90


class RecomputeResultSerializer(serializers.Serializer[dict[str, Any]]):
    """What a finished recompute did; `accounts_updated` counts the accounts scored, changed or not."""

    message = serializers.CharField()
    accounts_updated = serializers.IntegerField()
    computation_time_seconds = serializers.FloatField()
    accounts_changed = serializers.IntegerField()
    snapshots_created = serializers.IntegerField()


class RecomputeStartedSerializer(serializers.ModelSerializer[Job]):
    """A recompute under way: ask for its job."""

    job_id = serializers.UUIDField(source="uuid", read_only=True)
    message = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = ["message", "job_id", "status"]

    def get_message(self, job: Job) -> str:
        return "Health scores are being recomputed."


class HealthWindowSerializer(serializers.Serializer[dict[str, Any]]):
    """The days asked for: `from` and `to`, both included; without them the last 90 days."""

    to = serializers.DateField(required=False)
    scorecard = serializers.SlugField(required=False, help_text="The key of a scorecard; the primary one without it.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword, so the field cannot be declared as an attribute.
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from" in attrs and "to" in attrs and attrs["from"] > attrs["to"]:
            raise serializers.ValidationError({"from": ["must not be after `to`."]})
        return attrs

    @staticmethod
    def window(given: dict[str, Any], *, today: date) -> tuple[date, date]:
        until = given.get("to", today)
        return given.get("from", until - timedelta(days=DEFAULT_DAYS)), until


class SignalPointsSerializer(serializers.Serializer[SignalPoints]):
    signal = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    max_points = serializers.FloatField()


class ScoredDaySerializer(serializers.Serializer[ScoredDay]):
    date = serializers.DateField()
    score = serializers.FloatField()
    band = serializers.ChoiceField(choices=Band.choices)
    coverage = serializers.FloatField()
    guard = serializers.SerializerMethodField(help_text="What a guard did to the score, in words; null without one.")
    override = serializers.FloatField(allow_null=True)
    signals = SignalPointsSerializer(many=True)

    def get_guard(self, day: ScoredDay) -> str | None:
        return day.guard or None


class AccountHealthSerializer(serializers.Serializer[dict[str, Any]]):
    """`{data: [...]}`, not paged."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer's own `data` is taken, so the field cannot be declared as an attribute.
        return {"data": ScoredDaySerializer(many=True)}


class ExplainWindowSerializer(HealthWindowSerializer):
    """Two days, `from` and `to`: without them 90 days ago and today."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: field for name, field in super().get_fields().items() if name != "scorecard"}


class LedgerEndSerializer(serializers.Serializer[LedgerEnd]):
    """The score last known on a day; null where there was none yet."""

    date = serializers.DateField(source="day")
    score = serializers.FloatField(allow_null=True)
    guard = serializers.SerializerMethodField(help_text="What a guard did to the score, in words; null without one.")

    def get_guard(self, end: LedgerEnd) -> str | None:
        return end.guard or None


class LedgerPartSerializer(serializers.Serializer[LedgerPart]):
    """What moved the score, and by how much; `before` and `after` are a signal's values in words."""

    cause = serializers.ChoiceField(choices=[cause.value for cause in Cause])
    signal = serializers.SerializerMethodField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own `label` is given to the constructor
    change = serializers.FloatField()
    before = serializers.CharField()
    after = serializers.CharField()

    def get_signal(self, part: LedgerPart) -> str | None:
        return part.signal or None


class RiskPartSerializer(serializers.Serializer[RiskPart]):
    """One factor of the churn risk; null where nothing is known of it."""

    factor = serializers.CharField(source="key")
    points = serializers.FloatField(source="adds", allow_null=True)
    max_points = serializers.FloatField(source="most", allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class ChurnRiskSerializer(serializers.Serializer[ChurnExplanation]):
    """The churn risk that is shown today: the points of its parts add up to it."""

    risk = serializers.FloatField()
    since = serializers.DateField()
    parts = RiskPartSerializer(many=True)


class ExplanationSerializer(serializers.Serializer[ScoreLedger]):
    """`from`, `to`, their difference, and parts that add up to it; beside them the churn risk of today."""

    change = serializers.FloatField(allow_null=True)
    parts = LedgerPartSerializer(many=True)
    text = serializers.CharField()
    churn_risk = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword, so the field cannot be declared as an attribute.
        ends = {"from": LedgerEndSerializer(source="since"), "to": LedgerEndSerializer(source="until")}
        return {**ends, **super().get_fields()}

    @extend_schema_field(ChurnRiskSerializer(allow_null=True))
    def get_churn_risk(self, _: ScoreLedger) -> dict[str, Any] | None:
        risk = self.context.get("risk")
        return None if risk is None else dict(ChurnRiskSerializer(risk).data)
