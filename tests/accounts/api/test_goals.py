"""Goals over the API, as the contract has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.goals import GoalFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]


def body(account: Any, **facts: object) -> dict[str, object]:
    return {
        "account_id": str(account.uuid),
        "title": "Raise adoption",
        "metric_type": "adoption",
        "target_value": 80,
        "measurement_period": "quarterly",
        **facts,
    }


def test_a_goal_of_the_required_fields_has_the_contract_s_defaults(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post("/api/goals", body(account))

    goal = alice.organization.goals.get()
    answer = response.json()
    assert response.status_code == 201
    assert {name: answer[name] for name in list(answer)[:12]} == {
        "id": str(goal.uuid),
        "organization_id": str(alice.organization.uuid),
        "account_id": str(account.uuid),
        "account_name": account.name,
        "title": "Raise adoption",
        "description": None,
        "metric_type": "adoption",
        "current_value": 0,
        "target_value": 80,
        "baseline_value": 0,
        "unit": None,
        "measurement_period": "quarterly",
    }
    assert (answer["status"], answer["target_date"], answer["completion_date"]) == ("on_track", None, None)
    assert (answer["created_by"], answer["milestones"]) == (str(alice.user.uuid), [])
    assert isinstance(answer["target_value"], float)
    assert "updated_at" in answer


def test_progress_is_put_and_what_was_read_can_be_sent_back(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api = api_for(alice)
    created = api.post("/api/goals", body(account, milestones=[{"title": "Half", "target_value": 40}])).json()
    url = f"/api/goals/{created['id']}"

    half = api.put(url, {**created, "current_value": 40}).json()
    done = api.put(url, {"current_value": 80.5}).json()

    assert (half["current_value"], half["status"], half["progress"], half["is_pinned"]) == (40, "on_track", 50, False)
    assert half["milestones"][0] == {
        "id": created["milestones"][0]["id"],
        "title": "Half",
        "due_on": None,
        "target_value": 40,
        "reached_on": half["milestones"][0]["reached_on"],
    }
    assert half["milestones"][0]["reached_on"] is not None
    assert (done["current_value"], done["status"], done["progress"]) == (80.5, "achieved", 100)
    assert done["completion_date"] is not None


def test_deleting_is_not_published(alice: Membership, api_for: ApiFor) -> None:
    goal = GoalFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))

    assert api_for(alice).delete(f"/api/goals/{goal.uuid}").status_code == 405
    assert api_for(alice).patch(f"/api/goals/{goal.uuid}", {}).status_code == 405


@pytest.mark.parametrize("field", ["account_id", "title", "metric_type", "target_value", "measurement_period"])
def test_what_is_required_is_named(alice: Membership, api_for: ApiFor, field: str) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    facts = body(account)
    del facts[field]

    response = api_for(alice).post("/api/goals", facts)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"metric_type": "happiness"}, "metric_type"),
        ({"measurement_period": "hourly"}, "measurement_period"),
        ({"status": "done"}, "status"),
        ({"target_value": "many"}, "target_value"),
        ({"target_value": True}, "target_value"),
        ({"target_value": 1e12}, "target_value"),
        ({"current_value": 1.234}, "current_value"),
        ({"target_date": "31.12.2026"}, "target_date"),
        ({"target_date": "2020-01-01"}, "target_date"),
        ({"title": "x" * 256}, "title"),
        ({"unit": "x" * 51}, "unit"),
        ({"milestones": "many"}, "milestones"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    alice: Membership, api_for: ApiFor, facts: dict[str, object], field: str
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post("/api/goals", body(account) | facts)

    assert response.status_code == 400
    assert {name.split(".")[0] for name in response.json()["errors"]} == {field}
    assert not alice.organization.goals.exists()


def test_a_stranger_s_account_is_like_an_unknown_one(alice: Membership, mallory: Membership, api_for: ApiFor) -> None:
    theirs = AccountFactory(organization=mallory.organization)

    response = api_for(alice).post("/api/goals", body(theirs))

    assert response.json()["errors"] == {"account_id": ["There is no such account."]}


def test_who_may_not_edit_the_account_sets_it_no_goals(
    alice: Membership, bob: Membership, rita: Membership, api_for: ApiFor
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    goal = GoalFactory(account=account)

    assert api_for(bob).post("/api/goals", body(account)).status_code == 403
    assert api_for(rita).post("/api/goals", body(account)).status_code == 403
    assert api_for(bob).put(f"/api/goals/{goal.uuid}", {"current_value": 1}).status_code == 403
    assert alice.organization.goals.get().current_value == Decimal(50)


def test_the_list_is_filtered(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme")
    other = AccountFactory(organization=alice.organization, name="Zebra")
    GoalFactory(account=account, title="a", status="at_risk", target_date=date(2026, 12, 1))
    GoalFactory(account=account, title="b", status="achieved", completion_date=date(2026, 11, 2))
    GoalFactory(account=other, title="c", metric_type="nps")
    api = api_for(alice)

    def titles(query: str) -> list[str]:
        return [row["title"] for row in api.get(f"/api/goals?ordering=title&{query}").json()["data"]]

    assert titles("") == ["a", "b", "c"]
    assert titles(f"account_id={account.uuid}") == ["a", "b"]
    assert titles("status=at_risk") == ["a"]
    assert titles("status=active") == ["a", "c"]
    assert titles("metric_type=nps") == ["c"]
    assert titles("search=zeb") == ["c"]
    assert titles("from=2026-12-01&to=2026-12-01") == ["a"]
    assert api.get("/api/goals?status=done").json()["errors"] == {
        "status": ["takes active, on_track, at_risk, achieved, missed."]
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    alice: Membership, api_for: ApiFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        goal = GoalFactory(account=AccountFactory(organization=alice.organization), created_by=alice.user)
        goal.milestones.create(organization=alice.organization, title="Half")
    GoalFactory()  # another organisation's: must not show
    api = api_for(alice)
    api.get("/api/goals")

    with django_assert_max_num_queries(9):
        response = api.get("/api/goals")

    assert len(response.json()["data"]) == rows
