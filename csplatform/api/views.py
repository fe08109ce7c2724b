"""What every API view of an organisation starts from."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from csplatform.http import AuthenticatedRequest
from csplatform.models import Membership, Organization
from csplatform.permissions import Action


class OrganizationMixin:
    """Says whose rows the view works on, and what its methods ask of the permission table."""

    read_permission: Action = Action.READ
    write_permission: Action | None = None
    """What unsafe methods need; `Action.READ` marks those that change nothing. Unset, they are refused."""
    write_permissions: dict[str, Action] = {}
    """By method, where they differ."""

    @property
    def http_request(self) -> AuthenticatedRequest:
        """Django's request, with the organisation that the middleware has entered."""
        request: Request = getattr(self, "request")  # noqa: B009  (DRF sets it; declaring it clashes with View's)
        return cast(AuthenticatedRequest, request._request)

    @property
    def organization(self) -> Organization:
        return self.http_request.organization

    @property
    def member(self) -> Membership:
        return self.http_request.member


class TenantAPIView(OrganizationMixin, APIView):
    """A plain view over one selector or service."""


class TenantGenericView(OrganizationMixin, GenericAPIView[Any]):
    """A list or an object, with pagination and filters."""


class TenantViewSet(OrganizationMixin, GenericViewSet[Any]):
    """A noun with its verbs; add the mixins it needs."""
