"""Writing playbooks on their pages and over the API."""

from __future__ import annotations

from typing import Any

import pytest

from csplatform.models import Membership
from playbooks.models import Playbook
from playbooks.services.library import copy_library
from tests.factories.playbooks import PlaybookFactory, StepFactory

pytestmark = pytest.mark.django_db


def posted(*steps: str, **facts: str) -> dict[str, Any]:
    """The form with so many steps and one empty row behind them."""
    body: dict[str, Any] = {
        "title": "Win back",
        "description": "Tell them what is new.",
        "category": "Engagement",
        "priority": "Low",
        "estimated_effort": "1 hour",
        "risk_factors": ["No recent engagement"],
        "steps-TOTAL_FORMS": str(len(steps) + 1),
        "steps-INITIAL_FORMS": "0",
    }
    for at, text in enumerate([*steps, ""]):
        body |= {
            f"steps-{at}-text": text,
            f"steps-{at}-day": str(at + 1),
            f"steps-{at}-kind": "task",
            f"steps-{at}-role": "account_owner",
            f"steps-{at}-ORDER": str(at + 1),
        }
    return {**body, **facts}


def test_a_manager_writes_one(client_for: Any, mona: Membership) -> None:
    client = client_for(mona)
    assert client.get("/dashboard/playbooks/new").status_code == 200

    response = client.post("/dashboard/playbooks/new", posted("Call", "Write"))

    playbook = mona.organization.playbooks.get()
    assert response["Location"] == playbook.get_absolute_url()
    assert [(step.n, step.text, step.day) for step in playbook.steps.all()] == [(1, "Call", 1), (2, "Write", 2)]
    assert playbook.risk_factors == ["No recent engagement"]


def test_steps_change_places_and_go(client_for: Any, mona: Membership) -> None:
    playbook = PlaybookFactory(organization=mona.organization)
    for n, text in enumerate(["A", "B", "C"], start=1):
        StepFactory(playbook=playbook, n=n, text=text)
    url = f"/dashboard/playbooks/{playbook.number}/edit"
    assert 'value="C"' in client_for(mona).get(url).text or "C</textarea>" in client_for(mona).get(url).text

    body = posted("A", "B", "C") | {"steps-0-ORDER": "9", "steps-1-DELETE": "on"}
    client_for(mona).post(url, body)

    assert [step.text for step in playbook.steps.all()] == ["C", "A"]


@pytest.mark.parametrize("body", [posted(), posted("x", title=""), posted("x", **{"steps-0-day": "0"})])
def test_what_does_not_validate_is_told(client_for: Any, mona: Membership, body: dict[str, Any]) -> None:
    assert client_for(mona).post("/dashboard/playbooks/new", body).status_code == 422
    assert not mona.organization.playbooks.exists()


def test_a_csm_does_not_write_playbooks(client_for: Any, api_for: Any, alice: Membership) -> None:
    playbook = PlaybookFactory(organization=alice.organization)
    client = client_for(alice)

    assert client.get(f"/dashboard/playbooks/{playbook.number}/edit").status_code == 403
    assert client.post(f"/dashboard/playbooks/{playbook.number}/delete").status_code == 403
    assert api_for(alice).delete(f"/api/playbooks/{playbook.uuid}").status_code == 403
    assert "Edit</a>" not in client.get(playbook.get_absolute_url()).text
    assert Playbook.objects.filter(pk=playbook.pk).exists()


def test_a_built_in_one_offers_restore_once_it_is_changed(client_for: Any, mona: Membership) -> None:
    copy_library(organization=mona.organization)
    client, url = client_for(mona), "/dashboard/playbooks/6"
    assert "Restore" not in client.get(url).text

    client.post(f"{url}/edit", posted("Only this"))
    assert "changed by you, not as it ships" in client.get(url).text
    client.post(f"{url}/restore")

    assert mona.organization.playbooks.get(number=6).title == "Champion User Program"
    client.post(f"{url}/delete")
    assert mona.organization.playbooks.count() == 10


def test_the_api_creates_changes_and_deletes(api_for: Any, mona: Membership) -> None:
    copy_library(organization=mona.organization)
    client = api_for(mona)
    body = {
        "title": "Win back",
        "description": "Tell them what is new.",
        "category": "Engagement",
        "priority": "Low",
        "estimated_effort": "1 hour",
        "risk_factors": ["No recent engagement"],
        "steps": ["Call", {"text": "Write", "day": 4, "role": "finance"}],
    }

    made = client.post("/api/playbooks", body, format="json")
    assert made.status_code == 201
    assert (made.json()["number"], [step["text"] for step in made.json()["steps"]]) == (11, ["Call", "Write"])
    url = f"/api/playbooks/{made.json()['id']}"
    changed = client.put(url, {"title": "Win them back", "steps": ["Call"]}, format="json").json()
    assert (changed["title"], len(changed["steps"]), changed["priority"]) == ("Win them back", 1, "Low")
    assert client.put(url, {"steps": [{"text": "x", "day": 0}]}, format="json").status_code == 400
    assert client.put(url, {"risk_factors": ["x"]}, format="json").status_code == 400
    assert client.get("/api/playbooks/11").json()["title"] == "Win them back"
    assert client.get("/api/playbooks?is_builtin=false").json()["total"] == 1
    assert client.post("/api/playbooks/11/restore").status_code == 409
    assert client.delete("/api/playbooks/1").status_code == 409
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert len(client.get("/playbooks").json()) == 10


def test_the_contract_keeps_its_shape_when_a_built_in_one_is_changed(api_for: Any, mona: Membership) -> None:
    copy_library(organization=mona.organization)

    api_for(mona).put("/api/playbooks/2", {"title": "Ours", "steps": ["Look"]}, format="json")

    second = api_for(mona).get("/playbooks").json()[1]
    assert (second["id"], second["title"], second["steps"]) == (2, "Ours", ["Look"])
