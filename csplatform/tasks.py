"""The one Celery task; what it does is on the Job row. Platform jobs are here too."""

from __future__ import annotations

from celery import shared_task

from csplatform.jobs.registry import job_handler
from csplatform.jobs.run import JobRun


@shared_task(name="csplatform.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Run one job, if it is still to be run. Safe to be rung for twice."""
    from csplatform.jobs.run import execute

    execute(job_id)


@job_handler("send_mail")
def send_mail(run: JobRun) -> None:
    """Send one mail that a page has written down; payload: subject, body, to (list), html (optional)."""
    from django.core.mail import EmailMultiAlternatives

    payload = run.payload
    message = EmailMultiAlternatives(payload["subject"], payload["body"], to=payload["to"])
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    message.send()
    run.finish({"to": len(payload["to"])})
