"""How long things are kept: the night's job drops what is past its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from csplatform.enums import JobStatus
from csplatform.models import Job, Organization, RetentionPolicy, UploadPart

Rule = Callable[[Organization, RetentionPolicy, datetime], int]
_RULES: dict[str, Rule] = {}


def register_retention(name: str, rule: Rule) -> None:
    """A room's own: drops what is past its days, returns how many rows went."""
    if _RULES.setdefault(name, rule) is not rule:
        raise ValueError(f"Two rules of retention are called {name!r}.")


def policy_of(organization: Organization) -> RetentionPolicy:
    """The organisation's, or the usual one that is not stored."""
    return RetentionPolicy.objects.filter(organization=organization).first() or RetentionPolicy(
        organization=organization
    )


def apply_retention(organization: Organization, *, now: datetime) -> dict[str, int]:
    """Drop what is past its days, in the caller's transaction; returns how many rows of each kind went."""
    policy = policy_of(organization)
    return {name: rule(organization, policy, now) for name, rule in _RULES.items()}


def _jobs(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    """Those that nothing tells of any more: an import's or a bulk change's stays with it."""
    if policy.jobs_days is None:
        return 0
    ended = [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED]
    old = organization.jobs.filter(status__in=ended, finished_at__lt=now - timedelta(days=policy.jobs_days))
    for relation in Job._meta.related_objects:
        old = old.filter(**{f"{relation.name}__isnull": True})
    return organization.jobs.filter(pk__in=list(old.values_list("pk", flat=True)[:10_000])).delete()[0]


def _exports(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    if policy.exports_days is None:
        return 0
    return organization.exports.filter(started_at__lt=now - timedelta(days=policy.exports_days)).delete()[0]


def _notifications(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    if policy.notifications_days is None:
        return 0
    since = now - timedelta(days=policy.notifications_days)
    return organization.notifications.filter(created_at__lt=since).delete()[0]


def _archives(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    """Archives of everything whose time is over, whatever the policy says."""
    expired = organization.full_exports.filter(expires_at__lt=now, upload__isnull=False)
    uploads = list(expired.values_list("upload_id", flat=True))
    parts = UploadPart.objects.filter(organization=organization, upload__in=uploads).delete()[0]
    organization.uploads.filter(pk__in=uploads).delete()
    return parts


def register_own() -> None:
    """The platform's own; called once, when it is ready."""
    for name, rule in (
        ("jobs", _jobs),
        ("exports", _exports),
        ("notifications", _notifications),
        ("archives", _archives),
    ):
        register_retention(name, rule)
