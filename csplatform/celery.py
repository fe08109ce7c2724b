"""The Celery application: Redis where there is one, an in-process transport where there is not."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")

redis_url = os.environ.get("REDIS_URL", "")
app = Celery("csplatform")
app.conf.update(
    broker_url=redis_url or "memory://localhost",
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=bool(redis_url),
    task_default_queue="csplatform",
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        # A frozen broker may cost a page half a second, never its patience.
        {
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
            "unacked_restore_interval": 5,
            "visibility_timeout": 3600,
        }
        if redis_url
        else {}
    ),
    task_publish_retry=False,
    imports=["csplatform.tasks"],
)


@app.on_after_finalize.connect
def add_pump(sender: Celery, **_: object) -> None:
    """Give every worker its pump, once Django's apps are there."""
    import django

    django.setup()
    from csplatform.jobs.pump import JobPump

    app.steps["worker"].add(JobPump)
