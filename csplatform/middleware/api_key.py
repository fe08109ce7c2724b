"""Callers with an API key, as a bearer token or as the user name of HTTP Basic."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from csplatform.api.errors import error_response
from csplatform.http import is_api_path
from csplatform.keys import keyed_hash
from csplatform.models import ApiKey

WRONG_KEYS_PER_MINUTE = 30


class KeyAuthenticationMiddleware:
    """Set `request.api_key` and the user it acts as. A wrong key is 401 at once, too many of them 429."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.api_key = None  # type: ignore[attr-defined]  # our own attribute, see AuthenticatedRequest
        secret = _presented_key(request)
        if secret is not None and is_api_path(request.path_info):
            refusal = self._authenticate(request, secret)
            if refusal is not None:
                return refusal
        return self.get_response(request)

    def _authenticate(self, request: HttpRequest, secret: str) -> HttpResponse | None:
        guesses = f"wrong-keys:{request.META.get('REMOTE_ADDR', '')}"
        if cache.get(guesses, 0) >= WRONG_KEYS_PER_MINUTE:
            return error_response(429, "Too many wrong API keys from this address; wait a minute.", retry_after=60)
        key = (
            ApiKey.objects.usable()
            .select_related("membership__user", "membership__organization")
            .filter(hash=keyed_hash(secret))
            .first()
        )
        if key is None:
            cache.add(guesses, 0, timeout=60)
            _count(guesses, timeout=60)
            return error_response(401, "This API key is not valid. Make one under Settings, API keys.")
        requests = _count(f"key-rate:{key.pk}:{int(timezone.now().timestamp() // 60)}", timeout=120)
        if requests > settings.API_REQUESTS_PER_MINUTE:
            limit = f"{settings.API_REQUESTS_PER_MINUTE:,}"
            return error_response(429, f"This key has made its {limit} requests of this minute.", retry_after=60)
        _touch(key)
        request.user = key.membership.user
        request.api_key = key  # type: ignore[attr-defined]
        return None


def _presented_key(request: HttpRequest) -> str | None:
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            return "not base64"
    return None


def _count(name: str, *, timeout: int) -> int:
    cache.add(name, 0, timeout=timeout)
    try:
        return int(cache.incr(name))
    except ValueError:  # it ran out between the two calls
        return 1


def _touch(key: ApiKey) -> None:
    """Remember that the key was used, at most once a minute, outside any organisation's scope."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
