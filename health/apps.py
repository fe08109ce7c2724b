"""The health app."""

from __future__ import annotations

from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = "Health"

    def ready(self) -> None:
        from health import receivers
        from health.columns import add_columns
        from health.imports.kinds import register_kinds

        receivers.connect()
        register_kinds()
        add_columns()
