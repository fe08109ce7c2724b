"""The administration of the product catalogue."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import Product
from csplatform.tenant_admin import TenantAdmin


@admin.register(Product)
class ProductAdmin(TenantAdmin):
    list_display = ("name", "billing_label", "icon", "sac", "rate", "position", "is_active", "organization")
    list_filter = ("billing_label", "is_active", "organization")
    list_select_related = ("organization",)
    search_fields = ("name",)
    raw_id_fields = ("organization", "parent")
    readonly_fields = ("uuid", "key", "created_at", "updated_at")
