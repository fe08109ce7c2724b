"""Everything of an organisation in one archive: a CSV for each of its tables, made by a job, gone after a while."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any

from django.db import models
from django.utils import timezone

from csplatform.enums import ExportFormat
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, cell_text
from csplatform.imports.uploads import open_upload
from csplatform.jobs import JobRun, enqueue
from csplatform.models import ExportRecord, Membership, OrganizationExport, Upload, UploadPart, User
from csplatform.models.upload import PART_SIZE
from csplatform.periods import today
from csplatform.services.notification import notify
from csplatform.tenancy import organization_scope, tenant_models

JOB_KIND = "export_organization"
KEPT = timedelta(days=7)
LEFT_OUT = frozenset({"csplatform.UploadPart", "csplatform.IdempotencyKey", "csplatform.SavedViewPin"})
"""Machinery without a fact of the organisation's in it."""
SECRET_WORDS = ("secret", "token", "hash", "password")


class ExportExpired(DomainError):
    code = "export_expired"
    status = 404
    message = "This archive is no longer kept. Ask for a new one."


def start_full_export(*, member: Membership) -> OrganizationExport:
    """Ask for the archive; one at a time."""
    organization = member.organization
    job = enqueue(organization, JOB_KIND, by=member.user, lane=JOB_KIND)
    return OrganizationExport.objects.create(organization=organization, job=job, by=member.user)


def run_full_export(run: JobRun) -> None:
    """The job: a table at a time, each as it stood when its turn came. A killed run starts anew."""
    organization = run.organization
    with organization_scope(organization, write=False):
        export = OrganizationExport.objects.select_related("by").get(job=run.job)
    exported = exported_models()
    rows = 0
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for at, model in enumerate(exported, start=1):
                run.check()
                with (
                    organization_scope(organization, write=False),
                    archive.open(f"{model._meta.db_table}.csv", "w", force_zip64=True) as entry,
                ):
                    rows += _write_table(model, organization.pk, entry)
                run.progress(done=at, total=len(exported), message=f"{model._meta.verbose_name_plural}"[:200])
            with organization_scope(organization, write=False), archive.open("people.csv", "w") as entry:
                _write_people(organization.pk, entry)
        file.seek(0)
        upload = _keep(export, file)
    with run.chunk(touch=False):
        export.upload, export.tables, export.rows = upload, len(exported), rows
        export.expires_at = timezone.now() + KEPT
        export.save(update_fields=["upload", "tables", "rows", "expires_at"])
        if export.by is not None:
            notify(
                organization=organization,
                to=[export.by],
                kind="export_ready",
                title="The export of everything is ready",
                text="It is kept for seven days.",
                url="/dashboard/settings/data",
            )
    run.finish({"tables": len(exported), "rows": rows})


def exported_models() -> list[type[models.Model]]:
    """Every table with rows of an organisation, history among them; new ones come along by themselves."""
    found = [model for model in tenant_models() if model._meta.label not in LEFT_OUT]
    return sorted(found, key=lambda model: model._meta.db_table)


def exported_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """All columns but bytes and what opens doors."""
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.BinaryField) and not any(word in field.name for word in SECRET_WORDS)
    ]


def blocks_of(export: OrganizationExport, *, by: User) -> Iterator[bytes]:
    """The archive's bytes for a download, which is written down like every other."""
    organization = export.organization
    if export.upload is None or export.expires_at is None or export.expires_at < timezone.now():
        raise ExportExpired
    with organization_scope(organization, write=True, touch=False):
        record = ExportRecord.objects.create(
            organization=organization,
            by=by,
            what="everything",
            filename=export.upload.filename,
            format=ExportFormat.ZIP,
            rows=export.rows,
        )
    reader = open_upload(export.upload)
    while block := reader.read(PART_SIZE):
        yield block
    with organization_scope(organization, write=True, touch=False):
        ExportRecord.objects.filter(pk=record.pk).update(is_complete=True, finished_at=timezone.now())


def _write_table(model: type[models.Model], organization_id: int, entry: IO[bytes]) -> int:
    fields = exported_fields(model)
    writer, count = _Writer(entry), 0
    writer.writerow([field.attname for field in fields])
    names = [field.attname for field in fields]
    rows = model._base_manager.filter(organization_id=organization_id).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=2_000):
        writer.writerow([cell_text(_cell(value)) for value in row])
        count += 1
    writer.flush()
    return count


def _write_people(organization_id: int, entry: IO[bytes]) -> None:
    """Whom the numbers in the other tables' user columns mean."""
    writer = _Writer(entry)
    writer.writerow(["user_id", "name", "email", "role", "is_active"])
    members = Membership.objects.filter(organization_id=organization_id).select_related("user").order_by("pk")
    for member in members:
        cells: list[Cell] = [member.user_id, member.user.name, member.user.email, member.role, member.is_active]
        writer.writerow([cell_text(cell) for cell in cells])
    writer.flush()


class _Writer:
    """A CSV writer over bytes."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(entry, encoding="utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text)

    def writerow(self, row: list[str]) -> None:
        self._csv.writerow(row)

    def flush(self) -> None:
        self._text.flush()
        self._text.detach()


def _cell(value: Any) -> Cell:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value if value is None or isinstance(value, Cell) else str(value)


def _keep(export: OrganizationExport, file: IO[bytes]) -> Upload:
    """The file in the database, a part a transaction: web and workers share no disk."""
    organization = export.organization
    name = f"{organization.slug}-{today(organization).isoformat()}.zip"
    with organization_scope(organization, write=True, touch=False):
        upload = Upload.objects.create(organization=organization, filename=name, uploaded_by=export.by)
    number = 0
    while part := file.read(PART_SIZE):
        with organization_scope(organization, write=True, touch=False):
            UploadPart.objects.create(organization=organization, upload=upload, number=number, content=part)
        number, upload.size = number + 1, upload.size + len(part)
    with organization_scope(organization, write=True, touch=False):
        upload.save(update_fields=["size"])
    return upload
