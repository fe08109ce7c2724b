"""The administration of engagements and follow-ups: to look at, they are written by their services."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import Commitment, Engagement, EngagementContact, FollowUp
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(Engagement)
class EngagementAdmin(ReadOnlyTenantAdmin):
    """Written on their pages, so that follow-up and timeline stay whole."""

    list_display = (
        "created_at", "type", "title", "account", "outcome", "scheduled_at", "completed_at", "organization",
    )  # fmt: skip
    list_filter = ("type", "outcome", "mentions_competitor", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("title", "description", "account__name")
    date_hierarchy = "created_at"


@admin.register(EngagementContact)
class EngagementContactAdmin(ReadOnlyTenantAdmin):
    """Attendees are tied to contacts by their email."""

    list_display = ("engagement", "contact", "organization")
    list_select_related = ("engagement", "contact", "organization")
    search_fields = ("engagement__title", "contact__name", "contact__email")


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyTenantAdmin):
    """Promises are written with their engagement."""

    list_display = ("what", "side", "name", "due_on", "kept_at", "engagement", "organization")
    list_filter = ("side", "organization")
    list_select_related = ("engagement", "organization")
    search_fields = ("what", "name", "engagement__title")


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyTenantAdmin):
    """Opened and done on their pages."""

    list_display = ("due_at", "priority", "task_type", "account", "assignee", "completed_at", "organization")
    list_filter = ("priority", "organization", ("completed_at", admin.EmptyFieldListFilter))
    list_select_related = ("account", "assignee", "organization")
    search_fields = ("task_type", "description", "account__name")
    date_hierarchy = "due_at"
