"""The one Celery task; what it does is on the Job row. Platform jobs are here too."""

from __future__ import annotations

from celery import shared_task

from csplatform.jobs.registry import job_handler, periodic
from csplatform.jobs.run import JobRun


@shared_task(name="csplatform.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Run one job, if it is still to be run. Safe to be rung for twice."""
    from csplatform.jobs.run import execute

    execute(job_id)


@job_handler("send_mail")
def send_mail(run: JobRun) -> None:
    """Send one mail that a page has written down; payload: subject, body, to (list); html, headers (optional)."""
    from django.core.mail import EmailMultiAlternatives

    payload = run.payload
    headers = payload.get("headers")
    message = EmailMultiAlternatives(payload["subject"], payload["body"], to=payload["to"], headers=headers)
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    message.send()
    run.forget_payload()
    run.finish({"to": len(payload["to"])})


@job_handler("import")
def run_import(run: JobRun) -> None:
    """Bring in the file of one import; taken up where a killed run has left it."""
    from csplatform.imports.runner import run_import

    run_import(run)


@job_handler("undo_import")
def undo_import(run: JobRun) -> None:
    """Put back what one import overwrote; taken up where a killed run has left it."""
    from csplatform.imports.undoing import run_undo

    run_undo(run)


@job_handler("remove_old_uploads")
def remove_old_uploads(run: JobRun) -> None:
    """Drop the contents of files whose import ended a week ago, and after thirty days what it overwrote."""
    from django.utils import timezone

    from csplatform.imports.undoing import remove_old_images
    from csplatform.imports.uploads import remove_old_contents

    now = timezone.now()
    with run.chunk(touch=False):
        removed = remove_old_contents(run.organization, now=now)
    with run.chunk(touch=False):
        images = remove_old_images(run.organization, now=now)
    run.finish({"parts_removed": removed, "images_removed": images})


periodic("remove_old_uploads", hour=3)


@job_handler("export_organization")
def export_organization(run: JobRun) -> None:
    """Put everything of an organisation into one archive."""
    from csplatform.services.organization_export import run_full_export

    run_full_export(run)


@job_handler("delete_organization")
def delete_organization(run: JobRun) -> None:
    """Delete an organisation whose waiting time is over; does nothing for all others."""
    from csplatform.services.organization_deletion import run_deletion

    run_deletion(run)


@job_handler("deliver_webhooks")
def deliver_webhooks(run: JobRun) -> None:
    """Send what is due to one webhook; payload: webhook (its key)."""
    from csplatform.services.webhook_delivery import run_deliveries

    run_deliveries(run)


@job_handler("apply_retention")
def apply_retention(run: JobRun) -> None:
    """Drop what an organisation no longer wants to keep."""
    from django.utils import timezone

    from csplatform.services.retention import apply_retention

    with run.chunk(touch=False):
        dropped = apply_retention(run.organization, now=timezone.now())
    run.finish(dropped)


periodic("apply_retention", hour=3)
periodic("delete_organization", hour=4)
