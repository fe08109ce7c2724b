"""The billing room."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "billing"

    def ready(self) -> None:
        from django.db.models import Q

        from accounts.arr_sources import register_arr_source, register_contract_source
        from accounts.services.undo_import import register_derived
        from billing import receivers  # noqa: F401 -- connects them
        from billing.enums import RenewalStatus
        from billing.imports.kinds import register_kinds
        from billing.search import register_searchers
        from billing.selectors.subscribed import subscribed_arr, subscribed_contracts
        from csplatform.notifications import NotificationKind, register_notification

        register_notification(
            NotificationKind(
                name="billing_run_finished", label="A billing run of yours has ended", icon="receipt-rupee"
            )
        )
        register_arr_source(subscribed_arr)
        register_contract_source(subscribed_contracts)
        register_kinds()
        register_derived("billing.MrrMovement")
        register_derived(
            "billing.Renewal",
            somebodys=~Q(status=RenewalStatus.NOT_STARTED)
            | ~Q(subscription=None)
            | Q(probability__isnull=False)
            | ~Q(outcome_reason=""),
        )
        register_searchers()
