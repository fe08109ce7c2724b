"""Billing's background work."""

from __future__ import annotations

from billing.enums import JobKind, ReminderChannel
from csplatform import periods
from csplatform.formatting import counted
from csplatform.jobs import JobRun, job_handler, periodic

ACCOUNTS_AT_ONCE = 500
REMINDERS_AT_ONCE = 100
MOST_REASONS = 200
REMINDERS_HOUR = 9


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


@job_handler(JobKind.SEND_REMINDERS)
def send_reminders(run: JobRun) -> None:
    """Remind of the invoices that somebody chose; sent twice is sent once, since a step is kept once."""
    from billing.services.reminder import send_due_reminders

    organization, payload = run.organization, run.payload
    keys, channel = [int(key) for key in payload["invoices"]], str(payload["channel"])
    today = periods.today(organization)
    reasons: list[str] = []
    for start in range(run.offset, len(keys), REMINDERS_AT_ONCE):
        batch = keys[start : start + REMINDERS_AT_ONCE]
        with run.chunk(offset=start + len(batch), done=start + len(batch), total=len(keys), message="Sending"):
            letters = send_due_reminders(
                organization=organization, invoice_ids=batch, channel=channel, by=run.job.asked_by, today=today
            )
        reasons += [letter.refusal for letter in letters if letter.refusal]
        run.check()
    with run.chunk(touch=False, advances=False):  # a run that was taken up again did not see the letters before it
        sent = organization.reminders.filter(invoice__in=keys, sent_on=today).count()
    told = f"{counted(sent, 'reminder')} sent"
    told += f", {len(keys) - sent} left out." if len(keys) > sent else "."
    run.finish(
        {"message": told, "sent": sent, "skipped": len(keys) - sent, "reasons": reasons[:MOST_REASONS]}, message=told
    )


@job_handler(JobKind.SEND_NIGHTLY_REMINDERS)
def send_nightly_reminders(run: JobRun) -> None:
    """Write a batch for what is due today, where the organisation wants that and mail is set up."""
    from django.conf import settings

    from billing.services.reminder import REMINDERS
    from billing.services.settings import billing_settings
    from csplatform.jobs import enqueue

    organization = run.organization
    today = periods.today(organization)
    with run.chunk(touch=False, advances=False):
        keys: list[int] = []
        if settings.EMAIL_IS_CONFIGURED and billing_settings(organization).sends_reminders:
            due = organization.invoices.to_remind(today).order_by("pk")
            keys = list(due.values_list("pk", flat=True))
        if keys:
            payload = {"invoices": keys, "channel": ReminderChannel.EMAIL.value}
            enqueue(organization, JobKind.SEND_REMINDERS, payload, lane=REMINDERS, total=len(keys))
    run.finish({"message": f"{counted(len(keys), 'reminder')} to be sent.", "due": len(keys)})


@job_handler(JobKind.BILL_SUBSCRIPTIONS)
def bill_subscriptions(run: JobRun) -> None:
    """Invoice what subscriptions owe; taken up where a killed run has left it."""
    from billing.services.billing_run import work_on_run

    work_on_run(run)


periodic(JobKind.SETTLE_SUBSCRIPTIONS, hour=0)
periodic(JobKind.SETTLE_RENEWALS, hour=1)
periodic(JobKind.SEND_NIGHTLY_REMINDERS, hour=REMINDERS_HOUR)
