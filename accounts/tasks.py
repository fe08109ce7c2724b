"""The accounts room's background work."""

from __future__ import annotations

from csplatform.jobs.registry import job_handler
from csplatform.jobs.run import JobRun


@job_handler("bulk_accounts")
def bulk_accounts(run: JobRun) -> None:
    """Do one thing to many accounts; taken up where a killed run has left it."""
    from accounts.services.bulk import run_bulk

    run_bulk(run)
