"""The recompute job commits group by group and goes on where an earlier run stopped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from csplatform.enums import JobStatus
from csplatform.jobs import enqueue, run_now
from csplatform.jobs.registry import PERIODIC, Periodic
from csplatform.models import Organization
from health.enums import JobKind
from health.services import scoring
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db


def test_a_job_scores_all_groups_and_tells_its_progress(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "CHUNK", {"sqlite": 2, "postgresql": 2})
    accounts = [
        DailyMetricsFactory(account__organization=organization, date=date(2026, 1, 1)).account for _ in range(5)
    ]

    job = run_now(enqueue(organization, JobKind.RECOMPUTE))

    assert (job.status, job.done, job.total, job.offset) == (JobStatus.SUCCEEDED, 5, 5, accounts[-1].pk)
    assert job.result["accounts_updated"] == 5
    assert not organization.accounts.filter(health_score=None).exists()


def test_a_second_run_begins_after_the_last_committed_group(organization: Organization) -> None:
    done = DailyMetricsFactory(account__organization=organization, date=date(2026, 1, 1)).account
    left = DailyMetricsFactory(account__organization=organization, date=date(2026, 1, 1)).account
    job = enqueue(organization, JobKind.RECOMPUTE)
    job.offset, job.done = done.pk, 1
    job.save()

    run_now(job)

    done.refresh_from_db()
    left.refresh_from_db()
    assert (done.health_score, left.health_score) == (None, Decimal("85.3"))


def test_every_organisation_is_scored_at_night() -> None:
    assert Periodic(kind=JobKind.RECOMPUTE, hour=2) in PERIODIC
