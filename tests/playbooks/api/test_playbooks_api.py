"""GET /playbooks: the library as published clients read it."""

from __future__ import annotations

import pytest
from django.test import Client

from csplatform.models import Membership
from playbooks.library import LIBRARY
from playbooks.services.library import copy_library
from tests.factories.playbooks import PlaybookFactory

pytestmark = pytest.mark.django_db

KEYS = {
    "id",
    "uuid",
    "title",
    "description",
    "category",
    "priority",
    "estimated_effort",
    "risk_factors",
    "steps",
    "created_at",
}


def test_the_ten_are_a_bare_list_by_id(api_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)
    PlaybookFactory(organization=alice.organization, title="Our own")

    response = api_for(alice).get("/playbooks")

    assert response.status_code == 200
    answer = response.json()
    assert [item["id"] for item in answer] == list(range(1, 11))
    assert [item["title"] for item in answer] == [item.title for item in LIBRARY]
    for item, source in zip(answer, LIBRARY, strict=True):
        assert set(item) == KEYS
        assert item["category"] in {"Engagement", "Adoption", "Support"}
        assert item["priority"] in {"High", "Medium", "Low"}
        assert item["steps"] == [step.text for step in source.steps]
        assert item["risk_factors"] == [str(factor) for factor in source.risk_factors]
        assert item["created_at"].endswith("Z")


def test_the_list_costs_the_same_for_one_and_ten(api_for, alice: Membership, django_assert_max_num_queries) -> None:
    copy_library(organization=alice.organization)
    client = api_for(alice)

    with django_assert_max_num_queries(8):
        client.get("/playbooks")


def test_a_viewer_with_a_read_only_key_may_read_it(api_for, rita: Membership) -> None:
    copy_library(organization=rita.organization)

    assert len(api_for(rita, read_only=True).get("/playbooks").json()) == 10


def test_another_organisation_sees_only_its_own(api_for, alice: Membership, mallory: Membership) -> None:
    copy_library(organization=alice.organization)

    assert api_for(mallory).get("/playbooks").json() == []


def test_nobody_signed_in_is_401(client: Client, alice: Membership) -> None:
    copy_library(organization=alice.organization)

    response = client.get("/playbooks")

    assert response.status_code == 401
    assert response.json()["error"] is True


def test_a_browser_is_sent_to_the_page(client_for, alice: Membership) -> None:
    response = client_for(alice).get("/playbooks", headers={"Accept": "text/html,application/xhtml+xml"})

    assert (response.status_code, response.headers["Location"]) == (302, "/dashboard/playbooks")
