"""The platform's app."""

from __future__ import annotations

from django.apps import AppConfig


class CsplatformConfig(AppConfig):
    name = "csplatform"
    verbose_name = "Platform"

    def ready(self) -> None:
        from csplatform import checks, notifications, receivers, search  # noqa: F401  (registers checks and signal receivers)
        from csplatform.jobs import discover_handlers
        from csplatform.services import retention
        from csplatform.tenancy import install

        install()
        search.register_own()
        notifications.register_own()
        retention.register_own()
        discover_handlers()
