"""What every page of an organisation starts from: who may read it, who may write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from csplatform.exceptions import DomainError
from csplatform.http import SAFE_METHODS
from csplatform.permissions import Action, can


class OrganizationView:
    """Mixin, first in the bases: asks the permission table before the view runs.

    A view that has unsafe methods says `write_permission`; without it they are refused, and a sweep test fails."""

    request: Any
    """An AuthenticatedRequest; View and its mixins declare a plain one, which a second base may not narrow."""
    read_permission: Action = Action.READ
    write_permission: Action | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refusal = _refusal(request, self.read_permission, self.write_permission)
        if refusal is not None:
            return refusal
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a View's
        return response


def page(
    *, read: Action = Action.READ, write: Action | None = None
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The same for function views: `@page(write=Action.RUN_IMPORTS)`."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refusal = _refusal(request, read, write)
            return refusal if refusal is not None else view(request, *args, **kwargs)

        checked.read_permission, checked.write_permission = read, write  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def _refusal(request: HttpRequest, read: Action, write: Action | None) -> HttpResponse | None:
    member = getattr(request, "member", None)
    if member is None:
        return render(request, "csplatform/no_organization.html", status=403)
    action = read if request.method in SAFE_METHODS else write
    if action is None or not can(member, action):
        raise PermissionDenied(f"Your role ({member.get_role_display()}) may not {action or 'change this'}.")
    return None


def explain(error: DomainError) -> str:
    """The sentence of a refusal, with the fields' own where there are any."""
    details = [sentence for sentences in (error.errors or {}).values() for sentence in sentences]
    return " ".join([error.message, *details]) if details else error.message
