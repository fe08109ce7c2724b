"""Running an import: check the whole file, then write it in pieces that a kill can fall between.

Every piece commits its rows, its counts and the position behind it together, and begins by taking the job's lease.
What is known only in memory is found out again, by reading the file once more, when an import is taken up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from django.db import connection

from csplatform.bulk import refresh_statistics
from csplatform.exceptions import DomainError
from csplatform.imports.columns import KnownTexts, Mask, Rows
from csplatform.imports.enums import DateOrder, ImportPhase
from csplatform.imports.progress import tell
from csplatform.imports.reading import Problem, Sheet, settle
from csplatform.imports.registry import ImportKind, Loader, Order, Step, Tally, kind_named
from csplatform.imports.report import report
from csplatform.imports.uploads import open_upload
from csplatform.imports.values import Locale
from csplatform.jobs import JobRun
from csplatform.models import Import, ImportBefore, ImportRowError
from csplatform.tenancy import organization_scope

PAUSE_SECONDS = 0.005
"""SQLite has one writer at a time: after each piece the pages get their turn."""
ERRORS_AT_ONCE = 2_000
ROWS_AT_ONCE = {"sqlite": 4_000, "postgresql": 20_000}
"""Rows in one transaction: 20 to 50 ms on SQLite, where a page's write waits for as long as that."""
MOST_NOTICES = 100
MANY_ROWS = 1_000
PROGRESS_EVERY_ROWS = 100_000
KEPT_BYTES = 8 * 1024 * 1024

ReadRows = tuple[Rows, list[Problem], int]
"""Rows that could be read, what is wrong with others, and how many there were together."""

PHASES = [
    ImportPhase.CHECKING,
    ImportPhase.PREPARING,
    ImportPhase.WRITING,
    ImportPhase.SETTLING,
    ImportPhase.CLOSING,
    ImportPhase.DONE,
]


class StrictImportRefused(DomainError):
    """Asked to write all or nothing, and a row was bad."""

    code = "strict_import_refused"
    status = 422


def run_import(run: JobRun) -> None:
    """Bring one file in, or go on where an earlier run was stopped."""
    with organization_scope(run.organization, write=False):
        of = Import.objects.select_related("upload", "job__asked_by", "organization").get(job=run.job)
    runner = ImportRunner(run, of, kind_named(of.kind))
    if not of.is_done:
        runner.work()
    run.finish({**report(of)}, message=summary(of))
    if of.is_refused:
        raise StrictImportRefused(
            f"Nothing was written: {of.rejected:,} of {of.rows:,} rows have errors, and the import is strict."
        )


def summary(of: Import) -> str:
    """What came of it, in a sentence."""
    if of.dry_run:
        start = f"Would create {of.created:,} and update {of.updated:,} rows"
    elif not of.created and not of.updated:
        start = "Nothing changed" if of.accepted else "No row was imported"
    else:
        start = f"Created {of.created:,} and updated {of.updated:,} rows"
    return f"{start}; {of.unchanged:,} unchanged, {of.rejected:,} rejected."


class ImportRunner:
    """One run over one file."""

    def __init__(self, run: JobRun, of: Import, kind: ImportKind) -> None:
        self.run = run
        self.of = of
        self.kind = kind
        self.sheet: Sheet = settle(
            lambda: open_upload(of.upload), is_known=kind.columns.is_known, encoding=of.upload.encoding
        )
        self._kept: list[ReadRows] = []
        self.places = kind.columns.places(self.sheet.header, of.mapping)
        self.header = {name: self.sheet.header[place] for name, place in self.places.items()}
        self.locale = Locale(
            today=of.today,
            zone=run.organization.zone,
            decimal_comma=self.sheet.has_decimal_comma,
            date_order=DateOrder(of.date_order),
        )
        self.loader: Loader = kind.loader(
            Order(
                organization=run.organization,
                by=run.job.asked_by,
                today=of.today,
                reason=f"Import of {of.upload.filename}",
                header=self.header,
            )
        )

    def work(self) -> None:
        """All that is left to do."""
        self._check()
        if self.of.dry_run:
            self._forecast()
            return
        if self._is_refused():
            self._reach(ImportPhase.DONE)
            return
        if self.of.phase == ImportPhase.PREPARING:
            self._take(self.loader.prepare(self.of.position), then=ImportPhase.WRITING)
        if self.of.phase == ImportPhase.WRITING:
            self._write()
        if self.of.phase == ImportPhase.SETTLING:
            self._take(self.loader.settle(self.of.position), then=ImportPhase.CLOSING)
        if self.of.phase == ImportPhase.CLOSING:
            with self._piece():
                self._count(self.loader.close())
                self._forget_what_did_not_change()
                self.of.phase, self.of.position = ImportPhase.DONE, 0

    def _forget_what_did_not_change(self) -> None:
        """Where nothing was written there is nothing to undo, only lists of what was looked at."""
        images = self.of.before_images
        if not images.filter(changes__gt=0).exists():
            images.all().delete()

    def _is_refused(self) -> bool:
        return self.of.strict and self.of.rejected > 0

    # -- the phases ---------------------------------------------------------------------------------

    def _check(self) -> None:
        """Show the whole file to the loader. The report is written the first time only."""
        is_first = self.of.phase == ImportPhase.CHECKING
        if is_first:
            self._begin()
        rows = rejected = 0
        waiting: list[Problem] = []
        for good, problems, lines in self._rows():
            rows += lines
            rejected += lines - len(good)
            if not is_first:
                continue
            waiting += problems
            if len(waiting) >= ERRORS_AT_ONCE:
                self._write_errors(waiting)
                waiting = []
            if rows // PROGRESS_EVERY_ROWS > (rows - lines) // PROGRESS_EVERY_ROWS:
                self.run.check()
                self.run.progress(done=rows, message=f"Checking rows: {rows:,} so far")
                tell("Checking rows", rows, 0)
        checked = self.loader.checked()
        if is_first:
            self._write_errors(waiting)
            with self._piece(done=0, total=rows, message=ImportPhase.PREPARING.label):
                self.of.rows, self.of.rejected = rows, rejected
                self.of.phase = ImportPhase.PREPARING
                if not self._is_refused():
                    self.of.repeated, self.of.details = checked.repeated, checked.details

    def _begin(self) -> None:
        """Start the report over: an earlier run may have been killed while it wrote errors."""
        with self.run.chunk(done=0, message="Checking rows", touch=False, advances=False):
            self.of.row_errors.all().delete()
            self.of.header = list(self.sheet.header)
            self.of.columns = {heading: name for name, heading in self.header.items()}
            self.of.save(update_fields=["header", "columns"])

    def _forecast(self) -> None:
        """Count what a real run would do."""
        total = Tally()
        for good, _, _ in self._rows():
            self.run.check()
            total.add(self.loader.forecast(good))
        with self._piece():
            self._count(total)
            self.of.phase = ImportPhase.DONE

    def _write(self) -> None:
        size = ROWS_AT_ONCE[connection.vendor]
        for good, _, _ in self._rows():
            for start in range(0, len(good), size):
                rows = good.keep(_slice(len(good), start, size) & (good.lines > self.of.position))
                if not len(rows):
                    continue
                self.run.check()
                write = self.loader.load(rows)
                last = int(rows.lines[-1])
                with self._piece(done=min(last, self.of.rows), total=self.of.rows, message="Writing rows"):
                    self._count(write())
                    self.of.position = last
        if self.of.created >= MANY_ROWS:
            refresh_statistics()
        self._reach(ImportPhase.SETTLING)

    def _take(self, steps: Iterator[Step], *, then: ImportPhase) -> None:
        for step in steps:
            self.run.check()
            work = step.ready()
            with self._piece(done=min(step.position, step.total), total=step.total, message=self.of.phase_label):
                self._count(work())
                self.of.position = step.position
        self._reach(then)

    # -- pieces -------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[Rows, list[Problem], int]]:
        """The file, piece by piece: rows that may be taken, what is wrong with others, and how many there were."""
        for rows, problems, lines in self._kept or self._read():
            taken, refused = self.loader.check(rows)
            named = [replace(each, column=self.header.get(each.column, each.column)) for each in refused]
            yield taken, sorted([*problems, *named], key=lambda problem: problem.line), lines

    def _read(self) -> Iterator[ReadRows]:
        """The same before the loader has seen it. A small file is parsed once, and kept for the second look."""
        known: KnownTexts = {}
        kept: list[ReadRows] = []
        for chunk in self.sheet.chunks(self.places):
            rows, problems = self.kind.columns.read(chunk, self.header, self.locale, known)
            read = rows, problems, len(chunk.lines) + len(chunk.problems)
            if self.of.upload.size <= KEPT_BYTES:
                kept.append(read)
            yield read
        self._kept = kept

    @contextmanager
    def _piece(
        self, *, done: int | None = None, total: int | None = None, message: str | None = None
    ) -> Iterator[None]:
        """One transaction: the lease, the work, and how far the import has come with it."""
        before = _state(self.of)
        try:
            with self.run.chunk(done=done, total=total, message=message):
                yield
                self.of.save(update_fields=list(before))
        except BaseException:
            for name, value in before.items():
                setattr(self.of, name, value)
            raise
        if done is not None and message:
            tell(message, done, total or 0)
        if connection.vendor == "sqlite":
            time.sleep(PAUSE_SECONDS)

    def _reach(self, phase: ImportPhase) -> None:
        with self._piece(message=phase.label):
            self.of.phase, self.of.position = phase, 0

    def _count(self, tally: Tally) -> None:
        self.of.created += tally.rows.created
        self.of.updated += tally.rows.updated
        self.of.unchanged += tally.rows.unchanged
        details = dict(self.of.details)
        for name, count in tally.details.items():
            details[name] = details.get(name, 0) + count
        self.of.details = details
        self.of.notices = [*self.of.notices, *tally.notices][:MOST_NOTICES]
        ImportBefore.objects.bulk_create(
            ImportBefore(
                organization=self.run.organization,
                file_import=self.of,
                part=each.part,
                written_at=each.written_at,
                changes=each.changes,
                content=each.content,
            )
            for each in tally.before
        )

    def _write_errors(self, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        with self.run.chunk(touch=False, advances=False):
            ImportRowError.objects.bulk_create(
                [
                    ImportRowError(
                        organization=self.run.organization,
                        file_import=self.of,
                        row=problem.line,
                        column=problem.column[:120],
                        value=_storable(problem.value)[:200],
                        reason=problem.reason[:300],
                        cells=[_storable(cell) for cell in problem.cells],
                    )
                    for problem in problems
                ],
                batch_size=500,
            )


def _slice(length: int, start: int, size: int) -> Mask:
    mask = np.zeros(length, dtype=bool)
    mask[start : start + size] = True
    return mask


def _state(of: Import) -> dict[str, object]:
    names = (
        "phase",
        "position",
        "rows",
        "rejected",
        "repeated",
        "created",
        "updated",
        "unchanged",
        "details",
        "notices",
    )
    return {name: getattr(of, name) for name in names}


def _storable(text: str) -> str:
    """Without the one character that PostgreSQL does not store."""
    return text.replace("\x00", "\ufffd")
