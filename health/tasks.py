"""Health's background work."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from csplatform import periods
from csplatform.formatting import counted
from csplatform.jobs import JobRun, job_handler, periodic
from health.enums import JobKind


@job_handler(JobKind.RECOMPUTE)
def recompute_health(run: JobRun) -> None:
    """Score every open account of the organisation. A second run begins after the last committed group."""
    from accounts.services.goal import refresh_goals
    from health.services.recompute import count_open_accounts, recompute_steps
    from health.services.scoring import Recomputed

    began = time.monotonic()
    organization, done, total = run.organization, run.job.done, count_open_accounts(run.organization)

    def enter(ids: list[int]) -> AbstractContextManager[object]:
        return run.chunk(offset=ids[-1], done=done + len(ids), total=total, message="Scoring accounts")

    recomputed = Recomputed()
    today = periods.today(organization)
    for step in recompute_steps(organization, today=today, enter=enter, after=run.offset):
        recomputed += step.recomputed
        done += step.accounts
        run.check()
    with run.chunk():
        refresh_goals(organization)
    run.finish(
        {
            "message": f"Health scores recomputed for {counted(recomputed.scored, 'account')}.",
            "accounts_updated": recomputed.scored,
            "accounts_changed": recomputed.changed,
            "snapshots_created": recomputed.snapshots_created,
            "computation_time_seconds": round(time.monotonic() - began, 3),
        }
    )


periodic(JobKind.RECOMPUTE, hour=2)
