"""Telling people that work of theirs has ended while they were doing something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csplatform.enums import JobStatus
from csplatform.models import Import, Job
from csplatform.services.notification import notify
from csplatform.tenancy import organization_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNews:
    """What is told of one job."""

    title: str
    url: str
    kind: str = "job_finished"
    """One of `csplatform.notifications`."""


Tell = Callable[[Job], JobNews | None]
_TELLERS: dict[str, Tell] = {}


def register_job_news(kind: str, tell: Tell) -> None:
    """Called when a room is ready, for a kind of job whose end is news. Asked in a read scope; None says nothing."""
    if _TELLERS.setdefault(kind, tell) is not tell:
        raise ValueError(f"The end of {kind!r} is told twice.")


def tell_ending(job: Job) -> None:
    """Tell whoever asked for a job what came of it, as they chose to be told. Who stopped it knows."""
    tell = _TELLERS.get(job.kind)
    if tell is None or job.organization is None or job.asked_by is None or job.status == JobStatus.CANCELLED:
        return
    with organization_scope(job.organization, write=False):
        news = tell(job)
    if news is None:
        return
    with organization_scope(job.organization, write=True, touch=False):
        notify(
            organization=job.organization,
            to=[job.asked_by],
            kind=news.kind,
            title=news.title,
            text=job.error or job.message,
            url=news.url,
        )


def import_news(job: Job) -> JobNews | None:
    """Of a file that was brought in, or only looked at."""
    of = Import.objects.filter(organization=job.organization, job=job).select_related("upload").first()
    if of is None:
        return None
    if of.question:
        what = f"The import of {of.upload} asks something"
    elif job.status == JobStatus.FAILED:
        what = f"The import of {of.upload} has failed"
    else:
        what = f"The preview of {of.upload} is ready" if of.is_preview else f"The import of {of.upload} has ended"
    return JobNews(title=what, url=of.get_absolute_url(), kind="import_finished")


def undo_news(job: Job) -> JobNews | None:
    of = Import.objects.filter(organization=job.organization, undo_job=job).select_related("upload").first()
    if of is None:
        return None
    ended = "could not be undone" if job.status == JobStatus.FAILED else "was undone"
    return JobNews(title=f"The import of {of.upload} {ended}", url=of.get_absolute_url(), kind="import_finished")


def export_news(job: Job) -> JobNews | None:
    """A finished one tells of itself, with how long it is kept."""
    if job.status != JobStatus.FAILED:
        return None
    return JobNews(title="The export of everything has failed", url="/dashboard/settings/data", kind="export_ready")


def register_own_news() -> None:
    """The platform's own; called once, when it is ready."""
    register_job_news("import", import_news)
    register_job_news("undo_import", undo_news)
    register_job_news("export_organization", export_news)
