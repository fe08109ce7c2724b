"""Locking out whoever guesses passwords: counted in the database, so it holds across processes and restarts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.http import HttpRequest


class LockoutHandler(AxesDatabaseHandler):
    """Counts by name and by address; a right password forgives the attempts on its own name alone.

    SECURITY: the library forgives the whole address. Somebody with a login of their own could then guess a
    colleague's password for ever, four tries at a time with their own login in between.
    """

    def reset_user_attempts(self, request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> int:
        deleted, _ = AccessAttempt.objects.filter(username=get_client_username(request, credentials)).delete()
        return int(deleted)


def lockout_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The name that wrong passwords are counted under, whichever form asked for it.

    SECURITY: our login says `email`, Django's own authentication `username`, a raw post `login`. Counting
    under the wrong key would count everybody under nobody.
    """
    source: Mapping[str, Any] = credentials if credentials else request.POST
    for key in ("email", "username", "login"):
        value = source.get(key)
        if value:
            return str(value).strip().lower()
    return None
