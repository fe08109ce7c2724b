"""The administration of accounts: it writes through the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import Account, AccountAlias, AccountTag, Activity, Tag
from accounts.services.account import archive_account, create_account, restore_account, update_account
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.tenant_admin import ReadOnlyTenantAdmin, ServiceTenantAdmin, TenantAdmin
from csplatform.views.base import explain

WRITTEN = (
    "name", "external_id", "segment", "size", "region", "industry", "lead_source", "status", "arr", "seats",
    "owner", "team", "contract_start", "contract_end", "contract_term_months", "parent", "custom_fields",
)  # fmt: skip
COMPUTED = (
    "uuid", "number", "churned_on", "churn_reason", "archived_at", "merged_into", "health_score",
    "last_known_health_score", "health_coverage", "churn_risk_score", "created_at", "updated_at",
)  # fmt: skip


@admin.register(Account)
class AccountAdmin(ServiceTenantAdmin):
    """Every change goes through a service, so that ledger, names and history stay whole."""

    list_display = (
        "number", "name", "organization", "status", "segment", "owner", "arr", "health_score", "contract_end",
        "archived_at",
    )  # fmt: skip
    list_display_links = ("number", "name")
    list_filter = ("status", "segment", "size", "organization", "owner", ("archived_at", admin.EmptyFieldListFilter))
    list_select_related = ("organization", "owner")
    search_fields = ("name", "name_key", "external_id", "=number")
    fields = ("organization", *WRITTEN, *COMPUTED)
    raw_id_fields = ("organization", "owner", "team", "parent")
    actions = ("archive", "restore")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*COMPUTED, "organization"] if obj else list(COMPUTED)

    def save_model(self, request: AuthenticatedRequest, obj: Account, form: Any, change: bool) -> None:
        facts = {name: form.cleaned_data[name] for name in WRITTEN if not change or name in form.changed_data}
        if change:
            stored = update_account(account=obj, by=request.user, **facts)
        else:
            stored = create_account(organization=form.cleaned_data["organization"], by=request.user, **facts)
        obj.__dict__.update(stored.__dict__)

    @admin.action(description="Archive the chosen accounts")
    def archive(self, request: AuthenticatedRequest, rows: QuerySet[Account]) -> None:
        for account in rows:
            archive_account(account=account, by=request.user)

    @admin.action(description="Restore the chosen accounts")
    def restore(self, request: AuthenticatedRequest, rows: QuerySet[Account]) -> None:
        for account in rows:
            try:
                restore_account(account=account, by=request.user)
            except DomainError as error:
                messages.error(request, f"{account}: {explain(error)}")


@admin.register(Tag)
class TagAdmin(TenantAdmin):
    list_display = ("name", "organization", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("name",)
    raw_id_fields = ("organization",)


@admin.register(AccountTag)
class AccountTagAdmin(ReadOnlyTenantAdmin):
    """To look at: tags are set on the account's page."""

    list_display = ("account", "tag", "organization")
    list_filter = ("tag", "organization")
    list_select_related = ("account", "tag", "organization")
    search_fields = ("account__name", "tag__name")


@admin.register(AccountAlias)
class AccountAliasAdmin(ReadOnlyTenantAdmin):
    """To look at: former names come from renaming and merging, and are removed on the account's page."""

    list_display = ("text", "kind", "origin", "account", "organization", "created_at")
    list_filter = ("kind", "origin", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("text", "key", "account__name")


@admin.register(Activity)
class ActivityAdmin(ReadOnlyTenantAdmin):
    """To look at: lines are written by what they tell of."""

    list_display = ("occurred_at", "kind", "title", "account", "actor", "organization")
    list_filter = ("kind", "is_system", "organization")
    list_select_related = ("account", "actor", "organization")
    search_fields = ("title", "text", "account__name")
    date_hierarchy = "occurred_at"
