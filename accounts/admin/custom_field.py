"""The administration of custom fields: it writes through the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import CustomField
from accounts.services.custom_fields import create_custom_field, update_custom_field
from csplatform.http import AuthenticatedRequest
from csplatform.tenant_admin import ServiceTenantAdmin

WRITTEN = ("name", "choices", "is_required", "help_text", "position")
ONCE = ("organization", "key", "kind")
COMPUTED = ("uuid", "archived_at", "created_at", "updated_at")


@admin.register(CustomField)
class CustomFieldAdmin(ServiceTenantAdmin):
    """Archived and brought back on the settings page; never deleted, since accounts hold values."""

    list_display = ("name", "key", "kind", "is_required", "position", "archived_at", "organization")
    list_filter = ("kind", "is_required", ("archived_at", admin.EmptyFieldListFilter), "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "key")
    fields = (*ONCE, *WRITTEN, *COMPUTED)
    raw_id_fields = ("organization",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*COMPUTED, *(ONCE if obj else ())]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: AuthenticatedRequest, obj: CustomField, form: Any, change: bool) -> None:
        given = form.cleaned_data
        facts = {name: given[name] for name in WRITTEN if not change or name in form.changed_data}
        if change:
            stored = update_custom_field(field=obj, by=request.user, **facts)
        else:
            facts["choices"] = facts["choices"] or []
            stored = create_custom_field(by=request.user, **{name: given[name] for name in ONCE}, **facts)
        obj.__dict__.update(stored.__dict__)
