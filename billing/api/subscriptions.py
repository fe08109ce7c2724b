"""Subscriptions over the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField
from billing.api.fields import ProductField
from billing.calculations import arr_of
from billing.enums import Interval, SubscriptionStatus
from billing.exceptions import InvalidSubscription
from billing.filters import SubscriptionFilter
from billing.models import Subscription, SubscriptionItem, SubscriptionPause
from billing.models.subscription import MOST_NOTICE_DAYS
from billing.querysets import SubscriptionQuerySet
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    delete_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
    update_subscription,
)
from csplatform import periods
from csplatform.api.fields import WholeSerializer
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


class SubscriptionItemSerializer(serializers.ModelSerializer[SubscriptionItem]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    product_id = serializers.UUIDField(source="product.uuid", read_only=True)
    product_name = serializers.CharField(source="product.name", read_only=True)
    net = serializers.DecimalField(
        source="as_item.net",
        max_digits=14,
        decimal_places=2,
        read_only=True,
        help_text="An interval, after discount.",
    )

    class Meta:
        model = SubscriptionItem
        fields = [
            "id",
            "product_id",
            "product_name",
            "quantity",
            "unit_price",
            "discount",
            "discount_pct",
            "net",
            "starts_on",
            "ends_on",
        ]
        read_only_fields = fields


class SubscriptionPauseSerializer(serializers.ModelSerializer[SubscriptionPause]):
    class Meta:
        model = SubscriptionPause
        fields = ["starts_on", "resumes_on"]
        read_only_fields = fields


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """A subscription as it stands today."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    status = serializers.SerializerMethodField()
    mrr = serializers.SerializerMethodField(help_text="In rupees; 0 unless it is active.")
    arr = serializers.SerializerMethodField(help_text="Twelve times `mrr`.")
    items = serializers.SerializerMethodField(help_text="What runs now, and what is to begin.")
    past_items = serializers.SerializerMethodField(help_text="What ran before.")
    pauses = SubscriptionPauseSerializer(many=True, read_only=True)

    class Meta:
        model = Subscription
        fields = [
            "id",
            "account_id",
            "account_name",
            "status",
            "mrr",
            "arr",
            "interval",
            "starts_on",
            "ends_on",
            "auto_renew",
            "notice_days",
            "currency",
            "exchange_rate",
            "items",
            "past_items",
            "pauses",
            "cancelled_on",
            "cancel_reason",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @property
    def today(self) -> date:
        day: date = self.context["today"]
        return day

    def get_status(self, subscription: Subscription) -> SubscriptionStatus:
        return subscription.terms().status_on(self.today)

    def get_mrr(self, subscription: Subscription) -> Decimal:
        return subscription.terms().mrr_on(self.today)

    def get_arr(self, subscription: Subscription) -> Decimal:
        return arr_of(subscription.terms().mrr_on(self.today))

    def get_items(self, subscription: Subscription) -> list[dict[str, Any]]:
        return self._items(subscription, ended=False)

    def get_past_items(self, subscription: Subscription) -> list[dict[str, Any]]:
        return self._items(subscription, ended=True)

    def _items(self, subscription: Subscription, *, ended: bool) -> list[dict[str, Any]]:
        rows = [
            item
            for item in subscription.items.all()
            if (item.ends_on is not None and item.ends_on < self.today) is ended
        ]
        return list(SubscriptionItemSerializer(rows, many=True, context=self.context).data)


class ItemWriteSerializer(WholeSerializer):
    product_id = ProductField(source="product")
    quantity = serializers.DecimalField(
        max_digits=14, decimal_places=4, min_value=Decimal("0.0001"), required=False, default=Decimal(1)
    )
    unit_price = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=Decimal(0))
    discount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), required=False, help_text="An amount an interval."
    )
    discount_pct = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        allow_null=True,
        help_text="Instead of an amount.",
    )


class ItemsField(serializers.ListField):
    """Items of a body, as what the services take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ItemWriteSerializer(), allow_empty=False, max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> list[ItemFacts]:
        return [ItemFacts(**each) for each in super().to_internal_value(data)]


class SubscriptionWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a subscription. Once it has begun, its interval, start and currency stay."""

    account_id = AccountField(source="account")
    items = ItemsField()
    interval = serializers.ChoiceField(Interval.choices, required=False)
    starts_on = serializers.DateField(required=False, help_text="Today unless given; may be past or ahead.")
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="The last day of the term.")
    auto_renew = serializers.BooleanField(required=False)
    notice_days = serializers.IntegerField(min_value=0, max_value=MOST_NOTICE_DAYS, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    exchange_rate = serializers.DecimalField(
        max_digits=14,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        required=False,
        allow_null=True,
        help_text="Rupees for one unit, fixed for good; needed unless the currency is INR.",
    )


class CancelSubscriptionSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="The first day without service; today unless given.")
    reason = serializers.CharField(max_length=255, required=False, allow_blank=True)


class ChangeSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="From this day on; today unless given.")
    items = ItemsField(help_text="Everything that is subscribed to from then on.")


class PauseSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="The first day without service; today unless given.")
    until = serializers.DateField(required=False, help_text="The first day with service again, if known.")


class ResumeSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="The first day with service again; today unless given.")


@extend_schema_view(
    create=extend_schema(request=SubscriptionWriteSerializer, responses={201: SubscriptionSerializer}),
    update=extend_schema(request=SubscriptionWriteSerializer, responses=SubscriptionSerializer),
)
class SubscriptionViewSet(ResourceViewSet):
    """What accounts subscribe to. Each write is booked in the MRR ledger on its day."""

    queryset = Subscription.objects.none()
    serializer_class = SubscriptionSerializer
    write_serializer_class = SubscriptionWriteSerializer
    write_permission = Action.WRITE_BILLING
    lookup_value_converter = "uuid"
    filter_set = SubscriptionFilter
    ordering_fields = {
        "starts_on": "starts_on",
        "ends_on": "ends_on",
        "account_name": "account__name_key",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = [
        name for name in SubscriptionSerializer.Meta.fields if name not in {"items", "past_items", "pauses"}
    ]
    csv_name = "subscriptions"

    def get_queryset(self) -> SubscriptionQuerySet:
        subscriptions: SubscriptionQuerySet = self.organization.subscriptions.for_list()
        return subscriptions

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if "organization" in context:
            context["today"] = periods.today(context["organization"])
        return context

    def perform_create(self, facts: dict[str, Any]) -> Subscription:
        facts.setdefault("starts_on", periods.today(self.organization))
        return start_subscription(by=self.member.user, **facts)

    def perform_update(self, row: Subscription, facts: dict[str, Any]) -> Subscription:
        account = facts.pop("account", row.account)
        if account.pk != row.account_id:
            raise InvalidSubscription("account_id", "A subscription stays with its account.")
        return update_subscription(subscription=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Subscription) -> None:
        delete_subscription(subscription=row, by=self.member.user)

    @extend_schema(request=CancelSubscriptionSerializer, responses=SubscriptionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uuid: str) -> Response:
        return self._do(request, CancelSubscriptionSerializer, cancel_subscription)

    @extend_schema(request=ChangeSerializer, responses=SubscriptionSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, uuid: str) -> Response:
        return self._do(request, ChangeSerializer, change_subscription)

    @extend_schema(request=PauseSerializer, responses=SubscriptionSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, uuid: str) -> Response:
        return self._do(request, PauseSerializer, pause_subscription)

    @extend_schema(request=ResumeSerializer, responses=SubscriptionSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, uuid: str) -> Response:
        return self._do(request, ResumeSerializer, resume_subscription)

    def _do(self, request: Request, serializer_class: Any, service: Any) -> Response:
        subscription = self.locked_object(request)
        body = serializer_class(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return self.shown(service(subscription=subscription, by=self.member.user, **body.validated_data))
