"""The administration of the platform's own rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from csplatform import (  # noqa: F401 -- register their own
    admin_data_care,
    admin_lists,
    admin_notifications,
    admin_webhooks,
)
from csplatform.admin_site import runs_installation
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.models import (
    ApiKey,
    IdempotencyKey,
    Import,
    ImportBefore,
    ImportMapping,
    ImportRowError,
    Invitation,
    Job,
    Membership,
    Organization,
    Sequence,
    Team,
    TeamMember,
    Upload,
    UploadPart,
    User,
)
from csplatform.services.api_key import revoke_api_key
from csplatform.services.invitation import revoke as revoke_invitation
from csplatform.tenant_admin import ReadOnlyTenantAdmin, TenantAdmin, TenantInline

__all__ = ["ReadOnlyTenantAdmin", "TenantAdmin", "TenantInline"]


class OperatorsAdmin(TenantAdmin):
    """Organisations' admins change some fields here; adding and deleting is for whoever runs the installation."""

    operators_fields: tuple[str, ...] = ()
    """What only a superuser may change: the product has a page for it that keeps the rules."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        own = list(super().get_readonly_fields(request, obj))
        return own if runs_installation(request) else [*own, *self.operators_fields]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_installation(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_installation(request)


@admin.register(Organization)
class OrganizationAdmin(OperatorsAdmin):
    list_display = ("name", "slug", "timezone", "active_users_target", "is_demo", "created_at")
    list_filter = ("is_demo", "timezone")
    search_fields = ("name", "slug")
    readonly_fields = ("uuid", "is_demo", "data_version", "created_at", "updated_at")
    operators_fields = ("slug",)


@admin.register(User)
class UserAdmin(OperatorsAdmin):
    """People. Their password and address are their own: they are changed on the login's pages, not here."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    fields = ("uuid", "email", "name", "timezone", "theme", "is_active", "is_superuser", "last_login", "created_at")
    readonly_fields = ("uuid", "last_login", "created_at")
    operators_fields = ("email", "name", "timezone", "theme", "is_active", "is_superuser")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return admin.ModelAdmin.history_view(self, request, object_id, extra_context)


class TeamMemberInline(TenantInline):
    model = TeamMember
    raw_id_fields = ("membership", "organization")


@admin.register(Team)
class TeamAdmin(TenantAdmin):
    list_display = ("name", "organization", "created_at")
    list_filter = ("organization",)
    search_fields = ("name",)
    inlines = (TeamMemberInline,)


@admin.register(Membership)
class MembershipAdmin(OperatorsAdmin):
    """Role and state are changed on the members page, which minds the last admin and hands accounts over."""

    list_display = ("user", "organization", "role", "is_active", "created_at")
    list_filter = ("role", "is_active", "organization")
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "user__name")
    raw_id_fields = ("user", "organization")
    readonly_fields = ("uuid", "deactivated_at", "created_at", "updated_at")
    operators_fields = ("organization", "user", "role", "is_active")


@admin.register(TeamMember)
class TeamMemberAdmin(TenantAdmin):
    list_display = ("team", "membership", "organization")
    list_filter = ("team", "organization")
    list_select_related = ("team", "membership__user", "organization")
    search_fields = ("team__name", "membership__user__email", "membership__user__name")
    raw_id_fields = ("team", "membership", "organization")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyTenantAdmin):
    list_display = ("email", "role", "organization", "invited_by", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role", "organization")
    list_select_related = ("organization", "invited_by")
    search_fields = ("email",)
    exclude = ("token_hash",)
    actions = ("withdraw",)

    @admin.action(description="Withdraw the chosen invitations")
    def withdraw(self, request: AuthenticatedRequest, rows: QuerySet[Invitation]) -> None:
        for invitation in rows:
            _say(self, request, lambda row=invitation: revoke_invitation(invitation=row, by=request.user))


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyTenantAdmin):
    list_display = ("name", "prefix", "membership", "organization", "scope", "last_used_at", "revoked_at")
    list_filter = ("scope", "organization")
    list_select_related = ("membership__user", "organization")
    search_fields = ("name", "prefix", "membership__user__email", "membership__user__name")
    exclude = ("hash",)
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: AuthenticatedRequest, rows: QuerySet[ApiKey]) -> None:
        for key in rows:
            _say(self, request, lambda row=key: revoke_api_key(key=row, by=request.user))


@admin.register(Job)
class JobAdmin(ReadOnlyTenantAdmin):
    """Without the payload: a mail's holds the link that it carries."""

    list_display = (
        "kind",
        "organization",
        "status",
        "done",
        "total",
        "attempts",
        "asked_by",
        "created_at",
        "finished_at",
    )
    list_filter = ("status", "kind", "organization")
    list_select_related = ("organization", "asked_by")
    search_fields = ("kind", "message", "error")
    date_hierarchy = "created_at"
    exclude = ("payload", "token")


@admin.register(Import)
class ImportAdmin(ReadOnlyTenantAdmin):
    list_display = ("upload", "kind", "organization", "phase", "rows", "rejected", "created", "updated", "created_at")
    list_filter = ("kind", "phase", "source", "organization")
    list_select_related = ("upload", "organization")
    search_fields = ("upload__filename",)
    date_hierarchy = "created_at"


@admin.register(ImportBefore)
class ImportBeforeAdmin(ReadOnlyTenantAdmin):
    list_display = ("file_import", "part", "changes", "written_at")
    list_filter = ("part", "organization")
    list_select_related = ("file_import__upload",)
    search_fields = ("part",)
    exclude = ("content",)


@admin.register(ImportMapping)
class ImportMappingAdmin(ReadOnlyTenantAdmin):
    list_display = ("kind", "mapping", "organization", "chosen_by", "updated_at")
    list_filter = ("kind", "organization")
    search_fields = ("kind",)
    list_select_related = ("organization", "chosen_by")


@admin.register(ImportRowError)
class ImportRowErrorAdmin(ReadOnlyTenantAdmin):
    list_display = ("file_import", "row", "column", "value", "reason")
    list_filter = ("organization",)
    list_select_related = ("file_import__upload",)
    search_fields = ("column", "value", "reason")


@admin.register(Upload)
class UploadAdmin(ReadOnlyTenantAdmin):
    list_display = ("filename", "organization", "size", "encoding", "uploaded_by", "created_at")
    list_filter = ("encoding", "organization")
    list_select_related = ("organization", "uploaded_by")
    search_fields = ("filename", "sha256")


@admin.register(UploadPart)
class UploadPartAdmin(ReadOnlyTenantAdmin):
    list_display = ("upload", "number")
    list_filter = ("organization",)
    list_select_related = ("upload",)
    search_fields = ("upload__filename",)
    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")


@admin.register(Sequence)
class SequenceAdmin(ReadOnlyTenantAdmin):
    list_display = ("name", "organization", "last")
    list_filter = ("name", "organization")
    search_fields = ("name",)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyTenantAdmin):
    list_display = ("method", "path", "key", "status", "organization", "created_at")
    list_filter = ("method", "status", "organization")
    list_select_related = ("organization",)
    search_fields = ("path", "key")


def _say(model_admin: TenantAdmin, request: HttpRequest, act: Any) -> None:
    """Do it, and say in the page what came of it."""
    try:
        row = act()
    except DomainError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
    else:
        model_admin.message_user(request, f"Done: {row}.", messages.SUCCESS)
