"""The thread in every worker that rings for ready jobs and writes the periodic ones."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import datetime
from typing import Any

import structlog
from celery import bootsteps
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from csplatform.jobs import run
from csplatform.jobs.registry import PERIODIC
from csplatform.models import Job, Organization
from csplatform.tenancy import every_organization

log = structlog.get_logger(__name__)

RING_AGAIN_AFTER = 10.0
"""Seconds before the same job is rung for once more."""


class Pump:
    """What the thread does; one object a worker."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.rung: dict[int, float] = {}
        self.next_plan = 0.0

    def tick(self) -> list[int]:
        """Do what is due; returns the ids of the jobs rung for."""
        now, clock = timezone.now(), time.monotonic()
        if clock >= self.next_plan:
            self.next_plan = clock + 60
            write_periodic_jobs(now)
        self.rung = {job: at for job, at in self.rung.items() if clock - at < RING_AGAIN_AFTER}
        with every_organization(write=False, why="the pump looks for ready jobs of all organisations"):
            ready = list(
                Job.objects.ready(now).order_by("run_after", "pk").values_list("pk", flat=True)[: self.slots * 4]
            )
        due = [job for job in ready if job not in self.rung][: self.slots]
        self.rung |= dict.fromkeys(due, clock)
        return due


def write_periodic_jobs(now: datetime) -> int:
    """Write the day's jobs that are due; a second worker's attempt is ignored by the unique constraint."""
    with every_organization(write=False, why="which periodic jobs are due, and which are there"):
        organizations = list(Organization.objects.all())
        local = {each.pk: now.astimezone(each.zone) for each in organizations}
        there = set(
            Job.objects.filter(period__in={when.date().isoformat() for when in local.values()}).values_list(
                "kind", "organization_id"
            )
        )
    due = [
        Job(organization=each, kind=plan.kind, period=local[each.pk].date().isoformat(), run_after=now)
        for each in organizations
        for plan in PERIODIC
        if local[each.pk].hour >= plan.hour and (plan.kind, each.pk) not in there
    ]
    if due:
        with every_organization(write=True, why="the day's periodic jobs of all organisations"):
            Job.objects.bulk_create(due, ignore_conflicts=True)
    return len(due)


class JobPump(bootsteps.StartStopStep):
    """Starts the pump with the worker and stops it with it."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.pump = Pump(slots=int(worker.concurrency or 1))
        self.parent = os.getppid()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._loop, name="job-pump", daemon=True)

    def start(self, worker: Any) -> None:
        run.stopping.clear()
        self.thread.start()

    def stop(self, worker: Any) -> None:
        run.stopping.set()
        self.ended.set()

    def _loop(self) -> None:
        from csplatform.tasks import run_job

        while not self.ended.wait(settings.JOB_POLL_SECONDS):
            if os.getppid() != self.parent:  # the supervisor was killed: leave nothing behind
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                close_old_connections()
                for job in self.pump.tick():
                    run_job.apply_async((job,), retry=False, ignore_result=True)
            except Exception:
                log.exception("job pump")
                connection.close()
