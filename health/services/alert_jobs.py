"""Having alerts looked at in the background, after whatever may have changed many accounts."""

from __future__ import annotations

from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.jobs import enqueue
from csplatform.models import Job, Organization
from health.enums import JobKind


def order_evaluation(organization: Organization) -> Job:
    """One job, in the caller's transaction; where one waits already, that one will see everything too."""
    queued = organization.jobs.filter(kind=JobKind.EVALUATE_ALERTS, status=JobStatus.QUEUED)
    waiting = queued.filter(run_after__lte=timezone.now()).first()
    return waiting or enqueue(organization, JobKind.EVALUATE_ALERTS, lane=JobKind.EVALUATE_ALERTS)
