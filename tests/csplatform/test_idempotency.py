"""The same request sent again has one effect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from csplatform.models import IdempotencyKey, Job, Membership
from tests.factories.csplatform import JobFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]
KEY = {"HTTP_IDEMPOTENCY_KEY": "order-1"}


@pytest.fixture
def job(alice: Membership) -> Job:
    return JobFactory(organization=alice.organization, asked_by=alice.user)


def test_the_second_request_gets_the_first_answer(alice: Membership, api_for: Api, job: Job) -> None:
    api = api_for(alice)
    path = f"/api/jobs/{job.uuid}/cancel"

    first = api.post(path, **KEY)
    second = api.post(path, **KEY)

    assert (first.status_code, second.status_code) == (200, 200)  # without the key the second is 409
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first


def test_another_body_under_the_same_key_is_409(alice: Membership, api_for: Api, job: Job) -> None:
    api = api_for(alice)
    api.post(f"/api/jobs/{job.uuid}/cancel", {"a": 1}, **KEY)

    response = api.post(f"/api/jobs/{job.uuid}/cancel", {"a": 2}, **KEY)

    assert response.status_code == 409
    assert response.json()["message"] == "This Idempotency-Key was used with another body."


def test_a_refusal_frees_the_key(alice: Membership, bob: Membership, api_for: Api, job: Job) -> None:
    refused = api_for(bob).post(f"/api/jobs/{job.uuid}/cancel", **KEY)

    assert refused.status_code == 403
    assert IdempotencyKey.objects.count() == 0


def test_a_running_first_request_is_409_and_a_dead_one_is_taken_over(
    alice: Membership, api_for: Api, job: Job
) -> None:
    api = api_for(alice)
    path = f"/api/jobs/{job.uuid}/cancel"
    api.post(path, **KEY)
    IdempotencyKey.objects.update(status=None, locked_until=timezone.now() + timedelta(seconds=30))
    Job.objects.update(status="queued")

    assert api.post(path, **KEY).status_code == 409
    IdempotencyKey.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert api.post(path, **KEY).status_code == 200


def test_another_member_never_meets_the_key(alice: Membership, mona: Membership, api_for: Api, job: Job) -> None:
    api_for(alice).post(f"/api/jobs/{job.uuid}/cancel", **KEY)

    assert api_for(mona).post(f"/api/jobs/{job.uuid}/cancel", **KEY).status_code == 409  # the job has ended


def test_too_long_a_key_is_400(alice: Membership, api_for: Api, job: Job) -> None:
    response = api_for(alice).post(f"/api/jobs/{job.uuid}/cancel", HTTP_IDEMPOTENCY_KEY="x" * 256)

    assert response.status_code == 400
