"""POST /actions/recommend: which playbooks answer these risks."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from csplatform.models import Membership
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
def troubled(alice: Membership):
    """Many tickets and an NPS below zero; all signals are there, the score is 40.5.

    80 of 100 users: 20; adoption 0.5: 12.5; 9 open: 2; NPS -80: 1.5; logins 0.3: 4.5. Together 40.5.
    """
    copy_library(organization=alice.organization)
    account = AccountFactory(organization=alice.organization, name="Troubled")
    DailyMetricsFactory(
        account=account,
        date=TODAY,
        daily_active_users=80,
        adoption_pct=50.0,
        tickets_open=9,
        nps=-80.0,
        login_rate=0.3,
        health_score="40.5",
    )
    return account


def test_an_accounts_risks_are_answered_best_first(api_for, alice: Membership, troubled) -> None:
    response = api_for(alice).post(f"/actions/recommend?account_id={troubled.number}")

    # Factors: below target (2), many tickets (2), negative NPS (3): 7 together.
    #  7 NPS, one of two:                 0.7 × 3/7 + 0.3 × 1/2 = 0.300 + 0.150 = 0.45
    #  9 NPS, one of five:                0.7 × 3/7 + 0.3 × 1/5 = 0.300 + 0.060 = 0.36
    #  8 below target, one of two:        0.7 × 2/7 + 0.3 × 1/2 = 0.200 + 0.150 = 0.35
    #  3 tickets, one of three:           0.200 + 0.100 = 0.30; High
    #  4 tickets, 5 below target, 10 likewise 0.30; 4 and 5 Medium, the lower number first
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {"account_id", "recommendations"}
    assert answer["account_id"] == troubled.number
    assert [
        (item["playbook"]["id"], item["relevance_score"], item["matching_risk_factors"])
        for item in answer["recommendations"]
    ] == [
        (7, 0.45, ["Negative NPS score"]),
        (9, 0.36, ["Negative NPS score"]),
        (8, 0.35, ["Below target health score"]),
        (3, 0.3, ["High support ticket volume"]),
        (4, 0.3, ["High support ticket volume"]),
    ]
    for item in answer["recommendations"]:
        assert set(item["matching_risk_factors"]) <= set(item["playbook"]["risk_factors"])


def test_the_uuid_names_the_same_account(api_for, alice: Membership, troubled) -> None:
    client = api_for(alice)

    by_number = client.post(f"/actions/recommend?account_id={troubled.number}").json()
    by_uuid = client.post(f"/actions/recommend?account_id={troubled.uuid}").json()

    assert by_uuid == by_number


@pytest.mark.parametrize("body", [{"risk_factors": ["Negative NPS score"]}, ["Negative NPS score"]])
def test_factors_may_be_given_by_name(api_for, alice: Membership, body: object) -> None:
    copy_library(organization=alice.organization)

    answer = api_for(alice).post("/actions/recommend", body, format="json").json()

    # All of the severity asked about: 0.7 + 0.3 × 1/2 = 0.85, and 0.7 + 0.3 × 1/5 = 0.76.
    assert answer["account_id"] is None
    assert [(item["playbook"]["id"], item["relevance_score"]) for item in answer["recommendations"]] == [
        (7, 0.85),
        (9, 0.76),
    ]


def test_with_both_the_account_counts(api_for, alice: Membership, troubled) -> None:
    client = api_for(alice)
    url = f"/actions/recommend?account_id={troubled.number}"

    answer = client.post(url, {"risk_factors": ["Infrequent logins"]}, format="json").json()

    assert answer == client.post(url).json()


@pytest.mark.parametrize("body", [None, {}, {"risk_factors": []}, {"risk_factors": None}, [], ["Bad weather"]])
def test_nothing_known_asked_is_an_empty_list(api_for, alice: Membership, body: object) -> None:
    copy_library(organization=alice.organization)

    response = api_for(alice).post("/actions/recommend", body, format="json")

    assert response.status_code == 200
    assert response.json() == {"account_id": None, "recommendations": []}


@pytest.mark.parametrize("text", ["x", "1.5", "-1", "one"])
def test_a_reference_that_is_none_is_400_and_named(api_for, alice: Membership, text: str) -> None:
    response = api_for(alice).post(f"/actions/recommend?account_id={text}")

    assert response.status_code == 400
    assert response.json() == {
        "error": True,
        "message": "account_id: takes an account's number or its uuid.",
        "errors": {"account_id": ["takes an account's number or its uuid."]},
    }


@pytest.mark.parametrize("text", ["99", "9" * 40, "6a5f0f5e-1a5b-4a63-9d38-0d2f3ad2b7a1"])
def test_an_unknown_account_is_404(api_for, alice: Membership, text: str) -> None:
    response = api_for(alice).post(f"/actions/recommend?account_id={text}")

    assert response.status_code == 404
    assert response.json() == {"error": True, "message": "Account not found"}


@pytest.mark.parametrize("body", [{"risk_factors": "Negative NPS score"}, {"risk_factors": [{}]}, "text"])
def test_a_body_of_another_shape_is_400(api_for, alice: Membership, body: object) -> None:
    assert api_for(alice).post("/actions/recommend", body, format="json").status_code == 400


def test_a_viewer_may_ask_even_with_a_read_only_key(api_for, rita: Membership, troubled) -> None:
    response = api_for(rita, read_only=True).post(f"/actions/recommend?account_id={troubled.number}")

    assert len(response.json()["recommendations"]) == 5


def test_another_organisations_account_does_not_exist(api_for, mallory: Membership, troubled) -> None:
    copy_library(organization=mallory.organization)
    client = api_for(mallory)

    assert client.post(f"/actions/recommend?account_id={troubled.uuid}").status_code == 404
    assert client.post(f"/actions/recommend?account_id={troubled.number}").status_code == 404


def test_nobody_signed_in_is_401(client: Client, troubled) -> None:
    assert client.post(f"/actions/recommend?account_id={troubled.number}").status_code == 401


def test_a_churned_account_has_no_open_risks(api_for, alice: Membership, troubled) -> None:
    troubled.status = "churned"
    troubled.save()

    answer = api_for(alice).post(f"/actions/recommend?account_id={troubled.number}").json()

    assert answer == {"account_id": troubled.number, "recommendations": []}
