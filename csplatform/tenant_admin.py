"""The administration's pages, limited to the organisation of whoever looks at them.

A superuser sees every organisation. Everybody else sees the rows of the organisation they work in, can point
foreign keys at those alone, and is told nothing of the others: no filter choice, no history, no 403.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Field, ForeignKey, ManyToManyField, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from simple_history.admin import SimpleHistoryAdmin

from csplatform.admin_site import may_administer, runs_installation
from csplatform.exceptions import DomainError
from csplatform.models import Organization, User
from csplatform.views.base import explain

F = TypeVar("F", bound=forms.ModelChoiceField | None)


def visible_rows(request: HttpRequest, model: type[Model]) -> Q:
    """The condition that leaves the caller's own organisation's rows of any model."""
    organization = getattr(request, "organization", None)
    if runs_installation(request):
        return Q()
    if organization is None:
        return Q(pk=None)
    if issubclass(model, Organization):
        return Q(pk=organization.pk)
    if issubclass(model, User):
        return Q(memberships__organization=organization)
    return Q(organization=organization) if has_organization(model) else Q()


def has_organization(model: type[Model]) -> bool:
    try:
        model._meta.get_field("organization")
    except FieldDoesNotExist:
        return False
    return True


class TenantRelatedFilter(admin.RelatedFieldListFilter):
    """A filter over related rows that offers the organisation's own."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to=visible_rows(request, field.related_model),
        )
        return choices


class TenantFields(BaseModelAdmin):
    """What pages and inlines share: relations offer the organisation's rows only."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        return _narrow(super().formfield_for_foreignkey(db_field, request, **kwargs), request)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        return _narrow(super().formfield_for_manytomany(db_field, request, **kwargs), request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)


class TenantInline(TenantFields, admin.TabularInline):
    """Rows of a parent, inside its page."""

    extra = 0


class TenantAdmin(TenantFields, SimpleHistoryAdmin):
    """The base of every model's administration. Models with history show it; the others show Django's own log."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(visible_rows(request, self.model))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [
            (name, TenantRelatedFilter) if isinstance(name, str) and self._is_relation(name) else name
            for name in super().get_list_filter(request)
            if runs_installation(request) or name != "organization"
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        organization = getattr(request, "organization", None)
        own = {"organization": str(organization.pk)} if organization and has_organization(self.model) else {}
        return {**own, **super().get_changeform_initial_data(request)}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not hasattr(self.model._meta, "simple_history_manager_attribute"):
            answer: HttpResponse = admin.ModelAdmin.history_view(self, request, object_id, extra_context)
            return answer
        if not self._history(request).filter(**{self._key: object_id}).exists():
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """An earlier state, to read. It is never written back from here: services know what a change brings."""
        if request.method != "GET":
            raise PermissionDenied
        if not self._history(request).filter(history_id=version_id, **{self._key: object_id}).exists():
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)

    @property
    def _key(self) -> str:
        return str(self.model._meta.pk.attname)

    def _history(self, request: HttpRequest) -> QuerySet[Any]:
        """The history rows of this model that the caller may see; deleted rows' too."""
        manager = getattr(self.model, self.model._meta.simple_history_manager_attribute)
        rows: QuerySet[Any] = manager.all()
        organization = getattr(request, "organization", None)
        if runs_installation(request):
            return rows
        if issubclass(self.model, Organization):
            return rows.filter(id=organization.pk if organization else None)
        return rows.filter(organization=organization)

    def _is_relation(self, name: str) -> bool:
        model: type[Model] | None = self.model
        field: Field[Any, Any] | Any = None
        for part in name.split("__"):
            if model is None:
                return False
            try:
                field = model._meta.get_field(part)
            except FieldDoesNotExist:
                return False
            model = field.related_model
        return bool(field is not None and field.is_relation)


class ServiceTenantAdmin(TenantAdmin):
    """For rows that only services write: `save_model` calls one, and what it refuses is told."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            messages.error(request, explain(error))
            return redirect(request.get_full_path())


class ReadOnlyTenantAdmin(TenantAdmin):
    """For rows that the product writes by itself: to look at, not to change."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _narrow(field: F, request: HttpRequest) -> F:
    if field is not None and field.queryset is not None:
        field.queryset = field.queryset.filter(visible_rows(request, field.queryset.model))
    return field
