"""What happens around every request."""

from __future__ import annotations

from csplatform.middleware.api_key import KeyAuthenticationMiddleware
from csplatform.middleware.organization import OrganizationMiddleware
from csplatform.middleware.request_id import RequestIdMiddleware
from csplatform.middleware.session_age import SessionAgeMiddleware

__all__ = [
    "KeyAuthenticationMiddleware",
    "OrganizationMiddleware",
    "RequestIdMiddleware",
    "SessionAgeMiddleware",
]
