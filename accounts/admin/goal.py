"""Goals in the administration."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import Goal, GoalDateChange, GoalMilestone, GoalReading
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(Goal)
class GoalAdmin(ReadOnlyTenantAdmin):
    """To look at: goals are written on their pages and by the API, which keep status and readings in step."""

    list_display = (
        "title", "account", "metric_type", "current_value", "target_value", "status", "target_date", "organization",
    )  # fmt: skip
    list_filter = ("status", "metric_type", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("title", "account__name")


@admin.register(GoalMilestone)
class GoalMilestoneAdmin(ReadOnlyTenantAdmin):
    list_display = ("title", "goal", "due_on", "reached_on", "organization")
    list_filter = ("organization",)
    list_select_related = ("goal", "organization")
    search_fields = ("title", "goal__title")


@admin.register(GoalReading)
class GoalReadingAdmin(ReadOnlyTenantAdmin):
    list_display = ("goal", "read_on", "value", "organization")
    list_filter = ("organization",)
    list_select_related = ("goal", "organization")
    search_fields = ("goal__title",)
    date_hierarchy = "read_on"


@admin.register(GoalDateChange)
class GoalDateChangeAdmin(ReadOnlyTenantAdmin):
    list_display = ("goal", "was", "becomes", "reason", "by", "changed_at", "organization")
    list_filter = ("organization",)
    list_select_related = ("goal", "by", "organization")
    search_fields = ("goal__title", "reason")
