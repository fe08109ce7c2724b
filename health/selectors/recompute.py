"""When health was last recomputed."""

from __future__ import annotations

from csplatform.models import Job, Organization
from health.enums import JobKind


def latest_recompute(organization: Organization) -> Job | None:
    """The newest recompute, running or ended."""
    return organization.jobs.filter(kind=JobKind.RECOMPUTE).order_by("-created_at", "-pk").first()
