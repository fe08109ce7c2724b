"""Insights and snoozes in the administration: to look at, not to rewrite."""

from __future__ import annotations

from django.contrib import admin

from csplatform.admin import ReadOnlyTenantAdmin
from insights.models import AttentionSnooze, Insight, ModelCall, ModelSettings, SharedPlan


@admin.register(Insight)
class InsightAdmin(ReadOnlyTenantAdmin):
    list_display = ("created_at", "kind", "account", "source", "by", "organization")
    list_filter = ("kind", "source", "created_at", "organization")
    list_select_related = ("account", "by", "organization")
    search_fields = ("account__name", "by__email")
    date_hierarchy = "created_at"


@admin.register(AttentionSnooze)
class AttentionSnoozeAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "membership", "kind", "until", "created_at", "ended_at", "organization")
    list_filter = ("kind", "created_at", "organization")
    list_select_related = ("account", "membership__user", "organization")
    search_fields = ("account__name", "membership__user__email")
    date_hierarchy = "created_at"


@admin.register(ModelSettings)
class ModelSettingsAdmin(ReadOnlyTenantAdmin):
    list_display = ("organization", "is_on", "daily_tokens", "updated_at")
    list_filter = ("is_on",)
    list_select_related = ("organization",)
    search_fields = ("organization__name",)


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyTenantAdmin):
    list_display = (
        "created_at",
        "kind",
        "account",
        "outcome",
        "tokens_in",
        "tokens_out",
        "milliseconds",
        "organization",
    )
    list_filter = ("outcome", "kind", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "model")


@admin.register(SharedPlan)
class SharedPlanAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "by", "created_at", "expires_at", "revoked_at", "opened", "organization")
    list_filter = ("organization",)
    list_select_related = ("account", "by", "organization")
    search_fields = ("account__name", "=uuid")
    exclude = ("token_hash",)
