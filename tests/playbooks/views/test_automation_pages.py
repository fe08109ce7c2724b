"""The pages and the API of automation."""

from __future__ import annotations

from typing import Any

import pytest

from csplatform.models import Membership
from playbooks.models import AutomationRule, AutomationStop
from playbooks.services.automation import evaluate_rule
from playbooks.services.rule import create_rule, switch_rule
from tests.factories.accounts import AccountFactory
from tests.factories.playbooks import NOON, PlaybookFactory, StepFactory

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Critical accounts",
    "trigger": "band",
    "band": "Critical",
    "action": "notify",
    "words": "Is critical",
    "role": "account_owner",
    "daily_limit": "10",
}


def rule_of(member: Membership, **facts: Any) -> AutomationRule:
    wanted = {"name": "Critical", "trigger": "band", "band": "Critical", "action": "notify", "words": "Look"} | facts
    return create_rule(organization=member.organization, by=member.user, **wanted)


def test_a_manager_writes_a_rule_sees_what_it_would_do_and_switches_it_on(client_for: Any, mona: Membership) -> None:
    AccountFactory(organization=mona.organization, name="Aster", health_score=20)
    client = client_for(mona)

    page = client.post("/dashboard/automation/new", FORM, follow=True).text
    rule = mona.organization.automation_rules.get()
    assert "Would act now for this account" in page
    assert "Health is 20, Critical" in page
    assert not rule.is_on
    client.post(f"{rule.get_absolute_url()}/switch", {"on": "1"})

    rule.refresh_from_db()
    assert rule.is_on
    assert "Held when the rule was switched on".lower() in client.get(rule.get_absolute_url()).text
    client.post(f"{rule.get_absolute_url()}/switch")
    rule.refresh_from_db()
    assert not rule.is_on


@pytest.mark.parametrize("facts", [{"band": ""}, {"name": ""}, {"daily_limit": "0"}, {"trigger": "moon"}])
def test_what_does_not_validate_is_told(client_for: Any, mona: Membership, facts: dict[str, str]) -> None:
    assert client_for(mona).post("/dashboard/automation/new", FORM | facts).status_code == 422
    assert not mona.organization.automation_rules.exists()


def test_a_rule_is_changed_and_deleted(client_for: Any, mona: Membership) -> None:
    playbook = PlaybookFactory(organization=mona.organization)
    StepFactory(playbook=playbook)
    rule = rule_of(mona, action="start_playbook", playbook=playbook, words="")
    client = client_for(mona)
    assert f'value="{playbook.number}" selected' in client.get(f"{rule.get_absolute_url()}/edit").text

    client.post(f"{rule.get_absolute_url()}/edit", FORM | {"name": "Other"})
    rule.refresh_from_db()
    assert (rule.name, rule.action, rule.playbook) == ("Other", "notify", None)
    client.post(f"{rule.get_absolute_url()}/delete")

    assert not AutomationRule.objects.exists()


def test_one_click_stops_all_rules(client_for: Any, mona: Membership) -> None:
    client = client_for(mona)

    assert "Automation is stopped" in client.post("/dashboard/automation/stop", follow=True).text
    assert AutomationStop.objects.get().stopped_by == mona.user
    client.post("/dashboard/automation/stop", {"resume": "1"})

    assert not AutomationStop.objects.exists()


def test_everybody_reads_and_only_editors_write(client_for: Any, api_for: Any, alice: Membership) -> None:
    rule = rule_of(alice)
    client = client_for(alice)

    assert client.get("/dashboard/automation").status_code == client.get(rule.get_absolute_url()).status_code == 200
    assert client.get("/dashboard/automation/new").status_code == 403
    assert client.post(f"{rule.get_absolute_url()}/switch", {"on": "1"}).status_code == 403
    assert api_for(alice).put("/api/automation", {"is_stopped": True}, format="json").status_code == 403
    assert "New rule" not in client.get("/dashboard/automation").text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    client_for: Any, mona: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(rows):
        AccountFactory(organization=mona.organization, health_score=20)
        rule = switch_rule(rule=rule_of(mona, name=f"{at}"), is_on=True, by=None, now=NOON, acts_on_present=True)
        evaluate_rule(rule=rule, now=NOON)
    client = client_for(mona)
    client.get("/dashboard/automation")

    with django_assert_max_num_queries(18):
        client.get("/dashboard/automation")
    with django_assert_max_num_queries(22):
        client.get(rule.get_absolute_url())


def test_the_api_writes_tries_switches_and_tells(api_for: Any, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization, owner=mona.user, name="Aster", health_score=20)
    playbook = PlaybookFactory(organization=mona.organization)
    StepFactory(playbook=playbook)
    client = api_for(mona)
    body = {
        "name": "Critical",
        "trigger": "band",
        "band": "Critical",
        "action": "start_playbook",
        "playbook_id": playbook.number,
    }

    made = client.post("/api/automation/rules", body, format="json")
    assert (made.status_code, made.json()["is_on"], made.json()["daily_limit"]) == (201, False, 25)
    url = f"/api/automation/rules/{made.json()['id']}"
    dry = client.get(f"{url}/dry-run").json()
    assert (dry["count"], dry["accounts"][0]["account_id"]) == (1, str(account.uuid))
    switched = client.post(f"{url}/switch", {"is_on": True, "acts_on_present": True}, format="json").json()
    assert switched["is_on"]
    evaluate_rule(rule=mona.organization.automation_rules.get(), now=NOON)
    log = client.get("/api/automation/log?outcome=fired").json()
    assert (log["total"], log["data"][0]["run_id"]) == (1, str(account.playbook_runs.get().uuid))
    assert client.get(f"{url}/dry-run").json()["count"] == 0
    assert client.put(url, {"trigger": "renewal"}, format="json").json()["errors"] == {"days": ["Say how many days."]}
    assert client.put("/api/automation", {"is_stopped": True}, format="json").json()["is_stopped"]
    assert client.get("/api/automation/rules?trigger=band").json()["total"] == 1
    assert client.delete(f"/api/playbooks/{playbook.number}").status_code == 409
    assert client.delete(url).status_code == 204
