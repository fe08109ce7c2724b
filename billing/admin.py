"""The administration of billing: what is booked is for reading, and so is what books it."""

from __future__ import annotations

from django.contrib import admin

from billing.models import MrrMovement, Renewal, Subscription, SubscriptionItem, SubscriptionPause
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(MrrMovement)
class MrrMovementAdmin(ReadOnlyTenantAdmin):
    list_display = ("date", "account", "organization", "kind", "amount", "arr_amount", "cause", "created_at")
    list_filter = ("kind", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "cause")
    date_hierarchy = "date"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyTenantAdmin):
    """Changes go through the services, which book them: here they are looked at."""

    list_display = ("account", "organization", "interval", "starts_on", "ends_on", "cancelled_on", "currency")
    list_filter = ("interval", "auto_renew", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name",)
    date_hierarchy = "starts_on"


@admin.register(SubscriptionItem)
class SubscriptionItemAdmin(ReadOnlyTenantAdmin):
    list_display = ("subscription", "product", "quantity", "unit_price", "starts_on", "ends_on")
    list_select_related = ("subscription__account", "product")
    search_fields = ("subscription__account__name", "product__name")


@admin.register(SubscriptionPause)
class SubscriptionPauseAdmin(ReadOnlyTenantAdmin):
    list_display = ("subscription", "starts_on", "resumes_on")
    list_select_related = ("subscription__account",)
    search_fields = ("subscription__account__name",)


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "organization", "due_on", "status", "target_mrr", "renewed_mrr", "probability")
    list_filter = ("status", "auto_renew", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "outcome_reason")
    date_hierarchy = "due_on"
