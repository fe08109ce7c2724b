"""ETags for dashboards: equal tag, equal body."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.models import Organization

P = ParamSpec("P")


def conditional(
    method: Callable[Concatenate[Any, Request, P], Response],
) -> Callable[Concatenate[Any, Request, P], Response]:
    """Answer 304 to a GET whose data has not changed since the tag the client holds.

    The tag covers the release, the organisation's data version (read before the data), the member and role, the
    path, the query, the local date and the minute, since bodies hold relative times."""

    @wraps(method)
    def answer(view: Any, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        tag = f'W/"{_fingerprint(view, request)}"'
        if tag in [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]:
            response = Response(status=304)
        else:
            response = method(view, request, *args, **kwargs)
        if response.status_code in {200, 304}:
            response["ETag"] = tag
            response["Cache-Control"] = "private, no-cache"
            response["Vary"] = "Cookie, Authorization, Accept"
        return response

    return answer


def _fingerprint(view: Any, request: Request) -> str:
    organization = view.organization
    version = Organization.objects.values_list("data_version", flat=True).get(pk=organization.pk)
    now = timezone.now()
    today: date = now.astimezone(organization.zone).date()
    past = request.query_params.get("as_of", "") not in {"", today.isoformat()}
    parts = (
        settings.VERSION,
        version,
        view.member.pk,
        view.member.role,
        request.path,
        sorted(request.query_params.lists()),
        today.isoformat(),
        "" if past else now.strftime("%H:%M"),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
