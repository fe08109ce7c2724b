"""Starting imports, and running them at once where the file is small."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from csplatform.exceptions import DomainError, InvalidInput
from csplatform.idempotency import HEADER, MAX_LENGTH
from csplatform.imports.columns import heading_key
from csplatform.imports.dates import AmbiguousDates, date_evidence
from csplatform.imports.enums import DateOrder, ImportSource
from csplatform.imports.mappings import recall_mapping, remember_mapping
from csplatform.imports.reading import Sheet, settle
from csplatform.imports.registry import ImportKind, kind_named
from csplatform.imports.undoing import KEPT
from csplatform.imports.unread import Guess
from csplatform.imports.uploads import forget_upload, open_upload, store_upload
from csplatform.jobs import enqueue, run_now
from csplatform.models import Import, Job, Membership, Organization, Upload, User
from csplatform.models.upload import PART_SIZE
from csplatform.periods import today
from csplatform.tenancy import organization_scope

JOB_KIND = LANE = "import"
UNDO_KIND = "undo_import"
REPORTED = (
    "phase", "position", "columns", "rows", "rejected", "repeated", "created", "updated", "unchanged", "details",
    "notices", "newcomers", "question",
)  # fmt: skip
"""What a run finds out; empty before it begins."""
PATIENCE_SECONDS = 25.0
"""How long a caller waits, for the import before theirs and for their own, before they are told to come back."""
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What whoever brings a file may choose."""

    kind: str = "metrics"
    mapping: dict[str, str | None] = field(default_factory=dict)
    dry_run: bool = False
    strict: bool = False
    date_order: DateOrder = DateOrder.AUTO
    confirm_new: bool = False
    asks: bool = True
    """False for an entrance whose client could not answer a question."""
    is_preview: bool = False
    """A dry run that the page offers to import afterwards; its columns may have to be put right first."""
    source: ImportSource = ImportSource.PAGE


def start_import(
    *,
    organization: Organization,
    by: User | None,
    filename: str,
    blocks: Iterable[bytes],
    options: ImportOptions,
    idempotency_key: str = "",
    fingerprint: str = "",
) -> Import:
    """Keep the file and write down the import and its job. The caller is in no scope: a file arrives in pieces.

    Refuses at once, keeping nothing, what is not a file of this kind: wrong type, encoding, heading or mapping.
    """
    kind = kind_named(options.kind)
    upload = store_upload(organization=organization, filename=filename, blocks=blocks, by=by)
    try:
        columns = kind.columns_of(organization)
        sheet = settle(lambda: open_upload(upload), is_known=columns.is_known, encoding=upload.encoding)
        if options.is_preview:
            options = replace(options, mapping=_remembered(organization, kind, sheet.header))
        else:
            dates = columns.dates(columns.places(sheet.header, options.mapping))
            options = replace(options, date_order=_date_order(organization, sheet, dates, upload, options))
        with organization_scope(organization, write=True, touch=False):
            return _write_down(
                organization=organization,
                by=by,
                upload=upload,
                options=options,
                idempotency_key=idempotency_key,
                fingerprint=fingerprint,
            )
    except BaseException:
        forget_upload(upload)
        raise


def _remembered(organization: Organization, kind: ImportKind, header: Sequence[str]) -> dict[str, str | None]:
    with organization_scope(organization, write=False):
        known = recall_mapping(organization, kind.name, header)
    return dict(known.mapping) if known else {}


def _date_order(
    organization: Organization,
    sheet: Sheet,
    dates: Mapping[str, int],
    upload: Upload,
    options: ImportOptions,
) -> DateOrder:
    """How the file's dates are read, where its first rows or a short file say it at once; refuses to guess."""
    if options.date_order != DateOrder.AUTO:
        return options.date_order
    evidence = date_evidence(sheet, dates, pieces=1)
    if not evidence.is_ambiguous or not is_small(upload):
        return DateOrder.AUTO  # found out when the whole file is read, if it matters at all
    evidence = date_evidence(sheet, dates)
    if evidence.is_ambiguous and options.asks and not organization.import_date_order:
        raise AmbiguousDates(evidence.either)
    return DateOrder.AUTO


def _write_down(
    *,
    organization: Organization,
    by: User | None,
    upload: Upload,
    options: ImportOptions,
    idempotency_key: str = "",
    fingerprint: str = "",
) -> Import:
    """The import and its job, in the caller's transaction."""
    job = enqueue(
        organization,
        JOB_KIND,
        {"kind": options.kind, "filename": upload.filename, "fingerprint": fingerprint},
        by=by,
        lane=LANE,
        idempotency_key=idempotency_key,
    )
    return Import.objects.create(
        organization=organization,
        kind=options.kind,
        job=job,
        upload=upload,
        source=options.source,
        mapping=options.mapping,
        date_order=options.date_order,
        dry_run=options.dry_run,
        is_preview=options.is_preview,
        strict=options.strict,
        confirm_new=options.confirm_new,
        asks=options.asks,
        today=today(organization),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """An import, and whether it is the one that an earlier request with the same key has started."""

    of: Import
    is_replay: bool = False


def submit_import(
    *,
    member: Membership,
    filename: str,
    blocks: Callable[[], Iterable[bytes]],
    options: ImportOptions,
    key: str = "",
    fingerprint: str = "",
    respond_async: bool = False,
) -> Submitted:
    """Start an import for a member, and run it at once where it is small and the caller would wait.

    The same `key` again starts nothing: the caller gets the first import, running or done. The key lies on the
    import's job, which is written before the work begins.
    """
    if len(key) > MAX_LENGTH:
        raise InvalidInput(f"{HEADER} takes at most {MAX_LENGTH} characters.")
    stored_key = hashlib.sha256(f"{member.pk}:{key}".encode()).hexdigest() if key else ""
    earlier = _earlier(member.organization, stored_key, fingerprint)
    if earlier is None:
        try:
            of = start_import(
                organization=member.organization,
                by=member.user,
                filename=filename,
                blocks=blocks(),
                options=options,
                idempotency_key=stored_key,
                fingerprint=fingerprint,
            )
        except IntegrityError:  # a request with the same key was a moment faster
            earlier = _earlier(member.organization, stored_key, fingerprint)
            if earlier is None:
                raise
    if earlier is not None:
        return Submitted(of=earlier if respond_async else await_import(earlier), is_replay=True)
    if respond_async or not is_small(of.upload):
        return Submitted(of=stored_import(of))
    return Submitted(of=run_import_now(of))


class ContentGone(DomainError):
    """The file of an old import is no longer kept."""

    code = "import_content_gone"
    message = "The file is no longer kept; upload it again."


def rerun_import(*, of: Import, by: User) -> Import:
    """Bring in for real the file of a dry run, or once more that of an import that failed."""
    organization = of.organization
    with organization_scope(organization, write=True, touch=False):
        if not of.upload.parts.exists():
            raise ContentGone
        again = _write_down(
            organization=organization,
            by=by,
            upload=of.upload,
            options=ImportOptions(
                kind=of.kind,
                mapping=of.mapping,
                strict=of.strict,
                date_order=DateOrder(of.date_order),
                source=ImportSource.PAGE,
            ),
        )
    return _run_if_small(again)


class StillRunning(DomainError):
    """The import is being worked on."""

    code = "import_still_running"
    message = "The file is still being looked at. Wait for it, or stop it first."


class AlreadyImported(DomainError):
    """Somebody was faster."""

    code = "already_imported"
    message = "This file has been imported meanwhile."


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewChoices:
    """What can be put right on the page of a preview."""

    mapping: dict[str, str | None]
    date_order: DateOrder
    strict: bool


def change_preview(*, of: Import, by: User, choices: PreviewChoices) -> Import:
    """Look at a file again with other columns, or dates read otherwise. The caller is in no scope."""
    return _restart(of, by, lambda each: each.is_preview, **_fields(choices))


def make_columns(*, of: Import, by: User, chosen: Collection[Guess]) -> Import:
    """Make columns of ours of what a previewed file holds besides, and look at the file again with them.

    The caller is in no scope. The columns stay when the file is discarded or its import undone.
    """
    new_columns = kind_named(of.kind).new_columns
    if new_columns is None or not of.is_preview:
        raise AlreadyImported("Only a preview of a file can make columns of what it holds.")
    with organization_scope(of.organization, write=True, touch=False):
        new_columns.make(of.organization, by, chosen)
    made = {heading_key(guess["heading"]) for guess in chosen}
    mapping = {heading: name for heading, name in of.mapping.items() if name or heading_key(heading) not in made}
    choices = PreviewChoices(mapping=mapping, date_order=DateOrder(of.date_order), strict=of.strict)
    return change_preview(of=of, by=by, choices=choices)


def import_preview(*, of: Import, by: User, choices: PreviewChoices) -> Import:
    """Bring in what was looked at. Who has seen how many accounts are new has agreed to them.

    What was chosen by hand is remembered for the next file with the same headings.
    """
    with organization_scope(of.organization, write=True, touch=False):
        remember_mapping(of.organization, of.kind, of.header, choices.mapping, by=by)
    fields = _fields(choices) | {"dry_run": False, "is_preview": False, "confirm_new": True}
    return _restart(of, by, lambda each: each.is_preview, **fields)


def answer_question(
    *, of: Import, by: User, confirm_new: bool = False, date_order: DateOrder = DateOrder.AUTO
) -> Import:
    """Let an import go on that has stopped to ask. It begins anew: it had written nothing."""
    fields: dict[str, Any] = {"confirm_new": confirm_new or of.confirm_new}
    if date_order != DateOrder.AUTO:
        fields["date_order"] = date_order
    return _restart(of, by, lambda each: bool(each.question), **fields)


def discard_preview(*, of: Import) -> None:
    """Forget a file that was only looked at, in the caller's transaction."""
    of = of.organization.imports.select_for_update(of=("self",), no_key=True).for_list().get(pk=of.pk)
    if not (of.is_preview or of.question):
        raise AlreadyImported
    if not of.job.is_finished:
        raise StillRunning
    upload = of.upload
    of.job.delete()  # and with it the import, and the place of its idempotency key
    if not upload.imports.exists():
        upload.delete()


def _fields(choices: PreviewChoices) -> dict[str, Any]:
    return {"mapping": choices.mapping, "date_order": choices.date_order, "strict": choices.strict}


def _restart(of: Import, by: User, is_possible: Callable[[Import], bool], **fields: Any) -> Import:
    """The same import from its beginning with a job of its own, at once where the file is small."""
    organization = of.organization
    with organization_scope(organization, write=True, touch=False):
        of = organization.imports.select_for_update(of=("self",), no_key=True).for_list().get(pk=of.pk)
        if not is_possible(of):
            raise AlreadyImported
        if not of.job.is_finished:
            raise StillRunning
        if not of.upload.parts.exists():
            raise ContentGone
        of.row_errors.all().delete()
        blank = Import()
        fresh: dict[str, Any] = {name: getattr(blank, name) for name in REPORTED}
        fresh["job"] = enqueue(
            organization, JOB_KIND, {"kind": of.kind, "filename": of.upload.filename}, by=by, lane=LANE
        )
        for name, value in (fresh | fields).items():
            setattr(of, name, value)
        of.save()
    return _run_if_small(of)


def _run_if_small(of: Import) -> Import:
    return run_import_now(of) if is_small(of.upload) else stored_import(of)


class NothingToUndo(DomainError):
    """There is no import to take back, or it is too late."""

    code = "nothing_to_undo"


class UndoFailed(DomainError):
    """The undo has ended without success; its job says why."""

    code = "undo_failed"


def undo_import(*, of: Import, by: User, respond_async: bool = False) -> Import:
    """Put back what an import overwrote and remove what it made, as a job; at once where it is small.

    The caller is in no scope. Refuses when anything newer has touched one of its rows.
    """
    organization = of.organization
    with organization_scope(organization, write=True, touch=False):
        of = organization.imports.select_for_update(of=("self",), no_key=True).for_list().get(pk=of.pk)
        if of.undo_job is None or of.undo_job.is_finished:
            _refuse_undo(of)
            of.undo_job = enqueue(organization, UNDO_KIND, {"filename": of.upload.filename}, by=by, lane=LANE)
            of.save(update_fields=["undo_job"])
    if respond_async or of.rows > settings.JOB_INLINE_LIMIT:
        return stored_import(of)
    _run_patiently(of.undo_job)
    return stored_import(of)


def _refuse_undo(of: Import) -> None:
    if of.undone_at is not None:
        raise NothingToUndo("This import has already been undone.")
    if of.dry_run:
        raise NothingToUndo("A dry run has written nothing, so there is nothing to undo.")
    if not of.job.is_finished:
        raise NothingToUndo("The import is still running. Stop it, or wait for its end.")
    if kind_named(of.kind).undo is None:
        raise NothingToUndo("Imports of this kind can't be undone.")
    if not of.before_images.exists():
        raise NothingToUndo(
            "This import changed nothing, so there is nothing to undo."
            if of.job.finished_at and of.job.finished_at > timezone.now() - KEPT
            else f"Imports can be undone for {KEPT.days} days; this one is older."
        )


def _earlier(organization: Organization, stored_key: str, fingerprint: str) -> Import | None:
    if not stored_key:
        return None
    with organization_scope(organization, write=False):
        of = organization.imports.for_list().filter(job__idempotency_key=stored_key).first()
    if of is not None and of.job.payload.get("fingerprint") != fingerprint:
        raise KeyReused
    return of


class KeyReused(DomainError):
    """The key of an earlier import came with another file or other options."""

    code = "idempotency_key_reused"
    message = f"This {HEADER} was used with another body."


def await_import(of: Import) -> Import:
    """Wait a while for an import that another process runs."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not of.job.is_finished and time.monotonic() < give_up:
        time.sleep(POLL_SECONDS)
        of = stored_import(of)
    return of


def run_import_now(of: Import) -> Import:
    """Run an import in this process, waiting a while for the one before it; returns it as it then stands."""
    _run_patiently(of.job)
    return stored_import(of)


def _run_patiently(job: Job) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    job = run_now(job)
    while not job.is_finished and time.monotonic() < give_up:
        time.sleep(POLL_SECONDS)
        job = run_now(job)


def stored_import(of: Import) -> Import:
    """The import as stored now, with its job."""
    with organization_scope(of.organization, write=False):
        return of.organization.imports.for_list().get(pk=of.pk)


def is_small(upload: Upload) -> bool:
    """Whether the file is short enough to be brought in while its sender waits; judged by its first lines."""
    with open_upload(upload) as file:
        head = file.read(PART_SIZE)
    lines = max(head.count(b"\n"), head.count(b"\r"), 1)
    return upload.size * lines <= settings.JOB_INLINE_LIMIT * len(head)
