"""Support tickets in the administration."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import SupportTicket
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(SupportTicket)
class SupportTicketAdmin(ReadOnlyTenantAdmin):
    """To look at: tickets are written on their pages, by the API and by imports, which keep their rules."""

    list_display = (
        "external_id", "subject", "account", "priority", "status", "is_escalated", "opened_at", "organization",
    )  # fmt: skip
    list_display_links = ("external_id", "subject")
    list_filter = ("priority", "status", "is_escalated", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("external_id", "subject", "account__name")
    date_hierarchy = "opened_at"
