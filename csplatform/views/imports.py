"""Imports: bring a file, watch it, read what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.generic import View

from csplatform.api.imports import error_file
from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.formatting import counted, moment_text, number
from csplatform.forms.base import add_refusal
from csplatform.forms.imports import ImportForm, NewColumnsForm, PreviewForm
from csplatform.http import AuthenticatedRequest
from csplatform.imports.enums import DateOrder, ImportQuestion, ImportSource
from csplatform.imports.mappings import forget_mapping, recall_mapping
from csplatform.imports.registry import kind_named, kinds
from csplatform.imports.undoing import KEPT
from csplatform.jobs import cancel_job
from csplatform.models import Import
from csplatform.permissions import Action, can
from csplatform.services.imports import (
    ImportOptions,
    PreviewChoices,
    answer_question,
    change_preview,
    discard_preview,
    make_columns,
    rerun_import,
    submit_import,
    undo_import,
)
from csplatform.services.imports import import_preview as import_preview_file
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import OrganizationView, explain, page

IMPORTS_A_PAGE = 25
SHOWN_ERRORS = 100
SHOWN_IN_PREVIEW = 20
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte-order mark",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
TONES = {
    JobStatus.QUEUED: "gray",
    JobStatus.RUNNING: "info",
    JobStatus.SUCCEEDED: "success",
    JobStatus.FAILED: "danger",
    JobStatus.CANCELLED: "warning",
}


@own_transactions
@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.BRING_FILES)
def import_list(request: AuthenticatedRequest) -> HttpResponse:
    """All imports of the organisation, and the form for a new one. A file is taken in pieces, in no scope."""
    form = ImportForm(member=request.member)
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES, member=request.member)
        of = _brought(request, form)
        if of is not None:
            return redirect(of)
    with organization_scope(request.organization, write=False):
        imports = Paginator(request.organization.imports.for_list(), IMPORTS_A_PAGE)
        page_obj = imports.get_page(request.GET.get("page"))
        context = {
            "form": form,
            "kinds": [kind for kind in kinds() if can(request.member, kind.permission)],
            "page_obj": page_obj,
            "rows": [(of, kind_named(of.kind), *_state(of)) for of in page_obj],
            "may_import": can(request.member, Action.BRING_FILES),
        }
        return render(request, "csplatform/imports/import_list.html", context, status=422 if form.is_bound else 200)


@require_GET
@page()
def import_detail(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One import: a preview of it, its progress, or what came of it."""
    of = _found(request, uuid)
    errors = of.row_errors.all()
    may_import = can(request.member, kind_named(of.kind).permission)
    context = {
        "import": of,
        "kind": kind_named(of.kind),
        "tone": _state(of)[0],
        "state": _state(of)[1],
        "headline": _headline(of),
        "errors": list(errors[: SHOWN_IN_PREVIEW if of.is_preview else SHOWN_ERRORS]),
        "error_count": errors.count() if of.rejected else 0,
        "ignored": [heading for heading in of.header if heading and heading not in of.columns],
        "facts": _facts(of),
        "accounts_hint": f"of {counted(of.details.get('accounts', 0), 'account')} in the file",
        "may_import": may_import,
        "has_content": of.upload.parts.exists(),
    }
    if of.is_preview:
        return render(
            request, "csplatform/imports/import_preview.html", context | _preview(of) | _may_make(request, of)
        )
    return render(request, "csplatform/imports/import_detail.html", context | _undo(of, may_import=may_import))


class ImportErrorsView(OrganizationView, View):
    """Every error as CSV, beside its row."""

    def get(self, request: AuthenticatedRequest, uuid: UUID) -> StreamingHttpResponse:
        return error_file(_found(request, uuid))


@require_POST
@page(write=Action.BRING_FILES)
def import_cancel(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Stop an import between two pieces."""
    of = _allowed(request, uuid)
    try:
        cancel_job(of.job)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "The import stops. What it has written by now stays.")
    return redirect(of)


@own_transactions
@require_POST
@page(write=Action.BRING_FILES)
def import_preview(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Look at the file again, with other columns or dates read otherwise."""
    of = _allowed(request, uuid)
    return _with_choices(request, of, change_preview)


@own_transactions
@require_POST
@page(write=Action.BRING_FILES)
def import_new_columns(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Make columns of ours of what the file holds besides, and look at it again."""
    of = _allowed(request, uuid)
    new_columns = kind_named(of.kind).new_columns
    if new_columns is None:
        raise Http404
    if not can(request.member, new_columns.permission):
        raise PermissionDenied(f"Your role does not allow to make {new_columns.words}.")
    form = NewColumnsForm(request.POST, of=of, new_columns=new_columns)
    chosen = form.chosen() if form.is_valid() else []
    if not chosen:
        messages.error(request, "Choose what at least one column becomes.")
        return redirect(of)
    try:
        of = make_columns(of=of, by=request.user, chosen=chosen)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{len(chosen)} {new_columns.words} were made. The file is read into them.")
    return redirect(of)


@own_transactions
@require_POST
@page(write=Action.BRING_FILES)
def import_run(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Bring in for real what was looked at or tried, answer what an import asks, or try again what failed."""
    of = _allowed(request, uuid)
    if of.is_preview:
        return _with_choices(request, of, import_preview_file)
    try:
        if of.question:
            order = DateOrder(request.POST["date_order"]) if request.POST.get("date_order") else DateOrder.AUTO
            of = answer_question(
                of=of, by=request.user, confirm_new=bool(request.POST.get("confirm_new")), date_order=order
            )
        else:
            of = rerun_import(of=of, by=request.user)
    except ValueError:
        messages.error(request, f"date_order takes one of {', '.join(DateOrder.values)}.")
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(of)


@require_POST
@page(write=Action.BRING_FILES)
def import_discard(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Forget a file that was only looked at, or that waits for an answer."""
    of = _allowed(request, uuid)
    try:
        discard_preview(of=of)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(of)
    messages.success(request, f"{of.upload} was discarded. Nothing of it was written.")
    return redirect("csplatform:import_list")


@own_transactions
@require_POST
@page(write=Action.BRING_FILES)
def import_forget(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Forget what was once chosen for files with these headings, and look at this one without it."""
    of = _allowed(request, uuid)
    choices = PreviewChoices(mapping={}, date_order=DateOrder(of.date_order), strict=of.strict)
    try:
        with organization_scope(request.organization, write=True, touch=False):
            forget_mapping(request.organization, of.kind, of.header)
        of = change_preview(of=of, by=request.user, choices=choices)
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(of)


@own_transactions
@require_POST
@page(write=Action.BRING_FILES)
def import_undo(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Put back what an import overwrote, and remove what it made."""
    of = _allowed(request, uuid)
    try:
        of = undo_import(of=of, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(of)
    if of.undone_at is not None:
        messages.success(request, "The import was undone. Everything is as it was before it.")
    return redirect(of)


def _found(request: AuthenticatedRequest, uuid: UUID) -> Import:
    return get_object_or_404(request.organization.imports.for_list(), uuid=uuid)


def _allowed(request: AuthenticatedRequest, uuid: UUID) -> Import:
    """An import of a kind that the member may bring, also for a view that is in no scope."""
    with organization_scope(request.organization, write=False):
        of = _found(request, uuid)
    if not can(request.member, kind_named(of.kind).permission):
        raise PermissionDenied("Your role does not allow this kind of import.")
    return of


def _with_choices(request: AuthenticatedRequest, of: Import, act: Callable[..., Import]) -> HttpResponse:
    """Do something with a preview as it is filled in on the page."""
    form = PreviewForm(request.POST, of=of, kind=kind_named(of.kind))
    if not form.is_valid():
        sentences = [f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        messages.error(request, " ".join(sentences))
        return redirect(of)
    try:
        of = act(of=of, by=request.user, choices=form.choices())
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(of)


def _preview(of: Import) -> dict[str, Any]:
    """What the preview shows beside the report."""
    kind = kind_named(of.kind)
    remembered = recall_mapping(of.organization, of.kind, of.header) if of.mapping else None
    columns = of.preview.get("columns", [])
    failed = of.job.status == JobStatus.FAILED
    count = of.newcomers.get("count", 0)
    unread = of.preview.get("unread", [])
    return {
        "new_columns": kind.new_columns if unread else None,
        "new_form": NewColumnsForm(of=of, new_columns=kind.new_columns) if unread and kind.new_columns else None,
        "form": PreviewForm(of=of, kind=kind),
        "columns": columns,
        "not_read": [each["heading"] or "(no heading)" for each in columns if not each["column"]],
        "delimiter": DELIMITERS.get(of.preview.get("delimiter", ""), ""),
        "encoding": encoding_name(of.upload.encoding),
        "remembered": remembered if remembered and remembered.mapping == of.mapping else None,
        "problem": of.job.error if failed else "",
        "asks_dates": of.question == ImportQuestion.DATE_ORDER,
        "is_ready": of.is_done and not failed,
        "asks_new": count > settings.IMPORT_NEW_ACCOUNTS_ASKED and bool(of.newcomers.get("known")),
        "more_newcomers": max(0, count - len(of.newcomers.get("names", []))),
    }


def _may_make(request: AuthenticatedRequest, of: Import) -> dict[str, bool]:
    new_columns = kind_named(of.kind).new_columns
    return {"may_make": new_columns is not None and can(request.member, new_columns.permission)}


def encoding_name(codec: str) -> str:
    """What people call an encoding."""
    return ENCODINGS.get(codec, codec.upper())


def _brought(request: AuthenticatedRequest, form: ImportForm) -> Import | None:
    """The import that the form asks for, or None with the form saying why not."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    options = ImportOptions(
        kind=given["kind"],
        dry_run=True,
        is_preview=True,
        source=ImportSource.PAGE,
    )
    try:
        submitted = submit_import(member=request.member, filename=form.filename, blocks=form.blocks, options=options)
    except DomainError as error:
        add_refusal(form, error)
        return None
    return submitted.of


def _undo(of: Import, *, may_import: bool) -> dict[str, Any]:
    """Whether the import can be taken back, what that would do, and what became of it."""
    job = of.undo_job
    is_running = job is not None and not job.is_finished
    created = of.details.get("accounts_created", 0)
    units, accounts = kind_named(of.kind).units, f" and {counted(created, 'new account')}" if created else ""
    return {
        "can_undo": may_import
        and of.job.is_finished
        and of.undone_at is None
        and not is_running
        and of.before_images.exists(),
        "undo_url": reverse("csplatform:import_undo", args=[of.uuid]),
        "undo_text": f"{number(of.created)} new {units}{accounts} go; {number(of.updated)} others get back what they"
        f" had before. Possible for {KEPT.days} days, as long as nothing newer has touched them.",
        "undo_note": _undo_note(of),
        "undo_running": is_running,
    }


def _undo_note(of: Import) -> dict[str, str] | None:
    job = of.undo_job
    if job is None:
        return None
    by = job.asked_by.display_name if job.asked_by else "the system"
    if of.undone_at is not None:
        when = moment_text(of.undone_at, of.organization.zone)
        return {"tone": "info", "text": f"Undone on {when} by {by}. Everything is as it was before this import."}
    if job.is_finished:
        return {"tone": "warning", "text": job.error or "The undo was stopped; undo again to finish it."}
    return None


def _state(of: Import) -> tuple[str, str]:
    """How an import stands, in colour and in a word."""
    status = JobStatus(of.job.status)
    if of.undone_at is not None:
        return "gray", "Undone"
    if of.question and of.job.is_finished:
        return "warning", "Asks"
    if of.is_preview and status == JobStatus.SUCCEEDED:
        return "info", "Preview"
    return TONES[status], status.label


def _headline(of: Import) -> str:
    """The sentence a person reads first."""
    if not of.job.is_finished:
        return "The import is under way. You can leave this page; it goes on without you."
    if of.job.status != JobStatus.SUCCEEDED:
        return of.job.error or "The import was cancelled. What it had written by then stays."
    return of.job.message


def _facts(of: Import) -> list[tuple[str, Any]]:
    by = of.job.asked_by.display_name if of.job.asked_by else "The system"
    return [
        ("Brought by", f"{by}, {of.get_source_display().lower()}"),
        ("Encoding", encoding_name(of.upload.encoding)),
        ("Size", f"{max(1, round(of.upload.size / 1024)):,} KB"),
        ("Options", ", ".join(_options(of)) or "none"),
        ("Replaced in the file", counted(of.repeated, "row") if of.repeated else "no row"),
    ]


def _options(of: Import) -> list[str]:
    chosen = [("dry run", of.dry_run), ("all or nothing", of.strict), ("own mapping", bool(of.mapping))]
    return [label for label, is_on in chosen if is_on]
