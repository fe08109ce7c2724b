"""Fields that several resources share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "nullable": True})
class NullableTextField(serializers.CharField):
    """Text that may be unknown: empty in the database, null in JSON; takes both. May be left out of a body."""

    default_error_messages = {"choice": "takes {choices}, or null."}

    def __init__(self, *, choices: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**({"required": False, "allow_blank": True, "allow_null": True} | kwargs))
        self.allowed = choices  # not "choices": DRF reads those of a field as a mapping, to describe it

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if value and self.allowed and value not in self.allowed:
            self.fail("choice", choices=", ".join(self.allowed))
        return "" if value is None else value

    def to_representation(self, value: Any) -> Any:
        return str(value) if value else None


class WholeSerializer(serializers.Serializer[Any]):
    """A part of a body that comes whole: what it requires, it requires in an update of some fields too.

    A part inside a partial update would otherwise inherit that anything may be left out."""

    def to_internal_value(self, data: Any) -> Any:
        if self.parent is None:
            return super().to_internal_value(data)
        alone = type(self)(data=data, context=self.context)
        alone.is_valid(raise_exception=True)
        return alone.validated_data


@extend_schema_field({"type": "number", "nullable": True})
class MoneyField(serializers.DecimalField):
    """An amount with two decimals: exact inside, a JSON number outside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_digits": 12, "decimal_places": 2, "required": False, "allow_null": True} | kwargs))

    def to_representation(self, value: Any) -> Any:
        if value is None:
            return None
        amount = Decimal(value)
        return int(amount) if amount == amount.to_integral_value() else float(amount)
