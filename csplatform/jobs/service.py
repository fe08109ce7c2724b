"""Writing, ringing and cancelling jobs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.models import Job, Organization, User


class JobFinished(DomainError):
    """A job that has ended can't be cancelled."""

    code = "job_finished"
    message = "This job has already ended."


def enqueue(
    organization: Organization | None,
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    by: User | None = None,
    lane: str = "",
    total: int = 0,
    idempotency_key: str = "",
    run_after: datetime | None = None,
) -> Job:
    """Write a job in the caller's transaction; the worker is rung when that commits."""
    job = Job.objects.create(
        organization=organization,
        kind=kind,
        payload=payload or {},
        asked_by=by,
        lane=lane,
        total=total,
        idempotency_key=idempotency_key,
        run_after=run_after or timezone.now(),
    )
    transaction.on_commit(partial(ring, job.pk))
    return job


def ring(job_id: int) -> None:
    """Ring the broker's doorbell. A broker that is away costs half a second and is no error: the pump sees the row.

    Without Redis the pump is the only one who rings, from inside the worker, so this does nothing."""
    if settings.REDIS_URL:
        from csplatform.tasks import run_job

        with contextlib.suppress(Exception):  # whatever the transport raises, the row is there
            run_job.apply_async((job_id,), retry=False, ignore_result=True)


def cancel_job(job: Job) -> Job:
    """Ask a job to stop: at once while it is queued, else between two chunks. What is committed stays."""
    now = timezone.now()
    if Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(
        status=JobStatus.CANCELLED, finished_at=now, message="Cancelled before it began."
    ):
        job.refresh_from_db()
        return job
    if not Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(cancel_requested=True):
        raise JobFinished
    job.refresh_from_db()
    return job


class LaneBusy(Exception):
    """A job of the lane is running."""


@contextlib.contextmanager
def hold_lane(organization: Organization, lane: str) -> Iterator[None]:
    """Keep jobs of a lane from starting until the caller's transaction ends; refuses while one is running.

    Enter it before taking other locks, as jobs do. The place is taken by a row that no other transaction sees: who
    claims a job of the lane meanwhile waits for the commit, and then finds the lane free.
    """
    if organization.jobs.filter(lane=lane, status=JobStatus.RUNNING).exists():
        raise LaneBusy(lane)
    try:
        with transaction.atomic():
            place = organization.jobs.create(
                kind="held", lane=lane, status=JobStatus.RUNNING, run_after=timezone.now()
            )
    except IntegrityError:
        raise LaneBusy(lane) from None
    yield
    place.delete()
