"""The administration of billing: the ledger is for reading."""

from __future__ import annotations

from django.contrib import admin

from billing.models import MrrMovement
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(MrrMovement)
class MrrMovementAdmin(ReadOnlyTenantAdmin):
    list_display = ("date", "account", "organization", "kind", "amount", "arr_amount", "cause", "created_at")
    list_filter = ("kind", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "cause")
    date_hierarchy = "date"
