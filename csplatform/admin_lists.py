"""The administration of saved views, pins, likings and the log of exports: looked at here, changed on the pages."""

from __future__ import annotations

from django.contrib import admin

from csplatform.models import ExportRecord, ListPreference, SavedView, SavedViewPin
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyTenantAdmin):
    list_display = ("name", "page", "owner", "visibility", "team", "organization", "updated_at")
    list_filter = ("page", "visibility", "organization")
    list_select_related = ("owner__user", "team", "organization")
    search_fields = ("name",)


@admin.register(SavedViewPin)
class SavedViewPinAdmin(ReadOnlyTenantAdmin):
    list_display = ("view", "membership", "organization", "created_at")
    search_fields = ("view__name", "membership__user__email")
    list_filter = ("organization",)
    list_select_related = ("view", "membership__user", "organization")


@admin.register(ListPreference)
class ListPreferenceAdmin(ReadOnlyTenantAdmin):
    search_fields = ("membership__user__name", "membership__user__email")
    list_display = ("membership", "page", "density", "default_view", "organization")
    list_filter = ("page", "organization")
    list_select_related = ("membership__user", "default_view", "organization")


@admin.register(ExportRecord)
class ExportRecordAdmin(ReadOnlyTenantAdmin):
    list_display = ("filename", "by", "rows", "is_complete", "over_api", "organization", "started_at")
    list_filter = ("format", "is_complete", "over_api", "organization")
    list_select_related = ("by", "organization")
    search_fields = ("filename",)
