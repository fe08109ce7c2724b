"""Files of accounts and engagements: the tab, adding, fetching and deleting them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView, View

from accounts.models import Account, Attachment, Engagement
from accounts.permissions import can_edit_account, require_editable
from accounts.selectors.account_by_key import account_by_key
from accounts.services.attachment import attach_file, file_parts, remove_attachment
from accounts.services.file_kinds import SUFFIXES
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import OrganizationView, explain, page

ACCEPT = ",".join(f".{suffix}" for suffix in SUFFIXES)


def file_rules() -> dict[str, str]:
    """What the forms say about files."""
    limit = settings.MAX_ATTACHMENT_BYTES // 1024**2
    return {"accept": ACCEPT, "hint": f"PDF, images, Office documents, CSV or text, up to {limit} MB."}


class AccountFilesView(OrganizationView, TemplateView):
    """All files of an account, those of its engagements too."""

    template_name = "accounts/account_files.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = account_by_key(self.request.organization.accounts.for_list(), kwargs["key"])
        return super().get_context_data(
            account=account,
            attachments=account.attachments.select_related("upload__uploaded_by", "engagement"),
            editable=not account.is_archived and can_edit_account(self.request.member, account),
            rules=file_rules(),
            **kwargs,
        )


class AttachmentView(OrganizationView, View):
    """The file itself, to save: never drawn by the browser."""

    def get(self, request: AuthenticatedRequest, uuid: UUID) -> StreamingHttpResponse:
        rows = request.organization.attachments.select_related("upload", "organization")
        attachment: Attachment = get_object_or_404(rows, uuid=uuid)
        response = StreamingHttpResponse(file_parts(attachment), content_type=attachment.content_type)
        response["Content-Length"] = str(attachment.upload.size)
        response["Content-Disposition"] = content_disposition_header(True, attachment.upload.filename)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["Cache-Control"] = "private, no-store"
        return response


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def file_add(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """A file for the account."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    _add(request, account, None)
    return redirect("accounts:account_files", account.number)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def engagement_file_add(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A file for an engagement."""
    engagement: Engagement = get_object_or_404(request.organization.engagements.for_list(), uuid=uuid)
    _add(request, engagement.account, engagement)
    return redirect(engagement)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def attachment_remove(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Delete a file."""
    rows = request.organization.attachments.select_related("upload", "account", "engagement", "organization")
    attachment: Attachment = get_object_or_404(rows, uuid=uuid)
    require_editable(request.member, attachment.account)
    account, engagement = attachment.account, attachment.engagement
    remove_attachment(attachment=attachment, by=request.user)
    messages.success(request, f"{attachment.upload.filename} is deleted.")
    from_engagement = engagement is not None and request.POST.get("from") == "engagement"
    return (
        redirect(engagement) if engagement and from_engagement else redirect("accounts:account_files", account.number)
    )


def _add(request: AuthenticatedRequest, account: Account, engagement: Engagement | None) -> None:
    require_editable(request.member, account)
    file = request.FILES.get("file")
    if file is None or file.file is None:
        messages.error(request, "Choose a file.")
        return
    try:
        attachment = attach_file(
            account=account, by=request.user, file=file.file, filename=file.name or "", engagement=engagement
        )
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{attachment} is kept.")
