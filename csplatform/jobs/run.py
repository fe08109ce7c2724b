"""Claiming and running one job: lease, chunks, progress, end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.jobs.registry import ENDINGS, HANDLERS
from csplatform.models import Job, Organization
from csplatform.tenancy import every_organization, organization_scope

log = structlog.get_logger(__name__)

stopping = threading.Event()
"""Set when the worker is asked to end: jobs give their lease back between two chunks."""


class LeaseLost(Exception):
    """Another worker has taken the job over; leave everything to it."""


class Stopping(Exception):
    """The worker is ending; the job goes back to the queue with what it has done."""


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class JobRun:
    """A claimed job, in the hands of its handler."""

    def __init__(self, job: Job, token: uuid.UUID) -> None:
        self.job = job
        self.token = token

    @property
    def organization(self) -> Organization:
        if self.job.organization is None:
            raise ValueError(f"The job {self.job.pk} belongs to no organisation.")
        return self.job.organization

    @property
    def payload(self) -> dict[str, Any]:
        return dict(self.job.payload)

    @property
    def offset(self) -> int:
        """How far earlier runs have committed."""
        return self.job.offset

    @contextmanager
    def chunk(
        self,
        *,
        offset: int | None = None,
        done: int | None = None,
        total: int | None = None,
        message: str | None = None,
        touch: bool = True,
        advances: bool = True,
    ) -> Iterator[Self]:
        """One write transaction of the job. Its first statement takes the lease and writes the progress, so that a
        chunk and its offset are committed together or not at all.

        `advances` says that a second run need not do this again; a job that ends too often in a row
        without such a chunk is given up."""
        fields: dict[str, Any] = {"lease_until": _lease_end()}
        if advances:
            fields["attempts"] = 0
        given = {"offset": offset, "done": done, "total": total, "message": message}
        fields |= {name: value for name, value in given.items() if value is not None}
        with organization_scope(self.organization, write=True, touch=touch):
            if not self._mine().update(**fields):
                raise LeaseLost
            yield self
        for name, value in fields.items():
            setattr(self.job, name, value)

    def progress(self, *, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Write progress that goes with no chunk."""
        with self.chunk(done=done, total=total, message=message, touch=False, advances=False):
            pass

    def check(self) -> None:
        """Between two chunks: stop when the worker ends or somebody has asked to."""
        if stopping.is_set():
            raise Stopping
        with every_organization(write=False, why="a job looks at its own row"):
            row = self._mine().values_list("cancel_requested", flat=True).first()
        if row is None:
            raise LeaseLost
        if row:
            raise Cancelled

    def finish(self, result: dict[str, Any] | None = None, *, message: str = "") -> None:
        """Set what came of it; the job counts as succeeded when the handler returns."""
        self.job.result = result
        self.job.message = message or self.job.message

    def forget_payload(self) -> None:
        """Empty the payload: a mail that is sent leaves no one-time link in the table."""
        with every_organization(write=True, why="a job clears its own payload, also where it belongs to nobody"):
            self._mine().update(payload={})
        self.job.payload = {}

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job.pk, token=self.token, status=JobStatus.RUNNING)


def claim(job_id: int) -> JobRun | None:
    """Take a ready job with one conditional UPDATE; None when it is not ready, or its lane is busy."""
    token = uuid.uuid4()
    now = timezone.now()
    with every_organization(write=True, why="claiming a job by its id"):
        try:
            with transaction.atomic():
                taken = (
                    Job.objects.ready(now)
                    .filter(pk=job_id)
                    .update(
                        status=JobStatus.RUNNING,
                        token=token,
                        lease_until=_lease_end(),
                        attempts=F("attempts") + 1,
                    )
                )
        except IntegrityError:  # the lane is busy; the pump comes back
            return None
        if not taken:
            return None
        Job.objects.filter(pk=job_id, started_at=None).update(started_at=now)
        job = Job.objects.select_related("organization", "asked_by").get(pk=job_id)
    return JobRun(job, token)


def execute(job_id: int, *, is_awaited: bool = False) -> Job | None:
    """Claim a job and run it to its end; None when it could not be claimed.

    Of one that is awaited, because its caller shows what came of it, nobody needs to be told."""
    run = claim(job_id)
    if run is None:
        return None
    job = run.job
    structlog.contextvars.bind_contextvars(job=str(job.uuid), job_kind=job.kind)
    try:
        if job.attempts > _most_attempts(job):
            _end(run, JobStatus.FAILED, error="Gave up: it ended too often without progress.")
        else:
            with _heartbeat(run):
                _run(run)
        if not is_awaited and job.is_finished:
            _announce(job)
    finally:
        structlog.contextvars.unbind_contextvars("job", "job_kind")
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    return job


def run_now(job: Job) -> Job:
    """Run a job in the calling process; returns the row as it is afterwards (queued still, if its lane is busy)."""
    done = execute(job.pk, is_awaited=True)
    if done is None:
        with every_organization(write=False, why="a job's caller reads its row"):
            job.refresh_from_db()
        return job
    return done


def _announce(job: Job) -> None:
    """Its end is written; that somebody could not be told of it changes nothing about that."""
    for tell in ENDINGS:
        try:
            tell(job)
        except Exception:
            log.exception("job ending not told")


def _most_attempts(job: Job) -> int:
    """Runs without progress before a job is given up: few where it failed by itself, more where its worker died,
    which a busy host does to innocent jobs too."""
    few = settings.JOB_ATTEMPTS_WITHOUT_PROGRESS
    return few if job.error else 4 * few


@contextmanager
def _heartbeat(run: JobRun) -> Iterator[None]:
    """Renew the lease from a thread while the handler works; chunks renew it too."""
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(settings.JOB_LEASE_SECONDS / 3):
                with every_organization(write=True, why="a running job renews its lease"):
                    run._mine().update(lease_until=_lease_end())
        except Exception:  # noqa: BLE001  (a database that is away: the lease runs out, as it should)
            log.warning("job heartbeat stopped")
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _run(run: JobRun) -> None:
    job = run.job
    try:
        HANDLERS[job.kind](run)
    except LeaseLost:
        log.warning("job lease lost")
    except Stopping:
        _end(run, JobStatus.QUEUED)
    except Cancelled:
        _end(run, JobStatus.CANCELLED, error="")
    except DomainError as refusal:
        _end(run, JobStatus.FAILED, error=refusal.message)
    except Exception:
        log.exception("job failed")
        final = job.attempts >= settings.JOB_ATTEMPTS_WITHOUT_PROGRESS
        _end(
            run,
            JobStatus.FAILED if final else JobStatus.QUEUED,
            error="It failed on our side; the log has the reason.",
        )
    else:
        _end(run, JobStatus.SUCCEEDED)


def _end(run: JobRun, status: JobStatus, *, error: str = "") -> None:
    job = run.job
    fields: dict[str, Any] = {"status": status, "lease_until": None, "token": None, "error": error}
    if status == JobStatus.QUEUED:
        pause = 0 if not error else 2**job.attempts
        fields["run_after"] = timezone.now() + timedelta(seconds=pause)
    else:
        fields |= {"finished_at": timezone.now(), "result": job.result, "message": job.message[:255]}
        if status == JobStatus.SUCCEEDED and job.total:
            fields["done"] = job.total
    with every_organization(write=True, why="a job's end is written, also where it belongs to nobody"):
        run._mine().update(**fields)
    for name, value in fields.items():
        setattr(job, name, value)


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
