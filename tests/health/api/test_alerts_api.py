"""Alerts over the API: the list, one of them, and what can be done to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from csplatform.models import Membership
from health.models import Alert
from tests.factories.accounts import AccountFactory
from tests.factories.health import AlertFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def alert(alice: Membership) -> Alert:
    return AlertFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))


def test_the_list_names_what_the_contract_names(api_for: Any, rita: Membership, alert: Alert) -> None:
    answer = api_for(rita).get("/api/alerts").json()

    assert (answer["total"], answer["hasMore"]) == (1, False)
    row = answer["data"][0]
    named = ("kind", "severity", "account_id", "title", "description", "first_seen_at", "status")
    assert {name: row[name] for name in named} == {
        "kind": "health_below",
        "severity": "medium",
        "account_id": str(alert.account.uuid),
        "title": "Health is 52, under 60",
        "description": "",
        "first_seen_at": "2026-11-20T06:30:00Z",
        "status": "open",
    }
    assert api_for(rita).get(f"/api/alerts/{alert.uuid}").json() == row


def test_filters_narrow_and_refuse_what_they_do_not_know(api_for: Any, rita: Membership, alert: Alert) -> None:
    api = api_for(rita)
    other = AlertFactory(account=alert.account, kind="health_drop", severity="low", status="acknowledged")

    def ids(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"/api/alerts?{query}").json()["data"]]

    assert ids("kind=health_drop") == [str(other.uuid)]
    assert ids("severity=medium") == [str(alert.uuid)]
    assert ids("status=open") == [str(alert.uuid)]
    assert len(ids("status=waiting")) == 2
    assert ids("status=snoozed") == []
    assert ids("ordering=severity") == [str(alert.uuid), str(other.uuid)]
    refused = api.get("/api/alerts?kind=nonsense")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["kind"])


def test_acknowledge_snooze_resolve(api_for: Any, alice: Membership, alert: Alert) -> None:
    api, url = api_for(alice), f"/api/alerts/{alert.uuid}"

    assert api.post(f"{url}/acknowledge").json()["status"] == "acknowledged"
    snoozed = api.post(f"{url}/snooze", {"until": "2026-11-21"}, format="json").json()
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("snoozed", "2026-11-21")
    assert api.post(f"{url}/snooze", {"until": "worse"}, format="json").json()["snoozed_until"] is None
    resolved = api.post(f"{url}/resolve", {"outcome": "confirmed"}, format="json").json()
    assert (resolved["status"], resolved["outcome"]) == ("resolved", "confirmed")
    assert api.post(f"{url}/resolve", {"outcome": "acted"}, format="json").status_code == 409


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("snooze", {"until": "2026-11-20"}, "until"),
        ("snooze", {"until": "2028-01-01"}, "until"),
        ("snooze", {"until": 5}, "until"),
        ("snooze", {}, "until"),
        ("resolve", {"outcome": "cleared"}, "outcome"),
        ("resolve", {}, "outcome"),
        ("resolve", {"outcome": "acted", "note": "x" * 501}, "note"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    api_for: Any, alice: Membership, alert: Alert, verb: str, body: dict[str, Any], field: str
) -> None:
    answer = api_for(alice).post(f"/api/alerts/{alert.uuid}/{verb}", body, format="json")

    alert.refresh_from_db()
    assert (answer.status_code, list(answer.json()["errors"]), alert.status) == (400, [field], "open")


def test_who_may_not(
    api_for: Any, alice: Membership, bob: Membership, rita: Membership, mallory: Membership, alert: Alert
) -> None:
    url = f"/api/alerts/{alert.uuid}/acknowledge"

    assert api_for(bob).post(url).status_code == 403
    assert api_for(rita).post(url).status_code == 403
    assert api_for(alice, read_only=True).post(url).status_code == 403
    assert api_for(mallory).post(url).status_code == 404
    alert.refresh_from_db()
    assert alert.status == "open"
