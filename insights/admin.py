"""Insights in the administration: to look at, not to rewrite."""

from __future__ import annotations

from django.contrib import admin

from csplatform.admin import ReadOnlyTenantAdmin
from insights.models import Insight


@admin.register(Insight)
class InsightAdmin(ReadOnlyTenantAdmin):
    list_display = ("created_at", "kind", "account", "source", "by", "organization")
    list_filter = ("kind", "source", "created_at", "organization")
    list_select_related = ("account", "by", "organization")
    search_fields = ("account__name", "by__email")
    date_hierarchy = "created_at"
