"""The administration of webhooks and their messages: to look at."""

from __future__ import annotations

from django.contrib import admin

from csplatform.models import Webhook, WebhookDelivery
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyTenantAdmin):
    list_display = ("host", "format", "organization", "failing_since", "delivered_at", "disabled_at")
    list_filter = ("format", "organization")
    list_select_related = ("organization",)
    search_fields = ("url", "=uuid")
    exclude = ("sealed_secret",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyTenantAdmin):
    list_display = ("event", "webhook", "status", "attempts", "answered", "created_at", "organization")
    list_filter = ("status", "event", "organization")
    list_select_related = ("webhook", "organization")
    search_fields = ("event", "=uuid")
