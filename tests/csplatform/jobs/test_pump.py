"""The pump: rings once for what is ready, writes each night's work once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.jobs import registry
from csplatform.jobs.pump import Pump, write_periodic_jobs
from csplatform.models import Job, Organization
from tests.factories.csplatform import JobFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nightly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PERIODIC", [registry.Periodic(kind="nightly", hour=2)])
    monkeypatch.setattr("csplatform.jobs.pump.PERIODIC", registry.PERIODIC)


def test_it_rings_for_ready_jobs_and_not_twice_in_ten_seconds(organization: Organization) -> None:
    pump = Pump(slots=2)
    pump.next_plan = float("inf")
    job = JobFactory(organization=organization)
    JobFactory(organization=organization, run_after=timezone.now() + timedelta(minutes=1))
    JobFactory(organization=organization, status=JobStatus.SUCCEEDED)

    assert pump.tick() == [job.pk]
    assert pump.tick() == []


def test_it_rings_for_at_most_as_many_as_there_are_slots(organization: Organization) -> None:
    pump = Pump(slots=2)
    pump.next_plan = float("inf")
    JobFactory.create_batch(5, organization=organization)

    assert len(pump.tick()) == 2


def test_a_lost_lease_is_rung_for_again(organization: Organization) -> None:
    pump = Pump(slots=2)
    pump.next_plan = float("inf")
    job = JobFactory(
        organization=organization, status=JobStatus.RUNNING, lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert pump.tick() == [job.pk]


def test_a_nightly_job_is_written_once_a_day_after_its_hour(organization: Organization) -> None:
    # 20:29 UTC is 01:59 in Kolkata, 20:31 UTC is 02:01 the next civil day.
    before, after = datetime(2026, 11, 19, 20, 29, tzinfo=UTC), datetime(2026, 11, 19, 20, 31, tzinfo=UTC)

    write_periodic_jobs(before)
    assert list(Job.objects.values_list("period", flat=True)) == []
    write_periodic_jobs(after)
    write_periodic_jobs(after + timedelta(minutes=1))

    assert list(Job.objects.values_list("kind", "period")) == [("nightly", "2026-11-20")]


def test_every_organisation_has_its_own_night() -> None:
    OrganizationFactory(timezone="Asia/Kolkata")
    west = OrganizationFactory(timezone="America/New_York")

    write_periodic_jobs(datetime(2026, 11, 20, 7, 5, tzinfo=UTC))  # 12:35 in Kolkata, 02:05 in New York

    assert Job.objects.filter(organization=west, period="2026-11-20").count() == 1
    assert Job.objects.count() == 2
