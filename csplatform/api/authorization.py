"""Whether the caller's role and key allow the method; the answer comes from the one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from csplatform.http import SAFE_METHODS
from csplatform.models import ApiKey
from csplatform.permissions import Action, can

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MemberMay(BasePermission):
    """Ask the table for `view.read_permission` or `view.write_permission`.

    A view whose unsafe methods only read (`write_permission = Action.READ`) is open to read-only keys."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = getattr(request._request, "member", None)
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated
        if member is None:
            raise PermissionDenied("You are not a member of any organisation.")
        method = request.method or "GET"
        if not hasattr(view, method.lower()):
            return True  # the view answers 405 by itself
        action = required_action(view, method)
        if action is None:
            raise PermissionDenied
        if isinstance(request.auth, ApiKey) and not request.auth.may_write and _changes(request, action):
            raise PermissionDenied("This API key is read-only.")
        if not can(member, action):
            raise PermissionDenied(f"Your role ({member.get_role_display()}) may not {action}.")
        return True


def required_action(view: object, method: str) -> Action | None:
    """Return what the table is asked for a method of a view; None where the view has not said."""
    if method in SAFE_METHODS:
        return getattr(view, "read_permission", Action.READ)
    by_method: dict[str, Action] = getattr(view, "write_permissions", {})
    return by_method.get(method) or getattr(view, "write_permission", None)


def _changes(request: Request, action: Action) -> bool:
    return request.method not in SAFE_METHODS and action is not Action.READ
