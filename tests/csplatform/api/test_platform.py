"""The platform's endpoints and what all endpoints share."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from csplatform.models import ApiKey, Membership
from tests.factories.csplatform import ApiKeyFactory, JobFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]


def test_the_root_says_that_the_service_answers(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert response.json() == {"status": "healthy", "service": "AI Success Insights API", "version": "1.0.0"}


def test_a_browser_at_the_root_is_sent_to_the_dashboard(client: Client) -> None:
    response = client.get("/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (response.status_code, response["Location"]) == (302, "/dashboard")


def test_without_a_login_the_api_answers_401_in_the_error_shape(client: Client) -> None:
    response = client.get("/api/me")

    assert response.status_code == 401
    assert response.json() == {"error": True, "message": "Sign in, or send an API key as a bearer token."}
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_wrong_key_is_401_and_many_of_them_429(client: Client) -> None:
    statuses = [client.get("/api/me", headers={"authorization": f"Bearer keel_{n}"}).status_code for n in range(31)]

    assert statuses == [401] * 30 + [429]


def test_me_says_who_is_calling_and_what_they_may(alice: Membership, api_for: Api) -> None:
    body = api_for(alice).get("/api/me").json()

    assert body["user"]["email"] == "alice@acme.example"
    assert body["organization"]["slug"] == "acme"
    assert body["role"] == "csm"
    assert "create accounts" in body["permissions"]
    assert "manage members and teams" not in body["permissions"]


def test_a_key_works_as_the_user_name_of_http_basic(alice: Membership, client: Client) -> None:
    key = ApiKeyFactory(membership=alice)
    basic = base64.b64encode(f"{key.secret}:".encode()).decode()

    assert client.get("/api/me", headers={"authorization": f"Basic {basic}"}).status_code == 200


@pytest.mark.parametrize("ended", ["key", "membership", "user"])
def test_a_key_stops_with_its_revocation_member_or_login(alice: Membership, api_for: Api, ended: str) -> None:
    api = api_for(alice)
    if ended == "key":
        ApiKey.objects.update(revoked_at=timezone.now())
    elif ended == "membership":
        Membership.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        alice.user.is_active = False
        alice.user.save()

    assert api.get("/api/me").status_code == 401


def test_the_use_of_a_key_is_remembered_at_most_once_a_minute(alice: Membership, api_for: Api) -> None:
    api = api_for(alice)

    api.get("/api/me")
    first = ApiKey.objects.get().last_used_at
    api.get("/api/me")

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    api.get("/api/me")
    assert ApiKey.objects.get().last_used_at >= first


def test_a_key_has_a_number_of_requests_a_minute(alice: Membership, api_for: Api, settings: object) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2  # type: ignore[attr-defined]
    api = api_for(alice)

    statuses = [api.get("/api/me").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_a_key_opens_no_pages(alice: Membership, api_for: Api) -> None:
    response = api_for(alice).get("/dashboard/settings")

    assert response.status_code == 302
    assert response["Location"].startswith("/auth/login/")


def test_every_answer_carries_its_request_id(client: Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-12345"})["X-Request-ID"] == "abc-12345"
    assert client.get("/healthz", headers={"x-request-id": "<script>"})["X-Request-ID"] != "<script>"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("page=0", "page: takes a whole number from 1 to 10000000."),
        ("page=abc", "page: takes a whole number from 1 to 10000000."),
        ("limit=101", "limit: takes a whole number from 1 to 100."),
        ("page_size=x", "page_size: takes a whole number from 1 to 100."),
        ("status=done", 'status: "done" is not a valid choice.'),
    ],
)
def test_a_bad_query_value_is_400_and_names_the_parameter(
    alice: Membership, api_for: Api, query: str, message: str
) -> None:
    response = api_for(alice).get(f"/api/jobs?{query}")

    assert response.status_code == 400
    assert response.json()["message"] == message
    assert list(response.json()["errors"]) == [query.partition("=")[0]]


def test_jobs_are_listed_in_the_envelope(alice: Membership, api_for: Api) -> None:
    JobFactory.create_batch(3, organization=alice.organization)
    JobFactory()  # another organisation's

    body = api_for(alice).get("/api/jobs?limit=2").json()

    assert {name: body[name] for name in ("total", "page", "limit", "hasMore")} == {
        "total": 3,
        "page": 1,
        "limit": 2,
        "hasMore": True,
    }
    assert len(body["data"]) == 2
    assert api_for(alice).get("/api/jobs?page=9").json()["data"] == []


def test_another_organisations_job_does_not_exist(mallory: Membership, alice: Membership, api_for: Api) -> None:
    job = JobFactory(organization=alice.organization)

    assert api_for(mallory).get(f"/api/jobs/{job.uuid}").status_code == 404
    assert api_for(mallory).post(f"/api/jobs/{job.uuid}/cancel").status_code == 404
    assert api_for(alice).get(f"/api/jobs/{job.uuid}").json()["status"] == "queued"


def test_only_who_asked_or_a_manager_cancels_a_job(
    alice: Membership, bob: Membership, mona: Membership, api_for: Api
) -> None:
    job = JobFactory(organization=alice.organization, asked_by=alice.user)
    other = JobFactory(organization=alice.organization, asked_by=alice.user)

    assert api_for(bob).post(f"/api/jobs/{job.uuid}/cancel").status_code == 403
    assert api_for(alice).post(f"/api/jobs/{job.uuid}/cancel").json()["status"] == "cancelled"
    assert api_for(alice).post(f"/api/jobs/{job.uuid}/cancel").status_code == 409
    assert api_for(mona).post(f"/api/jobs/{other.uuid}/cancel").status_code == 200


def test_a_read_only_key_changes_nothing(alice: Membership, api_for: Api) -> None:
    job = JobFactory(organization=alice.organization, asked_by=alice.user)

    response = api_for(alice, read_only=True).post(f"/api/jobs/{job.uuid}/cancel")

    assert (response.status_code, response.json()["message"]) == (403, "This API key is read-only.")
    job.refresh_from_db()
    assert job.status == "queued"


def test_errors_of_unknown_paths_and_methods_have_the_one_shape(alice: Membership, api_for: Api) -> None:
    assert api_for(alice).get("/api/nothing").json() == {"error": True, "message": "Not found."}
    response = api_for(alice).delete("/api/me")
    assert response.status_code == 405
    assert response.json()["error"] is True


def test_a_path_with_a_trailing_slash_is_404(alice: Membership, api_for: Api) -> None:
    assert api_for(alice).get("/api/me/").status_code == 404


def test_times_are_utc_whatever_the_organisations_zone(alice: Membership, api_for: Api) -> None:
    job = JobFactory(organization=alice.organization)  # an organisation in Asia/Kolkata

    assert api_for(alice).get(f"/api/jobs/{job.uuid}").json()["created_at"].endswith("Z")


def test_probes_answer_anybody(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert client.get("/readyz").json()["database"] == "ok"
