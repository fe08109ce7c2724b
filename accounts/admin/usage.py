"""Entitlements and usage in the administration."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import AccountProduct, ProductUsage
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(AccountProduct)
class AccountProductAdmin(ReadOnlyTenantAdmin):
    """To look at: entitlements are written on the account's usage page and by the API."""

    list_display = ("account", "product", "seats", "starts_on", "ends_on", "organization")
    list_filter = ("product", "organization")
    list_select_related = ("account", "product", "organization")
    search_fields = ("account__name", "product__name")


@admin.register(ProductUsage)
class ProductUsageAdmin(ReadOnlyTenantAdmin):
    """To look at: usage is measured, not written by hand."""

    list_display = ("account", "product", "used_on", "active_users", "usage", "plan", "organization")
    list_filter = ("product", "organization")
    list_select_related = ("account", "product", "organization")
    search_fields = ("account__name", "product__name")
    date_hierarchy = "used_on"
