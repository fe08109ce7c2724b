"""Billing's background work."""

from __future__ import annotations

from billing.enums import JobKind
from csplatform import periods
from csplatform.formatting import counted
from csplatform.jobs import JobRun, job_handler, periodic

ACCOUNTS_AT_ONCE = 500


@job_handler(JobKind.SETTLE_SUBSCRIPTIONS)
def settle_subscriptions(run: JobRun) -> None:
    """Carry out what was scheduled for days that have come: starts, changes, pauses, ends, renewals."""
    from billing.services.nightly import accounts_with_subscriptions, settle_subscribed, take_forecasts

    organization = run.organization
    today = periods.today(organization)
    keys = accounts_with_subscriptions(organization, after=run.offset)
    booked = 0
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        batch = keys[start : start + ACCOUNTS_AT_ONCE]
        with run.chunk(offset=batch[-1], message="Carrying out what is due"):
            booked += settle_subscribed(organization, batch, today=today)
        run.check()
    with run.chunk(message="Forecasting renewals", advances=False):
        take_forecasts(organization, today=today)
    run.finish({"message": f"{counted(booked, 'movement')} of MRR booked.", "movements": booked})


@job_handler(JobKind.SETTLE_RENEWALS)
def settle_renewals(run: JobRun) -> None:
    """Have a renewal for each contract of an account without subscriptions."""
    from billing.services.nightly import accounts_with_contracts
    from billing.services.renewal import settle_contract_renewals

    organization = run.organization
    today = periods.today(organization)
    keys = accounts_with_contracts(organization, after=run.offset)
    changed = 0
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        batch = keys[start : start + ACCOUNTS_AT_ONCE]
        with run.chunk(offset=batch[-1], message="Looking at contracts"):
            changed += settle_contract_renewals(organization=organization, account_ids=batch, today=today)
        run.check()
    run.finish({"message": f"{counted(changed, 'renewal')} opened or brought in line.", "renewals": changed})


periodic(JobKind.SETTLE_SUBSCRIPTIONS, hour=0)
periodic(JobKind.SETTLE_RENEWALS, hour=1)
