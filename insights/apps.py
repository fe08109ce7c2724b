"""The insights room."""

from __future__ import annotations

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Reads every other room; no other room knows of it."""

    name = "insights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from insights.renewal_list import register_lists

        register_lists()
