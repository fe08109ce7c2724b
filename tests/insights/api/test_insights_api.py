"""POST /insights/…: the portfolio and one account in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from csplatform.models import Membership
from insights.models import Insight
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


@pytest.fixture
def acme(alice: Membership):
    """Feature adoption fell from 0.62 to 0.31: 15.5 and 7.8 of 25 points."""
    copy_library(organization=alice.organization)
    account = AccountFactory(
        organization=alice.organization,
        name="Acme",
        arr="1200000",
        seats=100,
        owner=alice.user,
        health_score="66.8",
        health_coverage=1.0,
    )
    DailyMetricsFactory(
        account=account,
        date=TODAY - timedelta(days=39),
        adoption_pct=62.0,
        daily_active_users=80,
        health_score="74.5",
    )
    DailyMetricsFactory(account=account, date=TODAY, adoption_pct=31.0, daily_active_users=80, health_score="66.8")
    return account


def test_an_account_is_told_about_in_the_contracts_shape(api_for, alice: Membership, acme) -> None:
    response = api_for(alice).post(f"/insights/account/{acme.number}")

    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {
        "account_id",
        "account_name",
        "summary",
        "health_analysis",
        "risk_factors",
        "recommended_actions",
        "generated_at",
        "source",
    }
    assert (answer["account_id"], answer["account_name"]) == (acme.number, "Acme")
    assert answer["generated_at"] == "2026-11-20T06:00:00Z"
    assert answer["source"] == "rules"
    assert answer["risk_factors"] == ["Below target health score"]
    assert "Feature adoption fell from 0.62 to 0.31 since 12 Oct (7.7 points less)." in answer["health_analysis"]


def test_three_actions_differ_and_their_playbooks_exist(api_for, alice: Membership, acme) -> None:
    client = api_for(alice)

    actions = client.post(f"/insights/account/{acme.number}").json()["recommended_actions"]

    assert len({action["title"] for action in actions}) == len(actions) == 3
    known = {item["id"] for item in client.get("/playbooks").json()}
    for action in actions:
        assert set(action) == {"title", "description", "priority", "estimated_impact", "playbook_id"}
        assert action["priority"] in {"High", "Medium", "Low"}
        assert action["playbook_id"] is None or action["playbook_id"] in known
    # Below target is answered best by 8 (one of its two factors), then 5 and 10 (one of three), 1 (one of five).
    assert [action["playbook_id"] for action in actions] == [8, 5, 10]


def test_an_account_without_any_data_gets_three_actions_too(api_for, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    answer = api_for(alice).post(f"/insights/account/{account.number}").json()

    assert len({action["title"] for action in answer["recommended_actions"]}) == 3
    assert answer["risk_factors"] == ["Low data quality"]


def test_the_portfolio_is_told_about_in_the_contracts_shape(api_for, alice: Membership, acme) -> None:
    answer = api_for(alice).post("/insights/portfolio").json()

    assert set(answer) == {"summary", "key_findings", "top_risks", "opportunities", "generated_at", "source"}
    assert answer["summary"].startswith("One account pays ₹12L a year; the average health score is 66.8.")
    assert 3 <= len(answer["key_findings"]) <= 4
    assert answer["opportunities"][0] == (
        "Integration Optimization (playbook 8) is the best answer for 1 account with ₹12L a year."
    )


def test_an_empty_portfolio_is_told_about_too(api_for, alice: Membership) -> None:
    answer = api_for(alice).post("/insights/portfolio").json()

    assert len(answer["key_findings"]) == 3
    assert answer["top_risks"] == []


@pytest.mark.parametrize("path", ["/insights/portfolio", "/insights/account/1"])
def test_a_call_without_body_or_content_type_is_fine(api_for, alice: Membership, acme, path: str) -> None:
    response = api_for(alice).generic("POST", path, b"", content_type="")

    assert response.status_code == 200


def test_wishes_are_read_from_the_body(api_for, alice: Membership, acme) -> None:
    client = api_for(alice)
    body = {"include_recommendations": False, "focus_areas": ["Adoption", "the weather"]}

    account = client.post(f"/insights/account/{acme.number}", body, format="json").json()
    portfolio = client.post("/insights/portfolio", body, format="json").json()

    assert account["recommended_actions"] == []
    assert portfolio["opportunities"] == []


@pytest.mark.parametrize("body", [{"include_recommendations": None}, {"focus_areas": "adoption"}, ["adoption"]])
def test_a_body_of_another_shape_is_400_and_keeps_nothing(api_for, alice: Membership, body: object) -> None:
    assert api_for(alice).post("/insights/portfolio", body, format="json").status_code == 400
    assert not Insight.objects.exists()


def test_what_was_said_is_kept_with_its_facts(api_for, alice: Membership, acme) -> None:
    answer = api_for(alice).post(f"/insights/account/{acme.number}").json()

    (insight,) = alice.organization.insights.all()
    assert (insight.kind, insight.source, insight.account, insight.by) == ("account", "rules", acme, alice.user)
    assert insight.body == answer
    assert insight.facts["signals"][1]["value"] == 0.31


def test_asking_changes_no_dashboards_tag(api_for, alice: Membership, acme) -> None:
    before = alice.organization.data_version

    api_for(alice).post("/insights/portfolio")

    alice.organization.refresh_from_db()
    assert alice.organization.data_version == before


def test_the_same_question_gives_the_same_words(api_for, alice: Membership, acme) -> None:
    client = api_for(alice)

    assert client.post("/insights/portfolio").json() == client.post("/insights/portfolio").json()


def test_a_viewer_may_ask_even_with_a_read_only_key(api_for, rita: Membership, acme) -> None:
    client = api_for(rita, read_only=True)

    assert client.post("/insights/portfolio").status_code == 200
    assert client.post(f"/insights/account/{acme.uuid}").status_code == 200


def test_another_organisations_account_does_not_exist(api_for, mallory: Membership, acme) -> None:
    response = api_for(mallory).post(f"/insights/account/{acme.uuid}")

    assert (response.status_code, response.json()) == (404, {"error": True, "message": "Account not found"})
    assert not Insight.objects.exists()


def test_an_unknown_account_is_404(api_for, alice: Membership) -> None:
    assert api_for(alice).post("/insights/account/99").status_code == 404


def test_nobody_signed_in_is_401(client: Client, acme) -> None:
    assert client.post("/insights/portfolio").status_code == 401
    assert client.post(f"/insights/account/{acme.number}").status_code == 401
