"""`/api/saved-views`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from csplatform.models import Membership

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
URL = "/api/saved-views"
BODY = {"page": "accounts", "name": "At risk", "query": "?status=at_risk&page=4", "shared": True}


def test_a_view_is_made_read_changed_and_forgotten(api_for: ApiFor, alice: Membership) -> None:
    api = api_for(alice)

    made = api.post(URL, BODY)
    url = f"{URL}/{made.json()['id']}"
    listed = api.get(URL).json()
    changed = api.put(url, {"shared": False, "columns": ["arr", "owner"]}).json()
    gone = api.delete(url)

    assert made.status_code == 201
    assert (made.json()["query"], made.json()["visibility"]) == ("status=at_risk", "organization")
    assert (listed["total"], listed["data"]) == (1, [made.json()])
    assert (changed["shared"], changed["columns"], changed["query"]) == (False, ["arr", "owner"], "status=at_risk")
    assert gone.status_code == 204
    assert api.get(url).status_code == 404


def test_what_was_read_can_be_sent_back(api_for: ApiFor, alice: Membership) -> None:
    api = api_for(alice)
    made = api.post(URL, BODY).json()

    again = api.put(f"{URL}/{made['id']}", made)

    assert again.status_code == 200
    assert again.json() | {"updated_at": ""} == made | {"updated_at": ""}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"page": "secrets"}, "page"),
        ({"name": ""}, "name"),
        ({"query": "status=gone"}, "query"),
        ({"columns": ["password"]}, "columns"),
        ({"visibility": "world"}, "visibility"),
        ({"visibility": "team"}, "team"),
        ({"visibility": "team", "team_id": "00000000-0000-0000-0000-000000000004"}, "team_id"),
        ({"shared": "perhaps"}, "shared"),
    ],
)
def test_bad_bodies_name_the_field(api_for: ApiFor, alice: Membership, body: dict[str, Any], field: str) -> None:
    response = api_for(alice).post(URL, {**BODY, **body})

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not alice.saved_views.exists()


def test_others_see_what_is_shared_and_change_nothing(
    api_for: ApiFor, alice: Membership, bob: Membership, rita: Membership
) -> None:
    shared = api_for(alice).post(URL, BODY).json()["id"]
    private = api_for(alice).post(URL, {**BODY, "name": "Mine", "shared": False}).json()["id"]

    assert [row["id"] for row in api_for(bob).get(URL).json()["data"]] == [shared]
    assert api_for(bob).get(f"{URL}/{private}").status_code == 404
    assert api_for(bob).put(f"{URL}/{shared}", {"name": "Bob's"}).status_code == 403
    assert api_for(rita).post(URL, BODY).status_code == 400  # a viewer keeps views to itself
    assert api_for(rita).post(URL, {**BODY, "shared": False}).status_code == 201
