"""The administration of engagements and follow-ups: to look at, they are written by their services."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import Attachment, Cadence, CalendarFeed, Commitment, Engagement, EngagementContact, FollowUp
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


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyTenantAdmin):
    """Added and deleted on the account's pages."""

    list_display = ("upload", "content_type", "account", "engagement", "created_at", "organization")
    list_filter = ("content_type", "organization")
    list_select_related = ("upload", "account", "engagement", "organization")
    search_fields = ("upload__filename", "account__name")


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyTenantAdmin):
    """Made and revoked by the member; the secret itself is kept nowhere."""

    list_display = ("membership", "organization", "created_at", "updated_at")
    list_select_related = ("membership__user", "organization")
    search_fields = ("membership__user__email",)


@admin.register(Cadence)
class CadenceAdmin(ReadOnlyTenantAdmin):
    """Set on the page of engagement analytics."""

    list_display = ("segment", "days", "organization")
    list_select_related = ("organization",)
    search_fields = ("segment",)
