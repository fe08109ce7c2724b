"""Settings: the facts that an organisation defines for its accounts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.custom_field import CustomFieldForm
from accounts.services import custom_fields as services
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page


@require_safe
@page()
def custom_field_list(request: AuthenticatedRequest) -> HttpResponse:
    fields = list(request.organization.custom_fields.all())
    return render(
        request,
        "accounts/custom_field_list.html",
        {
            "fields": [field for field in fields if not field.is_archived],
            "archived": [field for field in fields if field.is_archived],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def custom_field_create(request: AuthenticatedRequest) -> HttpResponse:
    form = CustomFieldForm(posted(request))
    if form.is_valid():
        try:
            field = services.create_custom_field(organization=request.organization, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"Accounts have the field {field} now.")
            return redirect("accounts:custom_field_list")
    return render(request, "accounts/custom_field_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def custom_field_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    field = get_object_or_404(request.organization.custom_fields, uuid=uuid)
    form = CustomFieldForm(posted(request), field=field)
    if form.is_valid():
        try:
            services.update_custom_field(field=field, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The field {form.cleaned_data['name']} is saved.")
            return redirect("accounts:custom_field_list")
    context = {"form": form, "field": field}
    return render(request, "accounts/custom_field_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.MANAGE_ORGANIZATION)
def custom_field_archive(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """No longer shown or asked; what accounts hold stays."""
    field = get_object_or_404(request.organization.custom_fields, uuid=uuid)
    services.archive_custom_field(field=field, by=request.user)
    messages.success(request, f"The field {field} is archived. What accounts hold in it stays.")
    return redirect("accounts:custom_field_list")


@require_POST
@page(write=Action.MANAGE_ORGANIZATION)
def custom_field_restore(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    field = get_object_or_404(request.organization.custom_fields, uuid=uuid)
    services.restore_custom_field(field=field, by=request.user)
    messages.success(request, f"The field {field} is back.")
    return redirect("accounts:custom_field_list")
