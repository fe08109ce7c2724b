"""How gunicorn serves the site; `manage.py serve` and production use the same."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from typing import Any

worker_class = "gthread"
graceful_timeout = 10
timeout = 120
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """End when the supervisor is gone: its death must not leave a server on the port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    if parent != 1:
        threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def post_worker_init(worker: Any) -> None:
    """PERFORMANCE: what was loaded stays loaded. Looking through it with every collection took a fifth of the time of
    a page that reads tens of thousands of rows."""
    gc.collect()
    gc.freeze()
