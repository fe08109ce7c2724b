"""How many runs there are, by where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from csplatform.models import Organization
from playbooks.enums import RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """Over accounts in use."""

    running: int
    paused: int
    late: int
    """Running, with an open step whose time has passed."""
    unjudged: int
    """Completed, and nobody has said what came of it."""


def run_counts(organization: Organization, *, now: datetime) -> RunCounts:
    """The counters over an organisation's runs; one query."""
    runs = organization.playbook_runs.visible().with_progress()
    counted = runs.order_by().aggregate(
        running=Count("pk", filter=Q(status=RunStatus.RUNNING)),
        paused=Count("pk", filter=Q(status=RunStatus.PAUSED)),
        late=Count("pk", filter=Q(status=RunStatus.RUNNING, next_due__lt=now)),
        unjudged=Count("pk", filter=Q(status=RunStatus.COMPLETED, outcome="")),
    )
    return RunCounts(**counted)
