"""For probes: is the process alive, is it ready to serve."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from csplatform.tenancy import wall_problems


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing of the database or broker."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each thing that serving needs. Without the broker the answer is `degraded` (200): jobs wait, pages work."""
    parts = {"database": _database(), "broker": _broker()}
    if parts["database"] != "ok":
        return JsonResponse({"status": "unavailable", **parts}, status=503)
    return JsonResponse({"status": "ok" if parts["broker"] in {"ok", "embedded"} else "degraded", **parts})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok" if not wall_problems() else "row-level security is not in force"
    except DatabaseError:
        return "away"


def _broker() -> str:
    if not settings.REDIS_URL:
        return "embedded"
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5) as client:
            client.ping()
        return "ok"
    except RedisError:
        return "away"
