"""The administration of bulk changes: what was done, by whom; undone on its page."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import BulkChange
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(BulkChange)
class BulkChangeAdmin(ReadOnlyTenantAdmin):
    list_display = ("action", "by", "changed", "unchanged", "refused", "organization", "created_at")
    search_fields = ("action", "by__name", "by__email")
    list_filter = ("action", "organization")
    list_select_related = ("by", "organization")
