"""Movements of MRR and retention over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.calculations import Cohort
from billing.enums import MovementKind
from billing.filters import MovementFilter
from billing.models import MrrMovement
from billing.querysets import MrrMovementQuerySet
from billing.selectors.mrr import MrrBridge
from billing.selectors.retention import MONTHS, Retention, retention
from csplatform import periods
from csplatform.api.query import read_query
from csplatform.api.resources import FORMAT, ORDERING, TenantListMixin
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.money import round2
from csplatform.periods import parse_as_of

MOST_MONTHS = 60


class MovementSerializer(serializers.ModelSerializer[MrrMovement]):
    """A signed row of the MRR ledger: what an account pays more, or less, from a day on."""

    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)

    class Meta:
        model = MrrMovement
        fields = ["date", "account_id", "account_name", "kind", "amount", "arr_amount", "cause", "created_at"]
        read_only_fields = fields


@extend_schema(parameters=[ORDERING, FORMAT])
class MovementListView(TenantListMixin, TenantGenericView):
    """The MRR ledger, newest first. Rows are only ever added: a correction is another row."""

    queryset = MrrMovement.objects.none()
    serializer_class = MovementSerializer
    filter_set = MovementFilter
    ordering_fields = {
        "date": "date",
        "amount": "amount",
        "kind": "kind",
        "account_name": "account__name_key",
    }
    default_ordering = ("-date", "-pk")
    csv_columns = MovementSerializer.Meta.fields
    csv_name = "mrr-movements"

    def get_queryset(self) -> MrrMovementQuerySet:
        movements: MrrMovementQuerySet = self.organization.mrr_movements.select_related("account")
        return movements

    def get(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.get_queryset())


class RetentionQuery(serializers.Serializer[Any]):
    as_of = serializers.DateField(required=False, help_text="Today unless given; not later.")
    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS, required=False, default=MONTHS)


class ComponentsSerializer(serializers.Serializer[Any]):
    """opening + new + reactivation + expansion − contraction − churn = closing."""

    opening_mrr = serializers.FloatField()
    new = serializers.FloatField()
    reactivation = serializers.FloatField()
    expansion = serializers.FloatField()
    contraction = serializers.FloatField()
    churn = serializers.FloatField()
    closing_mrr = serializers.FloatField()


class CohortSerializer(ComponentsSerializer):
    """Of the accounts that paid at the opening alone."""

    kept_mrr = serializers.FloatField(help_text="Each account at most at its opening MRR; `grr` is this ÷ opening.")


class RetentionSerializer(ComponentsSerializer):
    """Percentages in percent; losses as positive amounts; what is not under `cohort` is over all accounts."""

    as_of = serializers.DateField()
    opening_on = serializers.DateField(help_text="At whose close the window opens.")
    months = serializers.IntegerField()
    accounts = serializers.IntegerField(help_text="That paid at the opening.")
    retained_accounts = serializers.IntegerField()
    is_small_base = serializers.BooleanField(help_text="Fewer than ten accounts: pages print n/a.")
    nrr = serializers.FloatField(help_text="Of the cohort; 0 where nothing was paid at the opening.")
    grr = serializers.FloatField()
    nrr_bridge = serializers.FloatField()
    grr_bridge = serializers.FloatField()
    logo_retention = serializers.FloatField()
    logo_churn = serializers.FloatField()
    quick_ratio = serializers.FloatField(allow_null=True)
    cohort = CohortSerializer()
    difference = serializers.DictField(
        child=serializers.DictField(child=serializers.FloatField()),
        help_text="Why cohort and bridge differ, in rupees: the causes of `nrr` and `grr` add up to the difference.",
    )


class RetentionView(TenantAPIView):
    """Net and gross revenue retention of a window, as a cohort and as a bridge, with all they are made of."""

    @extend_schema(parameters=[RetentionQuery], responses=RetentionSerializer)
    def get(self, request: Request) -> Response:
        query = read_query(request, RetentionQuery)
        today = periods.today(self.organization)
        as_of = parse_as_of(query["as_of"].isoformat() if "as_of" in query else None, today=today)
        return Response(retention_body(retention(self.organization, as_of=as_of, months=query["months"])))


def retention_body(found: Retention) -> dict[str, Any]:
    """As the endpoint prints it."""
    return {
        "as_of": found.window.end,
        "opening_on": found.window.opening,
        "months": found.months,
        "accounts": found.cohort.accounts,
        "retained_accounts": found.cohort.retained,
        "is_small_base": found.is_small,
        "nrr": round2(found.nrr),
        "grr": round2(found.grr),
        "nrr_bridge": round2(found.nrr_bridge),
        "grr_bridge": round2(found.grr_bridge),
        "logo_retention": round2(found.logo_retention),
        "logo_churn": round2(found.logo_churn),
        "quick_ratio": None if found.quick_ratio is None else round2(found.quick_ratio),
        **_bridge(found.bridge),
        "cohort": _cohort(found.cohort, found.inside),
        "difference": {"nrr": found.nrr_difference, "grr": found.grr_difference},
    }


def _bridge(bridge: MrrBridge) -> dict[str, Decimal]:
    return {
        "opening_mrr": bridge.opening,
        "new": bridge.new,
        "reactivation": bridge.reactivation,
        "expansion": bridge.expansion,
        "contraction": -bridge.contraction,
        "churn": -bridge.churn,
        "closing_mrr": bridge.closing,
    }


def _cohort(cohort: Cohort, inside: dict[MovementKind, Decimal]) -> dict[str, Decimal]:
    return {
        "opening_mrr": cohort.opening_mrr,
        "new": inside[MovementKind.NEW],
        "reactivation": inside[MovementKind.REACTIVATION],
        "expansion": inside[MovementKind.EXPANSION],
        "contraction": -inside[MovementKind.CONTRACTION],
        "churn": -inside[MovementKind.CHURN],
        "closing_mrr": cohort.closing_mrr,
        "kept_mrr": cohort.kept_mrr,
    }
