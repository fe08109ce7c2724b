"""The administration of contacts: it writes through the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import Contact
from accounts.services.contact import create_contact, delete_contact, update_contact
from csplatform.http import AuthenticatedRequest
from csplatform.tenant_admin import ServiceTenantAdmin

WRITTEN = ("name", "email", "phone", "title", "role", "is_primary", "left_on")


@admin.register(Contact)
class ContactAdmin(ServiceTenantAdmin):
    """One primary contact per account and each address once: the service sees to it."""

    list_display = ("name", "account", "email", "title", "role", "is_primary", "left_on", "organization")
    list_filter = ("role", "is_primary", ("left_on", admin.EmptyFieldListFilter), "organization")
    list_select_related = ("account", "organization")
    search_fields = ("name", "email", "title", "account__name")
    fields = ("account", *WRITTEN, "organization", "uuid", "created_at", "updated_at")
    raw_id_fields = ("account",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*(["account"] if obj else []), "organization", "uuid", "created_at", "updated_at"]

    def save_model(self, request: AuthenticatedRequest, obj: Contact, form: Any, change: bool) -> None:
        facts = {name: form.cleaned_data[name] for name in WRITTEN if not change or name in form.changed_data}
        if change:
            stored = update_contact(contact=obj, by=request.user, **facts)
        else:
            stored = create_contact(account=form.cleaned_data["account"], by=request.user, **facts)
        obj.__dict__.update(stored.__dict__)

    def delete_model(self, request: AuthenticatedRequest, obj: Contact) -> None:
        delete_contact(contact=obj, by=request.user)

    def delete_queryset(self, request: AuthenticatedRequest, queryset: QuerySet[Contact]) -> None:
        for contact in queryset.select_related("account", "organization"):
            delete_contact(contact=contact, by=request.user)
