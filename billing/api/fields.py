"""Fields of billing's request bodies that name rows of the caller's organisation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Product
from csplatform.api.fields import MoneyField


@extend_schema_field({"type": "string", "format": "uuid", "description": "A product's id."})
class ProductField(serializers.Field[Any, Any, Any, Any]):
    """A product of the organisation; needs `organization` in the serializer's context."""

    default_error_messages = {"unknown": "There is no such product."}

    def to_internal_value(self, data: Any) -> Product:
        try:
            product = self.context["organization"].products.filter(uuid=UUID(str(data))).first()
        except ValueError:
            product = None
        if product is None:
            self.fail("unknown")
        found: Product = product
        return found

    def to_representation(self, value: Product) -> str:
        return str(value.uuid)


class _RowField(serializers.Field[Any, Any, Any, Any]):
    """A row of the organisation by its id; needs `organization` in the serializer's context."""

    related_name = ""

    def to_internal_value(self, data: Any) -> Any:
        try:
            row = getattr(self.context["organization"], self.related_name).filter(uuid=UUID(str(data))).first()
        except ValueError:
            row = None
        if row is None:
            self.fail("unknown")
        return row

    def to_representation(self, value: Any) -> str:
        return str(value.uuid)


@extend_schema_field({"type": "string", "format": "uuid", "description": "An invoice's id."})
class InvoiceField(_RowField):
    related_name = "invoices"
    default_error_messages = {"unknown": "There is no such invoice."}


@extend_schema_field({"type": "string", "format": "uuid", "description": "A payment's id."})
class PaymentField(_RowField):
    related_name = "payments"
    default_error_messages = {"unknown": "There is no such payment."}


@extend_schema_field({"type": "number", "nullable": True})
class AmountField(MoneyField):
    """Money of documents: up to fourteen digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_digits": 14} | kwargs))


def positive(**kwargs: Any) -> AmountField:
    """An amount in a body that has to be given and is above 0."""
    return AmountField(**({"required": True, "allow_null": False, "min_value": Decimal("0.01")} | kwargs))


def not_negative(**kwargs: Any) -> AmountField:
    """An amount in a body that may be left out."""
    return AmountField(**({"required": False, "allow_null": False, "min_value": Decimal(0)} | kwargs))
