"""Who is calling the API: a key (found by the middleware) or a session with a CSRF token."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from csplatform.models import ApiKey, User


class KeyFromMiddleware(BaseAuthentication):
    """Accept the key that `KeyAuthenticationMiddleware` has checked. Needs no CSRF token: a browser never sends it
    by itself."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        key: ApiKey | None = getattr(request._request, "api_key", None)
        return (key.membership.user, key) if key is not None else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionWithToken(SessionAuthentication):
    """A signed-in browser; unsafe methods need the CSRF token."""


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = KeyFromMiddleware
    name = ["bearer", "basic"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "An API key made under Settings, API keys."},
            {
                "type": "http",
                "scheme": "basic",
                "description": "The API key as user name; the password is ignored.",
            },
        ]


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionWithToken
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
