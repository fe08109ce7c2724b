"""The accounts room."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401 -- connects them
        from accounts.data_gaps import register_own as register_data_gaps
        from accounts.enums import ActivityKind
        from accounts.imports.kinds import register_kinds
        from accounts.lists import register_lists
        from accounts.search import register_searchers
        from accounts.selectors.goal_values import register_readers
        from accounts.services.activity import drop_churned_activity, event_name
        from accounts.services.bulk import JOB_KIND, bulk_news
        from accounts.services.bulk_actions import register_account_actions
        from accounts.services.handover import register_handover
        from csplatform.notifications import NotificationKind, register_notification
        from csplatform.services.job_news import register_job_news
        from csplatform.services.retention import register_retention
        from csplatform.webhooks import WebhookEvent, register_webhook_event

        for kind in (
            NotificationKind(name="account_assigned", label="An account becomes yours", icon="building"),
            NotificationKind(name="goal_achieved", label="A goal of your accounts is achieved", icon="trophy"),
            NotificationKind(
                name="goal_at_risk", label="A goal of your accounts is at risk or missed", icon="target"
            ),
        ):
            register_notification(kind)
        for activity in ActivityKind:
            register_webhook_event(
                WebhookEvent(name=event_name(activity), label=activity.label, group="What the timeline tells of")
            )
        register_retention("churned_activity", drop_churned_activity)
        register_data_gaps()
        register_lists()
        register_searchers()
        register_account_actions()
        register_handover()
        register_job_news(JOB_KIND, bulk_news)
        register_readers()

        register_kinds()
