"""Imports of files: what was asked, how far it has come, and what was wrong with which row."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from csplatform.imports.enums import DateOrder, ImportPhase, ImportQuestion, ImportSource
from csplatform.imports.querysets import ImportQuerySet


class Import(models.Model):
    """One file brought in by one person. Its job does the work; this row holds the report.

    The counts and the position are committed with the rows they speak of, so a killed import that is taken up
    again neither writes nor counts anything twice.
    """

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="imports")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="file_import")
    upload = models.ForeignKey("csplatform.Upload", on_delete=models.PROTECT, related_name="imports")
    source = models.CharField(max_length=10, choices=ImportSource, default=ImportSource.PAGE)
    mapping = models.JSONField(default=dict, blank=True)
    """Column of the file to column of ours, where their names do not say it; to null, to leave it out."""
    date_order = models.CharField(max_length=4, choices=DateOrder, default=DateOrder.AUTO)
    dry_run = models.BooleanField(default=False)
    is_preview = models.BooleanField(default=False)
    """A dry run of the page's that waits to be imported, with other columns perhaps."""
    strict = models.BooleanField(default=False)
    confirm_new = models.BooleanField(default=False)
    """Somebody has agreed that the file makes as many accounts as it does."""
    asks = models.BooleanField(default=True)
    """Whoever brought it can be asked; a client of the fixed upload route cannot."""
    question = models.CharField(max_length=20, choices=ImportQuestion, blank=True)
    """What it stopped to ask before it wrote anything."""
    today = models.DateField()
    """The organisation's day when it was asked for: an import that runs past midnight keeps it."""

    phase = models.CharField(max_length=10, choices=ImportPhase, default=ImportPhase.CHECKING)
    position = models.BigIntegerField(default=0)
    """How far the phase has committed, in its own unit."""
    columns = models.JSONField(default=dict, blank=True)
    """Heading in the file to our column, for the ones that are used."""
    header = models.JSONField(default=list, blank=True)
    preview = models.JSONField(default=dict, blank=True)
    """Of a dry run: what was found in the file, as `csplatform.imports.preview` writes it."""
    newcomers = models.JSONField(default=dict, blank=True)
    """The accounts that it would make, as `csplatform.imports.registry.Newcomers` says it."""
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    """Accepted rows that a later row of the same file replaced."""
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    details = models.JSONField(default=dict, blank=True)
    """Counts of the kind's own, such as accounts created."""
    notices = models.JSONField(default=list, blank=True)
    """Sentences about what the import decided by itself."""
    created_at = models.DateTimeField(auto_now_add=True)
    undo_job = models.OneToOneField(
        "csplatform.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_import"
    )
    """The latest try to take it back."""
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="import_recent")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.upload}"

    def get_absolute_url(self) -> str:
        return reverse("csplatform:import_detail", args=[self.uuid])

    @property
    def accepted(self) -> int:
        return self.rows - self.rejected

    @property
    def phase_label(self) -> str:
        return ImportPhase(self.phase).label

    @property
    def is_done(self) -> bool:
        return self.phase == ImportPhase.DONE

    @property
    def is_refused(self) -> bool:
        """Strict, and a row was bad: nothing was written."""
        return self.is_done and self.strict and self.rejected > 0


class ImportBefore(models.Model):
    """What a piece of an import overwrote, so that it can be undone; gone after thirty days.

    Written in the transaction of the piece, deleted in the one that restores it: the images that are there are
    what is left to undo.
    """

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    file_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="before_images")
    part = models.CharField(max_length=20)
    """What it is about, in the kind's own words."""
    written_at = models.DateTimeField()
    """The `updated_at` that the piece gave to its rows; a row that has another one was touched since."""
    changes = models.PositiveIntegerField(default=0)
    """Rows that it would put back."""
    content = models.BinaryField()
    """Packed by `csplatform.imports.before`."""

    class Meta:
        ordering = ["file_import", "pk"]
        indexes = [models.Index(fields=["organization", "written_at"], name="import_before_written")]

    def __str__(self) -> str:
        return f"{self.file_import}: {self.part} before {self.written_at:%Y-%m-%d %H:%M}"


class ImportMapping(models.Model):
    """Which column of ours each heading of a file means, as somebody once chose; offered for the next such file."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="import_mappings"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    headings = models.CharField(max_length=64)
    """A hash of the set of headings."""
    mapping = models.JSONField(default=dict)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "headings"], name="import_mapping_once_per_headings"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.mapping)}"


class ImportRowError(models.Model):
    """A cell, or a row, that was refused and why, in the words of whoever wrote the file."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    file_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="row_errors")
    row = models.PositiveIntegerField()
    """The line of the file; the heading is line 1."""
    column = models.CharField(max_length=120, blank=True)
    """As the file calls it; empty when it is about the whole row."""
    value = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300)
    cells = models.JSONField(default=list)
    """The row as it stood in the file, so that it can be corrected and sent again."""

    class Meta:
        ordering = ["file_import", "row", "pk"]

    def __str__(self) -> str:
        where = f"Line {self.row}, {self.column}" if self.column else f"Line {self.row}"
        return f"{where}: “{self.value}” {self.reason}" if self.value else f"{where}: {self.reason}"
