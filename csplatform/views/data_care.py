"""The organisation's data: take it along, see who took what, how long it is kept, and leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csplatform.exceptions import DomainError, InvalidInput
from csplatform.forms.base import add_refusal
from csplatform.forms.data_care import DeletionForm, RetentionForm
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.services import organization_deletion as deletion
from csplatform.services.organization_export import blocks_of, start_full_export
from csplatform.services.retention import policy_of
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import explain, page

SHOWN = 10
A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_ORGANIZATION, write=Action.MANAGE_ORGANIZATION)
def data(request: AuthenticatedRequest) -> HttpResponse:
    """One page for all of it; its own form is how long things are kept."""
    policy = policy_of(request.organization)
    form = RetentionForm(request.POST or None, instance=policy)
    if form.is_valid():
        form.save()
        messages.success(request, "How long things are kept is saved.")
        return redirect("csplatform:data")
    return _page(request, form, DeletionForm(), status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.MANAGE_ORGANIZATION)
def data_export(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for the archive of everything."""
    start_full_export(member=request.member)
    messages.success(request, "The export has begun. You are told when it is ready.")
    return redirect("csplatform:data")


@own_transactions
@require_safe
@page(read=Action.MANAGE_ORGANIZATION)
def data_download(request: AuthenticatedRequest, uuid: UUID) -> Any:
    """The archive's bytes, while it is kept."""
    with organization_scope(request.organization, write=False):
        exports = request.organization.full_exports.select_related("upload", "organization")
        export = get_object_or_404(exports, uuid=uuid)
        is_kept = export.upload is not None and export.expires_at is not None and export.expires_at > timezone.now()
    if not is_kept or export.upload is None:
        raise Http404
    response = StreamingHttpResponse(blocks_of(export, by=request.user), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{export.upload.filename}"'
    response["Content-Length"] = str(export.upload.size)
    return response


@require_POST
@page(write=Action.MANAGE_ORGANIZATION)
def data_deletion(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for the organisation's deletion, or call it off."""
    organization = request.organization
    try:
        if request.POST.get("cancel"):
            deletion.call_off_deletion(organization=organization, by=request.user)
            messages.success(request, "The organisation stays.")
            return redirect("csplatform:data")
        form = DeletionForm(request.POST)
        if form.is_valid():
            try:
                asked = deletion.ask_for_deletion(organization=organization, by=request.user, **form.cleaned_data)
            except InvalidInput as error:
                add_refusal(form, error)
            else:
                messages.warning(request, f"The organisation will be deleted on {asked.due_at:%d %b %Y}.")
                return redirect("csplatform:data")
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("csplatform:data")
    return _page(request, RetentionForm(instance=policy_of(organization)), form, status=422)


@require_safe
@page(read=Action.MANAGE_ORGANIZATION)
def export_log(request: AuthenticatedRequest) -> HttpResponse:
    """Who took which rows out, and when."""
    records = request.organization.exports.select_related("by")
    page_obj = Paginator(records, A_PAGE).get_page(request.GET.get("page"))
    rows = [(record, _words(record.filters)) for record in page_obj]
    return render(request, "csplatform/export_log.html", {"page_obj": page_obj, "rows": rows})


def _words(filters: dict[str, list[str]]) -> str:
    """`status: active, sort: -arr`"""
    return ", ".join(f"{name}: {' '.join(values)}" for name, values in filters.items())


def _page(
    request: AuthenticatedRequest, form: RetentionForm, deletion_form: DeletionForm, *, status: int
) -> HttpResponse:
    organization, now = request.organization, timezone.now()
    exports = organization.full_exports.select_related("job", "by", "upload")[:SHOWN]
    context = {
        "form": form,
        "deletion_form": deletion_form,
        "deletion": deletion.open_request(organization),
        "exports": [(each, bool(each.upload_id and each.expires_at and each.expires_at > now)) for each in exports],
        "erasures": organization.erasures.select_related("by")[:SHOWN],
        "export_count": organization.exports.count(),
    }
    return render(request, "csplatform/data.html", context, status=status)
