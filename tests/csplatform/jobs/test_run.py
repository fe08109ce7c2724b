"""Jobs: claimed once, resumed where they stopped, ended for good."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.jobs import cancel_job, enqueue, execute, run_now
from csplatform.jobs.registry import HANDLERS
from csplatform.jobs.run import JobRun, LeaseLost, claim, stopping
from csplatform.jobs.service import JobFinished
from csplatform.models import Job, Organization
from tests.factories.csplatform import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[JobRun]]:
    """A kind of job that remembers its runs; `calls` decides what it does through monkeypatching."""
    runs: list[JobRun] = []

    def work(run: JobRun) -> None:
        runs.append(run)
        run.finish({"runs": len(runs)})

    monkeypatch.setitem(HANDLERS, "test", work)
    yield runs
    stopping.clear()


def use(monkeypatch: pytest.MonkeyPatch, work: object) -> None:
    monkeypatch.setitem(HANDLERS, "test", work)  # type: ignore[arg-type]


def test_a_job_runs_to_its_result(organization: Organization, handler: list[JobRun]) -> None:
    job = run_now(enqueue(organization, "test", total=3))

    stored = Job.objects.get(pk=job.pk)
    assert (stored.status, stored.result, stored.done) == (JobStatus.SUCCEEDED, {"runs": 1}, 3)
    assert stored.token is None
    assert stored.started_at is not None
    assert stored.finished_at is not None


def test_a_finished_job_is_not_run_again(organization: Organization, handler: list[JobRun]) -> None:
    job = run_now(enqueue(organization, "test"))

    assert execute(job.pk) is None
    assert len(handler) == 1


def test_a_running_job_with_a_living_lease_is_left_alone(organization: Organization, handler: list[JobRun]) -> None:
    job = JobFactory(
        organization=organization,
        status=JobStatus.RUNNING,
        token=uuid.uuid4(),
        lease_until=timezone.now() + timedelta(seconds=10),
    )

    assert execute(job.pk) is None
    assert handler == []


def test_a_job_whose_worker_died_is_taken_over_where_it_stopped(
    organization: Organization, handler: list[JobRun]
) -> None:
    job = JobFactory(
        organization=organization,
        status=JobStatus.RUNNING,
        token=uuid.uuid4(),
        offset=40,
        lease_until=timezone.now() - timedelta(seconds=1),
    )

    execute(job.pk)

    assert handler[0].offset == 40


def test_a_worker_that_lost_its_lease_writes_nothing_more(organization: Organization) -> None:
    job = enqueue(organization, "test")
    slow = claim(job.pk)
    assert slow is not None
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = claim(job.pk)
    assert quick is not None

    with pytest.raises(LeaseLost), slow.chunk(offset=10, done=10):
        organization.teams.create(name="Written by the slow one")

    assert organization.teams.count() == 0
    with quick.chunk(offset=5, done=5):
        organization.teams.create(name="Written by the quick one")
    assert Job.objects.get(pk=job.pk).offset == 5


def test_one_lane_runs_one_job_at_a_time(organization: Organization, handler: list[JobRun]) -> None:
    first = enqueue(organization, "test", lane="import")
    second = enqueue(organization, "test", lane="import")

    assert claim(first.pk) is not None
    assert claim(second.pk) is None
    assert run_now(second).status == JobStatus.QUEUED


def test_a_refusal_fails_the_job_with_its_sentence(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: JobRun) -> None:
        raise DomainError("The file has no rows.")

    use(monkeypatch, refuse)

    job = run_now(enqueue(organization, "test"))

    assert (job.status, job.error) == (JobStatus.FAILED, "The file has no rows.")


def test_a_fault_is_tried_again_and_given_up_after_five_runs_without_progress(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(run: JobRun) -> None:
        raise RuntimeError("a secret detail")

    use(monkeypatch, break_down)
    job = enqueue(organization, "test")

    for _ in range(5):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
        assert execute(job.pk) is not None

    stored = Job.objects.get(pk=job.pk)
    assert stored.status == JobStatus.FAILED
    assert "secret" not in stored.error


def test_progress_starts_the_count_of_attempts_again(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_chunk_then_break(run: JobRun) -> None:
        with run.chunk(offset=run.offset + 1, done=run.offset + 1):
            pass
        raise RuntimeError

    use(monkeypatch, one_chunk_then_break)
    job = enqueue(organization, "test")

    for _ in range(12):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
        execute(job.pk)

    stored = Job.objects.get(pk=job.pk)
    assert (stored.status, stored.offset) == (JobStatus.QUEUED, 12)


def test_telling_how_far_it_is_does_not_start_the_count_again(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_busy_then_break(run: JobRun) -> None:
        run.progress(done=1, total=2, message="Reading")
        raise RuntimeError

    use(monkeypatch, look_busy_then_break)
    job = enqueue(organization, "test")

    for _ in range(5):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
        execute(job.pk)

    assert Job.objects.get(pk=job.pk).status == JobStatus.FAILED


@pytest.mark.parametrize(("deaths", "status"), [(19, JobStatus.SUCCEEDED), (20, JobStatus.FAILED)])
def test_a_job_whose_worker_dies_again_and_again_is_given_up_later(
    organization: Organization, handler: list[JobRun], deaths: int, status: JobStatus
) -> None:
    job = enqueue(organization, "test")
    for _ in range(deaths):
        assert claim(job.pk) is not None
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    execute(job.pk)

    assert Job.objects.get(pk=job.pk).status == status


def test_a_stopping_worker_gives_the_job_back(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    def notice(run: JobRun) -> None:
        stopping.set()
        run.check()

    use(monkeypatch, notice)

    job = run_now(enqueue(organization, "test"))
    stopping.clear()

    assert job.status == JobStatus.QUEUED
    assert Job.objects.ready(timezone.now()).filter(pk=job.pk).exists()


def test_a_queued_job_is_cancelled_at_once(organization: Organization, handler: list[JobRun]) -> None:
    job = cancel_job(enqueue(organization, "test"))

    assert job.status == JobStatus.CANCELLED
    assert execute(job.pk) is None


def test_a_running_job_stops_between_two_chunks(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled_on_the_way(run: JobRun) -> None:
        cancel_job(run.job)
        run.check()

    use(monkeypatch, cancelled_on_the_way)

    assert run_now(enqueue(organization, "test")).status == JobStatus.CANCELLED


def test_an_ended_job_can_not_be_cancelled(organization: Organization, handler: list[JobRun]) -> None:
    job = run_now(enqueue(organization, "test"))

    with pytest.raises(JobFinished):
        cancel_job(job)
