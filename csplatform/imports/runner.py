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
from django.conf import settings
from django.db import connection

from csplatform.bulk import refresh_statistics
from csplatform.exceptions import DomainError
from csplatform.imports.columns import ColumnSet, KnownTexts, Mask, Rows
from csplatform.imports.dates import AmbiguousDates, date_evidence
from csplatform.imports.enums import DateOrder, ImportPhase, ImportQuestion
from csplatform.imports.preview import newcomers_record, preview_of
from csplatform.imports.progress import tell
from csplatform.imports.reading import BLOCK, Problem, Sheet, settle
from csplatform.imports.registry import Checked, HearsOfBadRows, ImportKind, Loader, Order, Step, Tally, kind_named
from csplatform.imports.report import report
from csplatform.imports.unread import guesses
from csplatform.imports.uploads import open_upload
from csplatform.imports.values import Locale, UndecidedDates
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
PROGRESS_EVERY_ROWS = 50_000
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

SHARES = {
    ImportPhase.CHECKING: 0.25,
    ImportPhase.PREPARING: 0.1,
    ImportPhase.WRITING: 0.5,
    ImportPhase.SETTLING: 0.15,
}
"""What part of the time each phase takes, roughly: a first import of a year of metrics, on both databases."""
DRY_SHARES = {ImportPhase.CHECKING: 0.5, ImportPhase.WRITING: 0.5}


class NewAccountsInQuestion(DomainError):
    """The file would make more accounts than it may without asking."""

    code = "new_accounts_in_question"

    def __init__(self, of: Import) -> None:
        count = of.newcomers["count"]
        examples = " and ".join(of.newcomers["names"][:2])
        sentence = (
            f"the file would create {count:,} accounts that are not known yet, such as {examples}."
            " Nothing was written. Send it again with confirm_new=true to create them."
        )
        super().__init__(f"confirm_new: {sentence}", errors={"confirm_new": [sentence]})


class StrictImportRefused(DomainError):
    """Asked to write all or nothing, and a row was bad."""

    code = "strict_import_refused"
    status = 422


def run_import(run: JobRun) -> None:
    """Bring one file in, or go on where an earlier run was stopped."""
    with organization_scope(run.organization, write=False):
        of = Import.objects.select_related("upload", "job__asked_by", "organization").get(job=run.job)
    kind = kind_named(of.kind)
    columns = kind.columns_of(run.organization)
    if of.dry_run and not of.is_done:
        _preview(run, of, kind, columns)
    runner = ImportRunner(run, of, kind, columns)
    if not of.is_done:
        runner.work()
    run.finish({**report(of)}, message=summary(of))
    if of.question == ImportQuestion.NEW_ACCOUNTS:
        raise NewAccountsInQuestion(of)
    if of.is_refused:
        raise StrictImportRefused(
            f"Nothing was written: {of.rejected:,} of {of.rows:,} rows have errors, and the import is strict."
        )


def _preview(run: JobRun, of: Import, kind: ImportKind, columns: ColumnSet) -> None:
    """Show how the file begins before anything else can go wrong: its columns may be what has to be put right."""
    sheet = _sheet(of, columns)
    of.preview = dict(preview_of(sheet, columns, of.mapping))
    if kind.new_columns is not None:
        read = [each["heading"] for each in of.preview["columns"] if each["column"]]
        of.preview["unread"] = guesses(sheet, read, kind.new_columns, organization=run.organization, today=of.today)
    of.header = list(sheet.header)
    with run.chunk(done=0, message="Looking at the file", touch=False, advances=False):
        of.save(update_fields=["preview", "header"])


def _sheet(of: Import, columns: ColumnSet) -> Sheet:
    return settle(lambda: open_upload(of.upload), is_known=columns.is_known, encoding=of.upload.encoding)


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

    def __init__(self, run: JobRun, of: Import, kind: ImportKind, columns: ColumnSet) -> None:
        self.run = run
        self.of = of
        self.kind = kind
        self.columns = columns
        self.sheet = _sheet(of, columns)
        self._kept: list[ReadRows]
        self._blocks_read: int
        self.places = columns.places(self.sheet.header, of.mapping)
        self.header = {name: self.sheet.header[place] for name, place in self.places.items()}
        self._start_over()

    def _start_over(self, *, date_refusal: str = "") -> None:
        """A loader that has seen nothing yet, and dates read as the import says by now."""
        self._kept = []
        self._blocks_read = 0
        self.locale = Locale(
            today=self.of.today,
            zone=self.run.organization.zone,
            decimal_comma=self.sheet.has_decimal_comma,
            date_order=DateOrder(self.of.date_order),
        )
        if date_refusal:
            self.locale = replace(self.locale, date_refusal=date_refusal)
        self.loader: Loader = self.kind.loader(
            Order(
                organization=self.run.organization,
                by=self.run.job.asked_by,
                today=self.of.today,
                reason=f"Import of {self.of.upload.filename}",
                header=self.header,
                places=self.places,
            )
        )

    def work(self) -> None:
        """All that is left to do."""
        try:
            self._check()
        except UndecidedDates:
            self._decide_dates()
            self._check()
        if self.of.dry_run:
            self._forecast()
            return
        if self.of.question:
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
                total = self._estimated(rows)
                done = self._done(ImportPhase.CHECKING, rows / total, total)
                self.run.progress(done=done, total=total, message=f"Checking rows: {rows:,} so far")
                tell("Checking rows", rows, 0)
        checked = self.loader.checked()
        late = [replace(each, column=self.header.get(each.column, each.column)) for each in checked.problems]
        if is_first:
            waiting += sorted(late, key=lambda problem: problem.line)
            rejected += len({problem.line for problem in late})
            self._write_errors(waiting)
            done = self._done(ImportPhase.CHECKING, 1, rows)
            with self._piece(done=done, total=rows, message=ImportPhase.PREPARING.label):
                self.of.rows, self.of.rejected = rows, rejected
                self.of.phase = ImportPhase.PREPARING
                if not self._is_refused():
                    self.of.repeated, self.of.details = checked.repeated, checked.details
                    self.of.notices = checked.notices[:MOST_NOTICES]
                self._ask(checked)

    def _decide_dates(self) -> None:
        """Find out in which order the file writes its dates; ask where it cannot be found out."""
        evidence = date_evidence(self.sheet, self.columns.dates(self.places))
        order = evidence.order()
        if evidence.is_ambiguous:
            chosen = self.run.organization.import_date_order
            if not chosen and self.of.asks:
                with self.run.chunk(touch=False, advances=False):
                    self.of.question = ImportQuestion.DATE_ORDER
                    self.of.save(update_fields=["question"])
                raise AmbiguousDates(evidence.either)
            order = DateOrder(chosen or DateOrder.ISO)
        with self.run.chunk(touch=False, advances=False):
            self.of.date_order = order
            self.of.save(update_fields=["date_order"])
        self._start_over(date_refusal=evidence.refusal if evidence.is_mixed else "")

    def _ask(self, checked: Checked) -> None:
        """Stop before so many new accounts that it may be a mistake; a first import makes all of its accounts."""
        if checked.newcomers is None:
            return
        count = checked.details.get("accounts_created", 0)
        is_many = count > settings.IMPORT_NEW_ACCOUNTS_ASKED
        if not self.of.dry_run and not is_many:
            return
        newcomers = checked.newcomers()
        self.of.newcomers = dict(newcomers_record(newcomers))
        may_ask = self.of.asks and not self.of.dry_run and not self.of.confirm_new
        if is_many and newcomers.known and may_ask and not self._is_refused():
            self.of.question = ImportQuestion.NEW_ACCOUNTS

    def _begin(self) -> None:
        """Start the report over: an earlier run may have been killed while it wrote errors."""
        with self.run.chunk(done=0, message="Checking rows", touch=False, advances=False):
            self.of.row_errors.all().delete()
            self.of.header = list(self.sheet.header)
            self.of.columns = {heading: name for name, heading in self.header.items()}
            self.of.save(update_fields=["header", "columns"])

    def _forecast(self) -> None:
        """Count what a real run would do."""
        total, rows = Tally(), 0
        for good, _, lines in self._rows():
            self.run.check()
            total.add(self.loader.forecast(good))
            rows += lines
            if rows // PROGRESS_EVERY_ROWS > (rows - lines) // PROGRESS_EVERY_ROWS:
                done = self._done(ImportPhase.WRITING, rows / self.of.rows, self.of.rows)
                self.run.progress(done=done, total=self.of.rows, message="Comparing with what is there")
        with self._piece():
            self._count(total)
            self.of.phase = ImportPhase.DONE

    def _write(self) -> None:
        size = min(ROWS_AT_ONCE[connection.vendor], self.kind.rows_at_once or BLOCK)
        for good, _, _ in self._rows():
            for start in range(0, len(good), size):
                rows = good.keep(_slice(len(good), start, size) & (good.lines > self.of.position))
                if not len(rows):
                    continue
                self.run.check()
                write = self.loader.load(rows)
                last = int(rows.lines[-1])
                done = self._done(ImportPhase.WRITING, last / self.of.rows, self.of.rows)
                with self._piece(done=done, total=self.of.rows, message="Writing rows"):
                    self._count(write())
                    self.of.position = last
        if self.of.created >= MANY_ROWS:
            refresh_statistics()
        self._reach(ImportPhase.SETTLING)

    def _take(self, steps: Iterator[Step], *, then: ImportPhase) -> None:
        for step in steps:
            self.run.check()
            work = step.ready()
            done = self._done(ImportPhase(self.of.phase), step.position / (step.total or 1), self.of.rows)
            with self._piece(done=done, total=self.of.rows, message=self.of.phase_label):
                self._count(work())
                self.of.position = step.position
        self._reach(then)

    # -- pieces -------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[Rows, list[Problem], int]]:
        """The file, piece by piece: rows that may be taken, what is wrong with others, and how many there were."""
        hears = self.loader if isinstance(self.loader, HearsOfBadRows) else None
        for rows, problems, lines in self._kept or self._read():
            if hears is not None:
                hears.hear_of(problems)
            taken, refused = self.loader.check(rows)
            named = [replace(each, column=self.header.get(each.column, each.column)) for each in refused]
            yield taken, sorted([*problems, *named], key=lambda problem: problem.line), lines

    def _read(self) -> Iterator[ReadRows]:
        """The same before the loader has seen it. A small file is parsed once, and kept for the second look."""
        known: KnownTexts = {}
        kept: list[ReadRows] = []
        self._blocks_read = 0
        for chunk in self.sheet.chunks(self.places):
            self._blocks_read += 1
            rows, problems = self.columns.read(chunk, self.header, self.locale, known)
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

    def _estimated(self, rows: int) -> int:
        """How many rows the file has, judged by how long those are that have been read."""
        read = self._blocks_read * BLOCK
        return max(rows, rows * self.of.upload.size // read) if read else rows

    def _done(self, phase: ImportPhase, part: float, rows: int) -> int:
        """Rows that stand for the work done so far: each phase is a share of the whole."""
        order = DRY_SHARES if self.of.dry_run else SHARES
        before = sum(order[each] for each in PHASES[: PHASES.index(phase)] if each in order)
        return int(rows * (before + order.get(phase, 0) * min(part, 1.0)))

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
        "newcomers",
        "question",
    )
    return {name: getattr(of, name) for name in names}


def _storable(text: str) -> str:
    """Without the one character that PostgreSQL does not store."""
    return text.replace("\x00", "\ufffd")
