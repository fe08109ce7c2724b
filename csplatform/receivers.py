"""What the platform does when Django tells it something."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from csplatform.middleware.session_age import SEEN, STARTED


@receiver(user_logged_in, dispatch_uid="csplatform.receivers.start_session_clock")
def start_session_clock(request: HttpRequest | None = None, **_: Any) -> None:
    """Count a session's age from the login."""
    if request is not None and hasattr(request, "session"):
        request.session[STARTED] = request.session[SEEN] = int(time.time())
