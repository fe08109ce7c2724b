"""What every API view of an organisation starts from."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from csplatform.models import Membership, Organization
from csplatform.permissions import Action


class OrganizationMixin:
    """Says whose rows the view works on, and what its methods ask of the permission table."""

    request: Request
    read_permission: Action = Action.READ
    write_permission: Action | None = None
    """What unsafe methods need; `Action.READ` marks those that change nothing. Unset, they are refused."""
    write_permissions: dict[str, Action] = {}
    """By method, where they differ."""

    @property
    def organization(self) -> Organization:
        return cast(Organization, self.request._request.organization)  # type: ignore[attr-defined]

    @property
    def member(self) -> Membership:
        return cast(Membership, self.request._request.member)  # type: ignore[attr-defined]


class TenantAPIView(OrganizationMixin, APIView):
    """A plain view over one selector or service."""


class TenantGenericView(OrganizationMixin, GenericAPIView[Any]):
    """A list or an object, with pagination and filters."""


class TenantViewSet(OrganizationMixin, GenericViewSet[Any]):
    """A noun with its verbs; add the mixins it needs."""
