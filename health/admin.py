"""Health in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from csplatform.admin import ReadOnlyTenantAdmin, TenantAdmin
from health.models import (
    Alert,
    AlertRule,
    ChurnWeights,
    DailyMetrics,
    HealthOverride,
    HealthSnapshot,
    LabRun,
    Pulse,
    Scorecard,
)


@admin.register(DailyMetrics)
class DailyMetricsAdmin(TenantAdmin):
    """What was reported. A corrected row is scored again by the next recompute."""

    list_display = (
        "account",
        "organization",
        "date",
        "daily_active_users",
        "adoption_pct",
        "tickets_open",
        "nps",
        "login_rate",
        "health_score",
    )
    list_filter = ("organization",)
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "=account__external_id", "=date")
    raw_id_fields = ("organization", "account")
    readonly_fields = ("health_score", "created_at", "updated_at")


@admin.register(Scorecard)
class ScorecardAdmin(TenantAdmin):
    """Versions with their weights, curves and guards. A draft can be changed here too; going live, with all that
    follows from it, is for the scorecards page."""

    list_display = ("name", "organization", "key", "version", "status", "segments", "is_primary", "published_at")
    list_filter = ("status", "kind", "is_primary", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "key")
    raw_id_fields = ("organization",)
    always_readonly = ("status", "is_primary", "primary_since", "made_by", "published_at", "published_by")
    readonly_fields = ("uuid", *always_readonly, "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Scorecard | None = None) -> tuple[str, ...]:
        """Snapshots are explained by the version they were made with: what was live once stays as it was."""
        editable = super().get_readonly_fields(request, obj)
        if obj is None or obj.is_draft:
            return (*editable,)
        return ("organization", "key", "kind", "version", "segments", "priority", "signals", "guards", *editable)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and super().has_delete_permission(request, obj)


@admin.register(ChurnWeights)
class ChurnWeightsAdmin(ReadOnlyTenantAdmin):
    """To look at: weights are changed on their page, which scores every account by them."""

    list_display = ("organization", "weights", "note", "made_by", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization", "made_by")
    search_fields = ("note",)


@admin.register(HealthSnapshot)
class HealthSnapshotAdmin(ReadOnlyTenantAdmin):
    """What was known, and since when: the product's own record, to look at."""

    list_display = ("account", "organization", "scorecard", "date", "effective_score", "band", "coverage")
    list_filter = ("band", "is_primary", "organization")
    list_select_related = ("account", "organization", "scorecard")
    search_fields = ("account__name", "=date")
    raw_id_fields = ("organization", "account", "scorecard")


@admin.register(Pulse)
class PulseAdmin(ReadOnlyTenantAdmin):
    """To look at: who looks after an account rates it on its health page, which scores it anew."""

    list_display = ("account", "date", "rating", "note", "set_by", "organization")
    list_filter = ("rating", "organization")
    list_select_related = ("account", "set_by", "organization")
    search_fields = ("account__name", "note")


@admin.register(HealthOverride)
class HealthOverrideAdmin(ReadOnlyTenantAdmin):
    """To look at: scores are overridden on the account's health page, with a reason and an end."""

    list_display = ("account", "organization", "score", "starts_on", "expires_on", "ended_on", "set_by", "reason")
    list_filter = ("organization",)
    list_select_related = ("account", "organization", "set_by")
    search_fields = ("account__name", "reason")


@admin.register(Alert)
class AlertAdmin(ReadOnlyTenantAdmin):
    """To look at: alerts are raised by the product and closed on their page, with what came of them."""

    list_display = ("title", "account", "organization", "kind", "severity", "status", "outcome", "first_seen_at")
    list_filter = ("kind", "severity", "status", "outcome", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("title", "account__name")


@admin.register(AlertRule)
class AlertRuleAdmin(ReadOnlyTenantAdmin):
    """To look at: rules are changed on their page, which says what a threshold may be."""

    list_display = ("kind", "organization", "threshold", "is_muted", "updated_at")
    list_filter = ("kind", "is_muted", "organization")
    list_select_related = ("organization",)
    search_fields = ("kind",)


@admin.register(LabRun)
class LabRunAdmin(ReadOnlyTenantAdmin):
    list_display = ("kind", "scorecard", "draft", "by", "created_at", "organization")
    list_filter = ("kind", "organization")
    list_select_related = ("scorecard", "draft", "by", "organization")
    search_fields = ("=uuid", "by__email")
