"""The health app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models import Q

from health.alert_kinds import ALERT_NEWS, CLEARED, RAISED, AlertStatus


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = "Health"

    def ready(self) -> None:
        from accounts import advocacy_scores
        from accounts.head_facts import register_score_change
        from accounts.score_records import offer_reader
        from accounts.services.undo_import import register_derived
        from csplatform.notifications import NotificationKind, register_notification
        from csplatform.webhooks import WebhookEvent, register_webhook_event
        from health import receivers
        from health.columns import add_columns
        from health.data_gaps import register_own as register_data_gaps
        from health.imports.kinds import register_kinds
        from health.selectors.advocacy import advocacy_scores as score_advocates
        from health.selectors.goal_values import register_readers
        from health.selectors.shown_score import score_shown_at, score_shown_on
        from health.selectors.trends import recent_change

        receivers.connect()
        register_derived("health.HealthSnapshot")
        looked_at = ~Q(acknowledged_by=None) | ~Q(resolved_by=None) | Q(status=AlertStatus.SNOOZED)
        register_derived("health.Alert", somebodys=looked_at)
        register_notification(
            NotificationKind(name=ALERT_NEWS, label="Accounts of yours need a look (by mail once a day)", icon="bell")
        )
        for name, label in ((RAISED, "Alerts raised"), (CLEARED, "Alerts whose cause went away")):
            register_webhook_event(WebhookEvent(name=name, label=label, group="Alerts"))
        offer_reader(score_shown_on, of_rows=score_shown_at)
        register_score_change(recent_change)
        advocacy_scores.offer_reader(score_advocates)
        register_readers()
        register_data_gaps()
        register_kinds()
        add_columns()
