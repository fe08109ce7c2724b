"""`/api/v1/health` as the customer-management contract has it, and the override routes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
URL = "/api/v1/health"


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership):
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Bharat Cloud")


def test_the_first_post_creates_and_the_second_updates_what_it_names(api_for, alice: Membership, account) -> None:
    client = api_for(alice)

    first = client.post(URL, {"account_id": str(account.uuid), "login_frequency": 12, "feature_adoption_score": 60})
    second = client.post(URL, {"account_id": str(account.uuid), "support_tickets": 3})

    assert (first.status_code, second.status_code) == (201, 200)
    body = second.json()
    assert {name: body[name] for name in ("login_frequency", "feature_adoption_score", "support_tickets")} == {
        "login_frequency": 12,
        "feature_adoption_score": 60,
        "support_tickets": 3,
    }
    assert body["id"] == first.json()["id"]
    assert body["metric_date"] == "2026-11-20"
    assert account.daily_metrics.count() == 1


def test_measures_never_reported_print_their_defaults(api_for, alice: Membership, account) -> None:
    body = api_for(alice).post(URL, {"account_id": str(account.uuid)}).json()

    assert {name: body[name] for name in list(body)[5:10]} == {
        "login_frequency": 0,
        "feature_adoption_score": 0,
        "support_tickets": 0,
        "training_completion_rate": 0,
        "overall_health_score": 50,
    }
    row = account.daily_metrics.get()
    assert (row.logins, row.adoption_pct, row.tickets_open, row.training_completion_pct) == (None, None, None, None)


def test_units_meet_the_other_contracts(api_for, alice: Membership, account) -> None:
    """Adoption 0-100 here is 0-1 there; tickets are the same count; logins are a count, never a rate."""
    api_for(alice).post(
        URL,
        {
            "account_id": str(account.uuid),
            "login_frequency": 7,
            "feature_adoption_score": 31,
            "support_tickets": 4,
            "training_completion_rate": 62.5,
        },
    )

    newest = api_for(alice).get(f"/accounts/{account.number}").json()["latest_metrics"]

    assert (newest["feature_adoption_rate"], newest["support_tickets_open"], newest["login_frequency"]) == (
        0.31,
        4,
        None,
    )
    assert account.daily_metrics.get().training_completion_pct == Decimal("62.50")


def test_a_posted_overall_score_is_an_override(api_for, alice: Membership, account) -> None:
    body = (
        api_for(alice)
        .post(URL, {"account_id": str(account.number), "feature_adoption_score": 80, "overall_health_score": 41})
        .json()
    )

    account.refresh_from_db()
    override = account.health_overrides.get()
    assert (body["overall_health_score"], account.health_score) == (41, Decimal("41.0"))
    assert (override.starts_on, override.expires_on, override.set_by) == (TODAY, date(2026, 12, 4), alice.user)


def test_a_score_posted_for_long_ago_changes_that_day_only(api_for, alice: Membership, account) -> None:
    day = TODAY - timedelta(days=60)

    body = (
        api_for(alice)
        .post(URL, {"account_id": str(account.uuid), "metric_date": day.isoformat(), "overall_health_score": 41})
        .json()
    )

    account.refresh_from_db()
    assert (body["overall_health_score"], account.health_score) == (41, None)


def test_the_list_is_newest_first_and_narrows(api_for, alice: Membership, account) -> None:
    other = AccountFactory(organization=alice.organization)
    for day in (1, 2, 3):
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=day), health_score=Decimal("85.9"))
    DailyMetricsFactory(account=other, date=TODAY)
    client = api_for(alice)

    everything = client.get(URL, {"limit": 3}).json()
    narrowed = client.get(
        URL, {"account_id": str(account.uuid), "start_date": "2026-11-18", "to": "2026-11-19"}
    ).json()

    assert (everything["total"], everything["page"], everything["limit"], everything["hasMore"]) == (4, 1, 3, True)
    assert [row["metric_date"] for row in everything["data"]] == ["2026-11-20", "2026-11-19", "2026-11-18"]
    assert [(row["metric_date"], row["account_name"]) for row in narrowed["data"]] == [
        ("2026-11-19", "Bharat Cloud"),
        ("2026-11-18", "Bharat Cloud"),
    ]
    assert narrowed["data"][0]["overall_health_score"] == 85  # the floor of 85.9


def test_an_account_of_nobodys_matches_nothing(api_for, alice: Membership, account) -> None:
    DailyMetricsFactory(account=account)

    assert api_for(alice).get(URL, {"account_id": str(uuid.uuid4())}).json()["total"] == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(api_for, alice, count: int, django_assert_max_num_queries) -> None:
    for account in AccountFactory.create_batch(count, organization=alice.organization):
        DailyMetricsFactory(account=account)
    client = api_for(alice)
    client.get(URL)

    with django_assert_max_num_queries(9):
        assert len(client.get(URL).json()["data"]) == count


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"account_id": None}, "account_id"),
        ({"login_frequency": -1}, "login_frequency"),
        ({"login_frequency": "many"}, "login_frequency"),
        ({"feature_adoption_score": 101}, "feature_adoption_score"),
        ({"support_tickets": 2.5}, "support_tickets"),
        ({"training_completion_rate": 100.01}, "training_completion_rate"),
        ({"overall_health_score": 101}, "overall_health_score"),
        ({"metric_date": "20/11/2026"}, "metric_date"),
        ({"metric_date": "2026-11-21"}, "metric_date"),
    ],
)
def test_what_cannot_be_is_400_by_field_and_writes_nothing(api_for, alice, account, wrong, field: str) -> None:
    body = {"account_id": str(account.uuid)} | wrong

    response = api_for(alice).post(URL, {name: value for name, value in body.items() if value is not None})

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert not account.daily_metrics.exists()


def test_a_strangers_account_is_404(api_for, mallory: Membership, account) -> None:
    assert api_for(mallory).post(URL, {"account_id": str(account.uuid)}).status_code == 404
    assert not account.daily_metrics.exists()


def test_who_may_not_edit_the_account_is_403(api_for, bob: Membership, rita: Membership, account) -> None:
    body = {"account_id": str(account.uuid), "support_tickets": 1}

    assert [api_for(each).post(URL, body).status_code for each in (bob, rita)] == [403, 403]
    assert not account.daily_metrics.exists()


def test_an_override_is_set_shown_and_taken_back(api_for, alice: Membership, account) -> None:
    DailyMetricsFactory(account=account, date=TODAY)
    client, url = api_for(alice), f"/api/accounts/{account.uuid}/health/override"

    made = client.post(url, {"score": 20, "reason": "Their champion left", "expires_on": "2026-11-25"})
    days = client.get(f"/api/accounts/{account.uuid}/health").json()["data"]
    ended = client.delete(url)
    again = client.delete(url)

    assert made.status_code == 201
    assert {name: made.json()[name] for name in ("score", "computed_score", "expires_on", "set_by")} == {
        "score": 20.0,
        "computed_score": 85.3,
        "expires_on": "2026-11-25",
        "set_by": "Alice",
    }
    assert [(day["score"], day["override"], day["band"]) for day in days] == [(85.3, 20.0, "Critical")]
    assert (ended.status_code, again.status_code) == (204, 404)


def test_a_colleague_may_not_override(api_for, bob: Membership, account) -> None:
    response = api_for(bob).post(f"/api/accounts/{account.number}/health/override", {"score": 20, "reason": "x"})

    assert response.status_code == 403
    assert not account.health_overrides.exists()
