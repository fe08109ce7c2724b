"""The billing room."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "billing"

    def ready(self) -> None:
        from accounts.arr_sources import register_arr_source
        from billing import receivers  # noqa: F401 -- connects them
        from billing.search import register_searchers
        from billing.selectors.subscribed import subscribed_arr

        register_arr_source(subscribed_arr)
        register_searchers()
