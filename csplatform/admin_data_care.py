"""The administration of exports of everything, erasures, deletions and retention: to look at."""

from __future__ import annotations

from django.contrib import admin

from csplatform.models import DeletionRequest, Erasure, OrganizationExport, RetentionPolicy
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(OrganizationExport)
class OrganizationExportAdmin(ReadOnlyTenantAdmin):
    list_display = ("organization", "by", "tables", "rows", "expires_at", "created_at")
    list_filter = ("organization",)
    list_select_related = ("by", "organization")
    search_fields = ("by__email",)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyTenantAdmin):
    list_display = ("what", "subject_id", "by", "organization", "created_at")
    list_filter = ("what", "organization")
    list_select_related = ("by", "organization")
    search_fields = ("subject_id",)


@admin.register(DeletionRequest)
class DeletionRequestAdmin(ReadOnlyTenantAdmin):
    list_display = ("organization", "asked_by", "asked_at", "due_at", "cancelled_at")
    list_filter = ("organization",)
    list_select_related = ("asked_by", "organization")
    search_fields = ("organization__name", "asked_by__email")


@admin.register(RetentionPolicy)
class RetentionPolicyAdmin(ReadOnlyTenantAdmin):
    list_display = ("organization", "jobs_days", "exports_days", "notifications_days", "churned_activity_days")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("organization__name",)
