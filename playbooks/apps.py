"""The playbooks room."""

from __future__ import annotations

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """Copies the built-in library into each new organisation."""

    name = "playbooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from playbooks import receivers

        receivers.connect()
