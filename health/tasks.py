"""Health's background work."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from django.utils import timezone

from csplatform import periods
from csplatform.formatting import counted
from csplatform.jobs import JobRun, job_handler, periodic
from health.enums import JobKind


@job_handler(JobKind.RECOMPUTE)
def recompute_health(run: JobRun) -> None:
    """Score every open account of the organisation. A second run begins after the last committed group."""
    from accounts.services.goal import refresh_goals
    from health.services.alert_jobs import order_evaluation
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
        order_evaluation(organization)
    run.finish(
        {
            "message": f"Health scores recomputed for {counted(recomputed.scored, 'account')}.",
            "accounts_updated": recomputed.scored,
            "accounts_changed": recomputed.changed,
            "snapshots_created": recomputed.snapshots_created,
            "computation_time_seconds": round(time.monotonic() - began, 3),
        }
    )


@job_handler(JobKind.EVALUATE_ALERTS)
def evaluate_alerts(run: JobRun) -> None:
    """Raise and end alerts, and tell whom they concern. A second run finds nothing new."""
    from health.services.alert_news import tell_members
    from health.services.alerts import evaluate_alerts
    from health.signals import health_looked_at

    with run.chunk(message="Looking for what needs attention"):
        now = timezone.now()
        evaluated = evaluate_alerts(organization=run.organization, now=now)
        told = tell_members(organization=run.organization, now=now)
        health_looked_at.send(sender=None, organization=run.organization)
    run.finish(
        {
            "message": f"{counted(evaluated.raised, 'alert')} raised.",
            "raised": evaluated.raised,
            "cleared": evaluated.cleared,
            "woken": evaluated.woken,
            "news": told.news,
        }
    )


@job_handler(JobKind.MAIL_DIGEST)
def mail_alert_digest(run: JobRun) -> None:
    """One mail for one member. A second run finds nothing that is not mailed yet."""
    from health.services.alert_news import mail_digest

    with run.chunk():
        member = run.organization.memberships.active().filter(pk=run.payload["membership"]).first()
        sent = member is not None and mail_digest(member=member, now=timezone.now())
    run.finish({"sent": sent})


@job_handler(JobKind.HEALTH_LAB)
def health_lab(run: JobRun) -> None:
    """Hold the scorecard against what happened. A killed run begins anew, and writes nothing before its end."""
    from health.services.lab import run_lab

    run_lab(run)


@job_handler(JobKind.CUSTOMER_FACTS)
def customer_facts(run: JobRun) -> None:
    """Hold what is stored of customers against who has left. As of the lab's other look, only the end is written."""
    from health.services.lab_facts import run_facts_lab

    run_facts_lab(run)


periodic(JobKind.RECOMPUTE, hour=2)
