"""The playbooks room."""

from __future__ import annotations

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """Copies the built-in library into each new organisation, and offers its list and its bulk action."""

    name = "playbooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.services.undo_import import register_derived
        from csplatform.lists import register_list
        from csplatform.notifications import NotificationKind, register_notification
        from playbooks import receivers
        from playbooks.run_list import RUN_LIST
        from playbooks.services.automation import AUTOMATION_NEWS
        from playbooks.services.bulk_actions import register_starts

        receivers.connect()
        register_list(RUN_LIST)
        register_starts()
        register_derived("playbooks.AutomationHit")
        register_notification(
            NotificationKind(name=AUTOMATION_NEWS, label="A rule has news of an account", icon="bolt")
        )
