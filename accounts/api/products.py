"""The catalogue, and what accounts have of it, over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import NumberField
from accounts.enums import BillingLabel
from accounts.models import Account, Product
from accounts.permissions import require_editable
from accounts.querysets import ProductQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.usage import held_products
from accounts.services.product import create_product, delete_product, record_product, update_product
from csplatform.api.resources import ResourceViewSet
from csplatform.api.views import TenantAPIView
from csplatform.periods import today
from csplatform.permissions import Action


@extend_schema_field({"type": "string", "format": "uuid", "description": "A product's id."})
class ProductField(serializers.Field[Any, Any, Any, Any]):
    """A product of the organisation, by id; needs `organization` in the serializer's context."""

    default_error_messages = {"unknown": "There is no such product."}

    def to_internal_value(self, data: Any) -> Product:
        key = serializers.UUIDField().run_validation(data)
        found: Product | None = self.context["organization"].products.filter(uuid=key).first()
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Product) -> str:
        return str(value.uuid)


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product of the catalogue."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    parent_id = serializers.UUIDField(source="parent.uuid", read_only=True, allow_null=True, default=None)
    rate = NumberField(max_digits=5, read_only=True)

    class Meta:
        model = Product
        fields = [
            "id",
            "name",
            "billing_label",
            "icon",
            "parent_id",
            "sac",
            "rate",
            "position",
            "is_active",
            "is_builtin",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ProductWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a product."""

    name = serializers.CharField(max_length=100)
    billing_label = serializers.ChoiceField(BillingLabel.choices, required=False)
    icon = serializers.CharField(max_length=16, required=False, allow_blank=True)
    parent_id = ProductField(source="parent", required=False, allow_null=True)
    sac = serializers.RegexField(r"^[0-9]{4,8}\Z", required=False)
    rate = NumberField(max_digits=5, min_value=0, max_value=100, required=False)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    is_active = serializers.BooleanField(required=False)


@extend_schema_view(
    create=extend_schema(request=ProductWriteSerializer, responses={201: ProductSerializer}),
    update=extend_schema(request=ProductWriteSerializer, responses=ProductSerializer),
)
class ProductViewSet(ResourceViewSet):
    """The catalogue, in its order. One that accounts have is not deleted (409)."""

    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    write_serializer_class = ProductWriteSerializer
    write_permission = Action.EDIT_ACCOUNTS
    lookup_value_converter = "uuid"
    ordering_fields = {"name": "name", "position": "position", "updated_at": "updated_at"}
    csv_columns = ProductSerializer.Meta.fields
    csv_name = "products"

    def get_queryset(self) -> ProductQuerySet:
        products: ProductQuerySet = self.organization.products.select_related("parent")
        return products

    def perform_create(self, facts: dict[str, Any]) -> Product:
        return create_product(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Product, facts: dict[str, Any]) -> Product:
        return update_product(product=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Product) -> None:
        delete_product(product=row, by=self.member.user)


class AccountProductSerializer(serializers.Serializer[Any]):
    """A product that the account has, with what was last measured of it."""

    product_id = serializers.UUIDField(source="product.uuid")
    name = serializers.CharField(source="product.name")
    seats = serializers.IntegerField(allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    active_users = serializers.IntegerField(allow_null=True)
    used_on = serializers.DateField(allow_null=True)
    usage = serializers.DictField(child=serializers.FloatField())
    plan = serializers.DictField(child=serializers.FloatField())
    adoption_pct = serializers.FloatField(allow_null=True, help_text="Active users of seats, in percent.")


class AccountProductWriteSerializer(serializers.Serializer[Any]):
    """One product of the account. Measures are of `used_on`, today unless given."""

    product_id = ProductField(source="product")
    seats = serializers.IntegerField(min_value=0, max_value=2_147_483_647, required=False, allow_null=True)
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False, allow_null=True)
    active_users = serializers.IntegerField(min_value=0, max_value=2_147_483_647, required=False, allow_null=True)
    used_on = serializers.DateField(required=False)
    usage = serializers.DictField(required=False, help_text='Quantities by unit, such as `{"vms": 49}`.')
    plan = serializers.DictField(required=False, help_text="What was paid for, by the same units.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("usage", "plan"):
            if name in attrs:
                attrs[name] = {unit: _plain(quantity) for unit, quantity in attrs[name].items()}
        return attrs


AccountProducts = inline_serializer(
    "AccountProducts",
    {
        "data": AccountProductSerializer(many=True),
        "total": serializers.IntegerField(),
        "page": serializers.IntegerField(),
        "limit": serializers.IntegerField(),
        "hasMore": serializers.BooleanField(),
    },
)


class AccountProductsView(TenantAPIView):
    """What an account has, and what it uses of it. Writing the same twice changes nothing."""

    write_permission = Action.EDIT_OWN_ACCOUNTS

    @extend_schema(responses=AccountProducts)
    def get(self, request: Request, key: str) -> Response:
        return self._list(self._account(key))

    @extend_schema(request=AccountProductWriteSerializer, responses=AccountProducts)
    def post(self, request: Request, key: str) -> Response:
        return self._write(request, key)

    @extend_schema(request=AccountProductWriteSerializer, responses=AccountProducts)
    def put(self, request: Request, key: str) -> Response:
        return self._write(request, key)

    def _write(self, request: Request, key: str) -> Response:
        account = self._account(key)
        require_editable(self.member, account)
        body = AccountProductWriteSerializer(data=request.data, context={"organization": self.organization})
        body.is_valid(raise_exception=True)
        record_product(account=account, by=self.member.user, **body.validated_data)
        return self._list(account)

    def _list(self, account: Account) -> Response:
        held = held_products(account, on=today(self.organization))
        rows = AccountProductSerializer(held, many=True).data
        return Response({"data": rows, "total": len(rows), "page": 1, "limit": max(len(rows), 1), "hasMore": False})

    def _account(self, key: str) -> Account:
        return account_by_key(self.organization.accounts.unarchived(), key)


def _plain(quantity: Any) -> Any:
    """JSON keeps numbers, not decimals."""
    if isinstance(quantity, Decimal):
        return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)
    return quantity
