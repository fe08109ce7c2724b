"""The request as our views see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from csplatform.models import ApiKey, Membership, Organization, User

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
PAGE_PREFIXES = ("/dashboard", "/auth/", "/admin", "/setup", "/static/", "/docs", "/api/docs")


class AuthenticatedRequest(HttpRequest):
    """A request whose caller is known; the middleware has entered the organisation."""

    user: User
    organization: Organization
    member: Membership
    api_key: ApiKey | None
    htmx: HtmxDetails


def is_api_path(path: str) -> bool:
    """Say whether a path answers JSON; everything that is not a page, login, admin or file does."""
    return not path.startswith(PAGE_PREFIXES)
