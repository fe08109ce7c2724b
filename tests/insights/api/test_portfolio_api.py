"""GET /portfolio/summary: totals, buckets, segments, trends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.services.account import archive_account, churn_account, create_account, update_account
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


def test_the_summary_adds_up(api_for, alice: Membership) -> None:
    organization = alice.organization
    AccountFactory(organization=organization, segment="Enterprise", arr="600000.50", health_score="82.0")
    AccountFactory(organization=organization, segment="SMB", arr="100000", health_score="70.0")
    AccountFactory(organization=organization, segment="SMB", arr="200000", health_score="69.9")
    AccountFactory(organization=organization, segment="SMB", arr=None, health_score="0.0")
    AccountFactory(organization=organization, arr="99999.50")
    AccountFactory(organization=organization, arr="5000000", health_score="10", status="churned")
    AccountFactory(organization=organization, arr="5000000", archived_at="2026-11-01T00:00:00Z")

    answer = api_for(alice).get("/portfolio/summary").json()

    # Open are five: 600,000.50 + 100,000 + 200,000 + 0 + 99,999.50 = 1,000,000.
    # Known scores are four, the zero among them: (82 + 70 + 69.9 + 0) / 4 = 55.475, half up 55.48.
    assert answer == {
        "total_accounts": 5,
        "total_arr": 1000000.0,
        "arr_by_bucket": {"Healthy": 700000.5, "At-Risk": 200000.0, "Critical": 0.0, "Unknown": 99999.5},
        "risk_breakdown": {"Healthy": 40.0, "At-Risk": 20.0, "Critical": 20.0, "Unknown": 20.0},
        "arr_trend_30d": 0.0,
        "arr_trend_90d": 0.0,
        "avg_health_score": 55.48,
        "accounts_by_segment": {"Enterprise": 1, "SMB": 3, "Unknown": 1},
    }


def test_percentages_have_one_decimal(api_for, alice: Membership) -> None:
    for score in ("90", "50", "10"):
        AccountFactory(organization=alice.organization, segment="SMB", health_score=score)

    answer = api_for(alice).get("/portfolio/summary").json()

    assert answer["risk_breakdown"] == {"Healthy": 33.3, "At-Risk": 33.3, "Critical": 33.3}
    assert "Unknown" not in answer["accounts_by_segment"]


def test_with_no_accounts_there_are_zeros_and_empty_objects(api_for, alice: Membership) -> None:
    assert api_for(alice).get("/portfolio/summary").json() == {
        "total_accounts": 0,
        "total_arr": 0.0,
        "arr_by_bucket": {},
        "risk_breakdown": {},
        "arr_trend_30d": 0.0,
        "arr_trend_90d": 0.0,
        "avg_health_score": 0.0,
        "accounts_by_segment": {},
    }


def test_trends_are_changes_in_money_from_the_ledger(api_for, alice: Membership) -> None:
    organization, by = alice.organization, alice.user
    with time_machine.travel("2026-08-01T06:00:00Z", tick=False):
        old = create_account(organization=organization, by=by, name="Old", arr=Decimal(100_000))
        leaver = create_account(organization=organization, by=by, name="Leaver", arr=Decimal(50_000))
        hidden = create_account(organization=organization, by=by, name="Hidden", arr=Decimal(70_000))
    with time_machine.travel("2026-10-01T06:00:00Z", tick=False):
        create_account(organization=organization, by=by, name="New", arr=Decimal(30_000))
    with time_machine.travel("2026-11-10T06:00:00Z", tick=False):
        old.refresh_from_db()
        update_account(account=old, by=by, arr=Decimal(120_000))
        churn_account(account=leaver, by=by, on=date(2026, 11, 10))
        archive_account(account=hidden, by=by)

    answer = api_for(alice).get("/portfolio/summary").json()

    # In 30 days: +20,000 - 50,000. In 90 (from 22 August): the new 30,000 as well. The archived one is out of both.
    assert answer["total_arr"] == 150_000
    assert answer["arr_trend_30d"] == -30_000
    assert answer["arr_trend_90d"] == 0


def test_unchanged_data_answers_304(api_for, alice: Membership) -> None:
    client = api_for(alice)
    tag = client.get("/portfolio/summary").headers["ETag"]

    assert client.get("/portfolio/summary", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("rows", [1, 30])
def test_it_costs_the_same_for_any_portfolio(
    api_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for at in range(rows):
        AccountFactory(organization=alice.organization, segment="SMB", health_score=at, arr="100")
    client = api_for(alice)

    with django_assert_max_num_queries(10):
        assert client.get("/portfolio/summary").json()["total_accounts"] == rows


def test_another_organisation_sees_nothing_of_it(api_for, alice: Membership, mallory: Membership) -> None:
    AccountFactory(organization=alice.organization, arr="100000")

    assert api_for(mallory).get("/portfolio/summary").json()["total_accounts"] == 0


def test_a_viewer_with_a_read_only_key_may_read(api_for, rita: Membership) -> None:
    assert api_for(rita, read_only=True).get("/portfolio/summary").status_code == 200


def test_nobody_signed_in_is_401(client: Client) -> None:
    assert client.get("/portfolio/summary").status_code == 401
