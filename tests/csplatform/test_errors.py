"""What goes wrong is said in one sentence, in the shape the caller reads, with nothing internal in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from csplatform.api import platform
from csplatform.models import Membership
from csplatform.views import profile

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
ClientFor = Callable[[Membership], Client]


def broken(error: Exception) -> Callable[..., object]:
    def fail(*args: object, **kwargs: object) -> object:
        raise error

    return fail


def test_a_fault_in_the_api_is_a_500_without_details(
    alice: Membership, api_for: ApiFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "MeSerializer", broken(RuntimeError("SELECT secret FROM table")))
    api = api_for(alice)
    api.raise_request_exception = False

    response = api.get("/api/me")

    assert response.status_code == 500
    assert response.json() == {
        "error": True,
        "message": "Something went wrong on our side. It has been logged under the request id.",
    }
    assert response["X-Request-ID"]


def test_a_fault_in_a_page_is_a_page_with_the_request_id(
    alice: Membership, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "render", broken(RuntimeError("SELECT secret FROM table")))
    client = client_for(alice)
    client.raise_request_exception = False

    response = client.get("/dashboard/settings", headers={"x-request-id": "abcd-1234"})

    assert response.status_code == 500
    assert "abcd-1234" in response.content.decode()
    assert "secret" not in response.content.decode()


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(
    alice: Membership, api_for: ApiFor, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "MeSerializer", broken(OperationalError("connection refused")))
    monkeypatch.setattr(profile, "render", broken(OperationalError("connection refused")))

    answer, page = api_for(alice).get("/api/me"), client_for(alice).get("/dashboard/settings")

    assert (answer.status_code, answer["Retry-After"], answer.json()["error"]) == (503, "10", True)
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "refused" not in answer.content.decode() + page.content.decode()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{not json", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ('{"a": NaN}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ("a=1", "application/x-www-form-urlencoded", 415),
        ("<a/>", "application/xml", 415),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(
    alice: Membership, api_for: ApiFor, body: str | bytes, content_type: str, status: int
) -> None:
    response = api_for(alice).post("/actions/recommend", body, content_type=content_type)

    assert response.status_code == status
    assert response.json()["error"] is True


def test_an_unknown_page_is_a_page_and_an_unknown_path_is_json(alice: Membership, client_for: ClientFor) -> None:
    client = client_for(alice)

    assert "There is no such page" in client.get("/dashboard/nothing").content.decode()
    assert client.get("/nothing").json() == {"error": True, "message": "Not found."}
