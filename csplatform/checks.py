"""Django system checks of our own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def check_hosts_are_named(**_: Any) -> list[CheckMessage]:
    """Serving without named hosts would refuse every request; say so at start."""
    if settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS is empty.",
            hint="Set it to the names this site is reached by.",
            id="csplatform.E001",
        )
    ]
