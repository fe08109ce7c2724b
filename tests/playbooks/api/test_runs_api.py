"""Runs over the API: started once, moved on, and ended."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from csplatform.models import Membership
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.playbooks import PlaybookFactory, RunFactory, StepFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Aster", health_score=55)


@pytest.fixture
def short(alice: Membership) -> Any:
    play = PlaybookFactory(organization=alice.organization)
    StepFactory(playbook=play, n=1, title="Call")
    StepFactory(playbook=play, n=2, title="Write", day=3)
    return play


def started(client: Any, account: Account, playbook: Any, **facts: Any) -> Any:
    body = {"account_id": str(account.uuid), "playbook_id": str(playbook.uuid), **facts}
    return client.post("/api/playbook-runs", body, format="json")


def test_a_run_answers_with_its_steps_and_their_follow_ups(api_for: Any, alice: Membership, account: Account) -> None:
    copy_library(organization=alice.organization)

    response = api_for(alice).post(
        "/api/playbook-runs",
        {"account_id": account.number, "playbook_id": 9, "owner_id": str(alice.user.uuid), "start_on": "2099-01-01"},
        format="json",
    )

    assert response.status_code == 400
    assert response.json()["errors"] == {"start_on": ["takes a day within a year from today."]}
    response = started(api_for(alice), account, alice.organization.playbooks.get(number=9))
    assert response.status_code == 201
    run = response.json()
    assert (run["status"], run["account_id"], run["owner_id"]) == ("running", str(account.uuid), str(alice.user.uuid))
    assert (run["start_score"], run["start_band"], run["playbook_number"]) == (55.0, "At Risk", 9)
    assert [step["n"] for step in run["steps"]] == [1, 2, 3, 4, 5, 6, 7]
    assert {step["status"] for step in run["steps"]} == {"open"}
    tasks = api_for(alice).get(f"/api/follow-ups?playbook_run_id={run['id']}").json()
    assert {task["id"] for task in tasks["data"]} == {step["follow_up_id"] for step in run["steps"]}


def test_the_same_start_again_answers_with_the_same_run(
    api_for: Any, alice: Membership, account: Account, short: Any
) -> None:
    first, second = (started(api_for(alice), account, short) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_the_last_step_done_completes_it(api_for: Any, alice: Membership, account: Account, short: Any) -> None:
    client = api_for(alice)
    url = f"/api/playbook-runs/{started(client, account, short).json()['id']}"

    assert client.post(f"{url}/steps/1/complete").json()["status"] == "running"
    assert client.post(f"{url}/steps/1/complete").status_code == 409
    assert client.post(f"{url}/steps/3/complete").status_code == 404
    done = client.post(f"{url}/steps/2/complete").json()
    assert (done["status"], [step["status"] for step in done["steps"]]) == ("completed", ["done", "done"])
    judged = client.post(f"{url}/complete", {"outcome": "no_effect", "note": "Nobody came"}, format="json").json()
    assert (judged["outcome"], judged["note"]) == ("no_effect", "Nobody came")
    assert client.post(f"{url}/cancel").status_code == 409


def test_pause_resume_and_cancel(api_for: Any, alice: Membership, account: Account, short: Any) -> None:
    client = api_for(alice)
    url = f"/api/playbook-runs/{started(client, account, short).json()['id']}"

    paused = client.post(f"{url}/pause").json()
    assert (paused["status"], paused["steps"][0]["status"]) == ("paused", "waiting")
    assert client.post(f"{url}/pause").status_code == 409
    assert client.get("/api/follow-ups?due=open").json()["total"] == 0
    assert client.post(f"{url}/resume").json()["status"] == "running"
    assert client.post(f"{url}/resume").status_code == 409
    cancelled = client.post(f"{url}/cancel", {"note": "A mistake"}, format="json").json()
    assert (cancelled["status"], cancelled["note"], cancelled["steps"][0]["status"]) == (
        "cancelled",
        "A mistake",
        "skipped",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"playbook_id": 99}, "playbook_id"),
        ({"playbook_id": "x"}, "playbook_id"),
        ({"playbook_id": True}, "playbook_id"),
        ({"account_id": "nobody"}, "account_id"),
        ({"owner_id": "00000000-0000-4000-8000-000000000000"}, "owner_id"),
        ({"start_on": "soon"}, "start_on"),
    ],
)
def test_what_does_not_validate_is_named(
    api_for: Any, alice: Membership, account: Account, short: Any, body: dict[str, Any], field: str
) -> None:
    response = started(api_for(alice), account, short, **body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not alice.organization.playbook_runs.exists()


def test_of_others_accounts_nobody_starts_or_ends_runs(
    api_for: Any, bob: Membership, rita: Membership, mallory: Membership, account: Account, short: Any
) -> None:
    run = RunFactory(account=account, playbook=short)

    assert started(api_for(bob), account, short).status_code == 403
    assert api_for(bob).post(f"/api/playbook-runs/{run.uuid}/cancel").status_code == 403
    assert api_for(rita).post(f"/api/playbook-runs/{run.uuid}/pause").status_code == 403
    assert api_for(rita).get(f"/api/playbook-runs/{run.uuid}").status_code == 200
    assert api_for(mallory).post(f"/api/playbook-runs/{run.uuid}/pause").status_code == 404
    run.refresh_from_db()
    assert run.status == "running"


def test_the_list_filters(api_for: Any, alice: Membership, account: Account, short: Any) -> None:
    RunFactory(account=account, playbook=short, title="Open one")
    RunFactory(
        account=account,
        title="Old one",
        status="completed",
        finished_at="2026-11-25T10:00Z",
        end_mrr=0,
        outcome="partly",
    )
    client = api_for(alice)

    def titles(query: str) -> list[str]:
        return [run["title"] for run in client.get(f"/api/playbook-runs?{query}").json()["data"]]

    assert titles("status=going_on") == titles(f"playbook_id={short.number}") == ["Open one"]
    assert titles("outcome=partly") == titles("search=old") == ["Old one"]
    assert len(titles(f"account_id={account.number}")) == 2
    assert client.get("/api/playbook-runs?status=odd").status_code == 400
    assert client.get("/api/playbook-runs?format=csv").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    api_for: Any, alice: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    play = PlaybookFactory(organization=alice.organization)
    StepFactory(playbook=play)
    client = api_for(alice)
    for _ in range(rows):
        started(client, AccountFactory(organization=alice.organization, owner=alice.user), play)

    with django_assert_max_num_queries(9):
        assert len(client.get("/api/playbook-runs").json()["data"]) == rows
