"""Undoing an import: nothing is put back before everything has been found as the import left it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.registry import Order, Undo, kind_named
from csplatform.jobs import JobRun
from csplatform.models import Import, ImportBefore, Organization
from csplatform.periods import today
from csplatform.tenancy import organization_scope

KEPT = timedelta(days=30)
"""How long imports can be undone."""
MESSAGE = "Putting back what was there before"


def run_undo(run: JobRun) -> None:
    """Take one import back, or go on where an earlier run was stopped: an image that is restored is gone."""
    organization = run.organization
    with organization_scope(organization, write=False):
        of = Import.objects.select_related("upload").get(undo_job=run.job)
        left = list(of.before_images.order_by("-pk").values_list("pk", flat=True))
    undo = _undo(run, of)
    total = run.offset + len(left)
    if not run.offset:
        for number, key in enumerate(left):
            _check(run, undo, key)
            if number % 20 == 0:
                run.check()
                run.progress(done=0, total=total, message="Looking for newer changes")
    for key in left:
        run.check()
        with run.chunk(offset=run.offset + 1, done=run.offset + 1, total=total, message=MESSAGE):
            image = ImportBefore.objects.get(pk=key, organization=organization)
            undo.restore(image)
            image.delete()
    with run.chunk():
        of.undone_at = timezone.now()
        of.save(update_fields=["undone_at"])
    run.finish({"import_id": str(of.uuid)}, message=f"The import of {of.upload} was undone.")


def _undo(run: JobRun, of: Import) -> Undo:
    make = kind_named(of.kind).undo
    if make is None:
        raise UndoRefused("Imports of this kind can't be undone.")
    return make(
        Order(
            organization=run.organization,
            by=run.job.asked_by,
            today=today(run.organization),
            reason=f"Undo of the import of {of.upload.filename}",
            header={},
        )
    )


def _check(run: JobRun, undo: Undo, key: int) -> None:
    with organization_scope(run.organization, write=False):
        touched = undo.check(ImportBefore.objects.get(pk=key, organization=run.organization))
    if touched:
        raise UndoRefused(touched)


def remove_old_images(organization: Organization, *, now: datetime) -> int:
    """Forget what imports overwrote that ended more than thirty days ago."""
    images = ImportBefore.objects.filter(
        organization=organization, file_import__job__finished_at__lt=now - KEPT
    ).exclude(file_import__undo_job__status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    return images.delete()[0]
