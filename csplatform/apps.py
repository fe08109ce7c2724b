"""The platform's app."""

from __future__ import annotations

from django.apps import AppConfig


class CsplatformConfig(AppConfig):
    name = "csplatform"
    verbose_name = "Platform"

    def ready(self) -> None:
        from csplatform import checks, notifications, receivers, search  # noqa: F401  (registers checks and signal receivers)
        from csplatform.jobs import discover_handlers
        from csplatform.jobs.registry import ENDINGS
        from csplatform.services import job_news, retention
        from csplatform.services.webhook_delivery import drop_old_deliveries
        from csplatform.tenancy import install

        install()
        search.register_own()
        notifications.register_own()
        retention.register_own()
        retention.register_retention("webhook_deliveries", drop_old_deliveries)
        job_news.register_own_news()
        if job_news.tell_ending not in ENDINGS:
            ENDINGS.append(job_news.tell_ending)
        discover_handlers()
