"""Renewals over the API."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.permissions import require_editable
from billing.enums import RenewalOutcome, RenewalStatus
from billing.filters import RenewalFilter
from billing.models import Renewal
from billing.querysets import RenewalQuerySet
from billing.selectors.renewals import ForecastModel, expected, forecast_model
from billing.services.renewal import update_renewal
from csplatform import periods
from csplatform.api.resources import ResourceViewSet
from csplatform.money import round2
from csplatform.permissions import Action, can


class RenewalSerializer(serializers.ModelSerializer[Renewal]):
    """The end of one term."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    subscription_id = serializers.UUIDField(source="subscription.uuid", read_only=True, allow_null=True, default=None)
    outcome = serializers.ChoiceField(RenewalOutcome.choices, read_only=True)
    notice_by = serializers.DateField(read_only=True)
    expected_pct = serializers.SerializerMethodField(
        help_text="The chance that is counted with: the call of the one who looks after it, else the forecast."
    )

    class Meta:
        model = Renewal
        fields = [
            "id",
            "account_id",
            "account_name",
            "subscription_id",
            "starts_on",
            "due_on",
            "notice_by",
            "auto_renew",
            "target_mrr",
            "status",
            "outcome",
            "probability",
            "expected_pct",
            "outcome_reason",
            "renewed_mrr",
            "decided_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_expected_pct(self, renewal: Renewal) -> Decimal:
        return round2(expected(renewal, self.context["model"](), today=self.context["today"]) * 100)


class RenewalWriteSerializer(serializers.Serializer[Any]):
    """What may be said of a renewal; its term is the subscription's or the contract's, and changed there."""

    status = serializers.ChoiceField(RenewalStatus.choices, required=False)
    probability = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        allow_null=True,
        help_text="In percent.",
    )
    outcome_reason = serializers.CharField(max_length=255, required=False, allow_blank=True)
    target_mrr = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=Decimal(0), required=False)
    due_on = serializers.DateField(required=False)

    def validate_due_on(self, due_on: Any) -> Any:
        renewal: Renewal | None = self.instance
        if renewal is not None and due_on != renewal.due_on:
            where = "subscription" if renewal.subscription_id else "account's contract"
            raise serializers.ValidationError(f"It is the end of the {where}; change that.")
        return due_on

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("due_on", None)
        return attrs


@extend_schema_view(update=extend_schema(request=RenewalWriteSerializer, responses=RenewalSerializer))
class RenewalViewSet(ResourceViewSet):
    """Terms of subscriptions and contracts. `renewed` lets one run for another term, which gets a row of its own;
    `closed` is closed without renewal."""

    queryset = Renewal.objects.none()
    serializer_class = RenewalSerializer
    write_serializer_class = RenewalWriteSerializer
    write_permission = Action.WORK_RENEWALS
    lookup_value_converter = "uuid"
    filter_set = RenewalFilter
    ordering_fields = {
        "due_on": "due_on",
        "target_mrr": "target_mrr",
        "status": "status",
        "account_name": "account__name_key",
        "updated_at": "updated_at",
    }
    csv_columns = RenewalSerializer.Meta.fields
    csv_name = "renewals"

    def get_queryset(self) -> RenewalQuerySet:
        renewals: RenewalQuerySet = self.organization.renewals.for_list()
        return renewals

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if "organization" in context:
            context |= {"today": periods.today(context["organization"]), "model": lambda: self._model}
        return context

    @cached_property
    def _model(self) -> ForecastModel:
        return forecast_model(self.organization)

    def perform_update(self, row: Renewal, facts: dict[str, Any]) -> Renewal:
        if not can(self.member, Action.WRITE_BILLING):
            require_editable(self.member, row.account)
        return update_renewal(renewal=row, by=self.member.user, **facts)
