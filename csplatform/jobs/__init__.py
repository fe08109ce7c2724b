"""Background work: a Job row with a lease, handlers registered by the rooms, and a pump in every worker."""

from __future__ import annotations

from csplatform.jobs.registry import discover_handlers, job_handler, periodic
from csplatform.jobs.run import Cancelled, JobRun, LeaseLost, Stopping, execute, run_now
from csplatform.jobs.service import LaneBusy, cancel_job, enqueue, hold_lane, ring

__all__ = [
    "Cancelled",
    "JobRun",
    "LaneBusy",
    "LeaseLost",
    "Stopping",
    "cancel_job",
    "discover_handlers",
    "enqueue",
    "execute",
    "hold_lane",
    "job_handler",
    "periodic",
    "ring",
    "run_now",
]
