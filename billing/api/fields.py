"""Fields of billing's request bodies that name rows of the caller's organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Product


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
