"""The one place where a request enters its organisation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils import timezone

from csplatform.api.errors import error_response
from csplatform.http import SAFE_METHODS, is_api_path
from csplatform.idempotency import HEADER, Replay
from csplatform.models import Membership
from csplatform.tenancy import every_organization, organization_scope
from csplatform.views.errors import unavailable

log = structlog.get_logger(__name__)

SESSION_KEY = "organization_id"
LOGIN_PREFIX = "/auth/"
"""The login's pages belong to no organisation, and what they count against guessing must outlive their refusal."""


class OrganizationMiddleware:
    """Find the member behind a session or key, read the body, and wrap the view in its scope.

    The scope is here and not in the view because lazy template answers, all of the admin among them, render after
    the view. The body is read first: a slow upload must not hold a transaction. An unsafe request that ends in an
    error leaves nothing written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = current_member(request)
        request.member = member  # type: ignore[attr-defined]  # our own attributes, see AuthenticatedRequest
        request.organization = member.organization if member else None  # type: ignore[attr-defined]
        _choose_zone(request, member)
        refusal = _read_body(request)
        if refusal is not None:
            return refusal
        writes = request.method not in SAFE_METHODS
        try:
            if request.path_info.startswith("/admin/") and request.user.is_superuser:
                scope: AbstractContextManager[None] = every_organization(
                    write=writes, why="a superuser in the admin", touch=True
                )
            elif member is None or request.path_info.startswith(LOGIN_PREFIX) or _has_own_transactions(request):
                return self.get_response(request)
            elif writes and request.headers.get(HEADER) and is_api_path(request.path_info):
                return Replay(request, member).answer(self.get_response)
            else:
                scope = organization_scope(member.organization, write=writes)
            with scope:
                response = self.get_response(request)
                if writes and response.status_code >= 400:
                    transaction.set_rollback(True)
            return response
        except OperationalError:
            log.exception("database unavailable")
            return unavailable(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that is away or too busy is no fault of the view: say so, and when to come back."""
        if isinstance(exception, OperationalError):
            log.exception("database unavailable")
            return unavailable(request)
        return None


def current_member(request: HttpRequest) -> Membership | None:
    """Return the membership the caller acts in: the key's, else the one chosen in the session, else their first."""
    key = getattr(request, "api_key", None)
    if key is not None:
        membership: Membership = key.membership
        return membership
    if not request.user.is_authenticated:
        return None
    memberships = list(
        Membership.objects.active().filter(user=request.user).select_related("organization", "user").order_by("pk")
    )
    request.memberships = memberships  # type: ignore[attr-defined]  # for the menu, which offers the others
    chosen = request.session.get(SESSION_KEY)
    return next(
        (each for each in memberships if each.organization_id == chosen),
        memberships[0] if memberships else None,
    )


def _choose_zone(request: HttpRequest, member: Membership | None) -> None:
    """Pages print times in the person's zone, or their organisation's; the API in UTC, whatever the thread holds."""
    if member is None or is_api_path(request.path_info):
        timezone.deactivate()
    else:
        timezone.activate(member.user.timezone or member.organization.timezone)


def _has_own_transactions(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Resolver404:
        return False
    owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return getattr(view, "own_transactions", False) or getattr(owner, "own_transactions", False)


def _read_body(request: HttpRequest) -> HttpResponse | None:
    if request.method in SAFE_METHODS:
        return None
    limit = settings.MAX_UPLOAD_BYTES
    try:
        declared = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        declared = 0
    if declared > limit + 1024 * 1024:
        return error_response(413, f"The request is larger than the limit of {limit // 1024 // 1024} MB.")
    try:
        if request.content_type == "multipart/form-data":
            request.POST  # noqa: B018  (reads and spools the upload)
        else:
            request.body  # noqa: B018
    except RequestDataTooBig:
        allowed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        return error_response(
            413, f"The body is larger than the limit of {allowed} MB; send files as multipart/form-data."
        )
    except UnreadablePostError:
        return error_response(400, "The connection ended before the whole request had arrived.")
    return None
