"""The accounts room's background work."""

from __future__ import annotations

from accounts.enums import JobKind
from csplatform.jobs.registry import job_handler, periodic
from csplatform.jobs.run import JobRun


@job_handler("bulk_accounts")
def bulk_accounts(run: JobRun) -> None:
    """Do one thing to many accounts; taken up where a killed run has left it."""
    from accounts.services.bulk import run_bulk

    run_bulk(run)


@job_handler(JobKind.REFRESH_GOALS)
def refresh_goals(run: JobRun) -> None:
    """Read the values of automatic goals anew, and miss the goals whose day has passed."""
    from accounts.services.goal import refresh_goals

    with run.chunk(message="Reading goals"):
        done = refresh_goals(run.organization)
    run.finish({"goals": done.looked_at, "changed": done.changed, "achieved": done.achieved})


periodic(JobKind.REFRESH_GOALS, hour=4)
