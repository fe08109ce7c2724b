"""Fields of request bodies that name rows of the caller's organisation; a stranger's id is like an unknown one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Account
from csplatform.models import Organization, User


class _OfOrganization(serializers.Field[Any, Any, Any, Any]):
    """Takes an id, gives the row; needs `organization` in the serializer's context."""

    @property
    def organization(self) -> Organization:
        organization: Organization = self.context["organization"]
        return organization


@extend_schema_field({"type": "string", "description": "The account's uuid or number."})
class AccountField(_OfOrganization):
    """An account in use, by uuid or number."""

    default_error_messages = {
        "unknown": "There is no such account.",
        "archived": "This account is archived. Restore it first.",
    }

    def to_internal_value(self, data: Any) -> Account:
        account = self.organization.accounts.with_key(data).first() if isinstance(data, str | int) else None
        if account is None:
            self.fail("unknown")
        if account.is_archived:
            self.fail("archived")
        return account

    def to_representation(self, value: Account) -> str:
        return str(value.uuid)


@extend_schema_field({"type": "string", "format": "uuid", "description": "A member's user id."})
class MemberField(_OfOrganization):
    """A user who is an active member."""

    default_error_messages = {"unknown": "There is no such active member."}

    def to_internal_value(self, data: Any) -> User:
        try:
            members = self.organization.memberships.active().filter(user__uuid=UUID(str(data)))
        except ValueError:
            self.fail("unknown")
        member = members.select_related("user").first()
        if member is None:
            self.fail("unknown")
        return member.user

    def to_representation(self, value: User) -> str:
        return str(value.uuid)


class NumberField(serializers.DecimalField):
    """A decimal that is a JSON number both ways, never text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> Any:
        return None if value is None else float(value)
