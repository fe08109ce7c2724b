"""The administration of news and of how people want to hear of it: to look at."""

from __future__ import annotations

from django.contrib import admin

from csplatform.models import Notification, NotificationPreference
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyTenantAdmin):
    list_display = ("title", "kind", "membership", "read_at", "organization", "created_at")
    list_filter = ("kind", "organization")
    list_select_related = ("membership__user", "organization")
    search_fields = ("title", "membership__user__email")


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyTenantAdmin):
    list_display = ("membership", "kind", "channel", "organization")
    list_filter = ("kind", "channel", "organization")
    list_select_related = ("membership__user", "organization")
    search_fields = ("membership__user__email",)
