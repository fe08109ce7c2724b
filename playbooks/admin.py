"""Playbooks in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from csplatform.admin import TenantAdmin, TenantInline
from csplatform.services.sequence import take_numbers
from csplatform.tenant_admin import ReadOnlyTenantAdmin
from playbooks.models import (
    AutomationHit,
    AutomationRule,
    AutomationStop,
    Playbook,
    PlaybookRun,
    RunStep,
    Step,
)
from playbooks.services.playbook import NUMBERS


class StepInline(TenantInline):
    model = Step
    raw_id_fields = ("organization", "member")


@admin.register(Playbook)
class PlaybookAdmin(TenantAdmin):
    list_display = ("title", "organization", "number", "category", "priority", "is_builtin")
    list_filter = ("category", "priority", "is_builtin", "organization")
    list_select_related = ("organization",)
    search_fields = ("title", "description", "key")
    raw_id_fields = ("organization",)
    readonly_fields = ("number", "uuid", "is_builtin", "created_at", "updated_at")
    inlines = (StepInline,)

    def save_model(self, request: HttpRequest, obj: Playbook, form: Any, change: bool) -> None:
        if not change:
            obj.number = take_numbers(obj.organization, NUMBERS)
        super().save_model(request, obj, form, change)


@admin.register(Step)
class StepAdmin(TenantAdmin):
    list_display = ("playbook", "n", "title", "day", "role", "kind", "organization")
    list_filter = ("playbook__category", "organization")
    list_select_related = ("playbook", "organization")
    search_fields = ("text", "playbook__title")
    raw_id_fields = ("organization", "playbook", "member")


@admin.register(PlaybookRun)
class PlaybookRunAdmin(ReadOnlyTenantAdmin):
    """Started and ended on their pages, so that tasks and timeline stay whole."""

    list_display = ("started_at", "title", "account", "status", "outcome", "finished_at", "organization")
    list_filter = ("status", "outcome", "origin", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("title", "account__name", "note")
    date_hierarchy = "started_at"


@admin.register(RunStep)
class RunStepAdmin(ReadOnlyTenantAdmin):
    """Settled by their follow-ups."""

    list_display = ("run", "n", "title", "due_on", "status", "settled_at", "organization")
    list_filter = ("status", "kind", "organization")
    list_select_related = ("run", "organization")
    search_fields = ("title", "run__title", "run__account__name")


@admin.register(AutomationRule)
class AutomationRuleAdmin(ReadOnlyTenantAdmin):
    """Written and switched on their pages, which show first what they would do."""

    list_display = ("name", "trigger", "action", "is_on", "daily_limit", "organization")
    list_filter = ("trigger", "action", "is_on", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "words")


@admin.register(AutomationHit)
class AutomationHitAdmin(ReadOnlyTenantAdmin):
    """What rules did by themselves."""

    list_display = ("fired_at", "rule", "account", "outcome", "why", "holds", "organization")
    list_filter = ("outcome", "holds", "organization")
    list_select_related = ("rule", "account", "organization")
    search_fields = ("rule__name", "account__name", "why")
    date_hierarchy = "fired_at"


@admin.register(AutomationStop)
class AutomationStopAdmin(ReadOnlyTenantAdmin):
    """Set and taken away on the page of automation."""

    list_display = ("organization", "stopped_at", "stopped_by")
    list_select_related = ("organization", "stopped_by")
    search_fields = ("organization__name", "stopped_by__email")
