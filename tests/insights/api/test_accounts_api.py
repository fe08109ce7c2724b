"""GET /accounts and /accounts/{id}: the success-insights Account, exactly."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
ACCOUNT_KEYS = {
    "id",
    "uuid",
    "account_name",
    "segment",
    "region",
    "arr",
    "health_bucket",
    "health_score",
    "created_at",
    "updated_at",
    "latest_metrics",
    "trend_30d",
    "trend_60d",
    "trend_90d",
}
METRICS_KEYS = {
    "id",
    "account_id",
    "date",
    "daily_active_users",
    "feature_adoption_rate",
    "support_tickets_open",
    "nps_score",
    "login_frequency",
    "health_score",
}


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


@pytest.fixture
def acme(alice: Membership):
    return AccountFactory(
        organization=alice.organization,
        name="Acme",
        segment="Enterprise",
        region="West",
        arr="1250000.50",
        health_score="65.5",
        last_known_health_score="65.5",
    )


def test_the_list_is_the_contracts_envelope(api_for, alice: Membership, acme) -> None:
    row = DailyMetricsFactory(account=acme, date=TODAY, health_score="65.5")
    DailyMetricsFactory(account=acme, date=TODAY - timedelta(days=1))

    answer = api_for(alice).get("/accounts").json()

    assert {key: answer[key] for key in ("total", "page", "page_size")} == {"total": 1, "page": 1, "page_size": 50}
    (item,) = answer["accounts"]
    assert set(item) == ACCOUNT_KEYS
    assert item["id"] == acme.number
    assert item["arr"] == 1250000.5
    assert (item["health_bucket"], item["health_score"]) == ("At-Risk", 65.5)
    assert item["trend_30d"] is None
    assert item["created_at"].endswith("Z")
    assert item["latest_metrics"] == {
        "id": row.pk,
        "account_id": acme.number,
        "date": "2026-11-20",
        "daily_active_users": 160,
        "feature_adoption_rate": 0.78,
        "support_tickets_open": 2,
        "nps_score": 55.0,
        "login_frequency": 0.88,
        "health_score": 65.5,
    }


def test_an_account_nobody_knows_anything_of_prints_the_sources_defaults(api_for, alice: Membership) -> None:
    AccountFactory(organization=alice.organization)

    (item,) = api_for(alice).get("/accounts").json()["accounts"]

    assert (item["arr"], item["health_score"]) == (0, 50)
    for key in ("segment", "region", "health_bucket", "latest_metrics", "trend_30d", "trend_60d", "trend_90d"):
        assert item[key] is None


def test_an_unknown_score_prints_the_last_known_one_without_a_bucket(api_for, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, last_known_health_score="81.2")

    (item,) = api_for(alice).get("/accounts").json()["accounts"]

    assert (item["health_score"], item["health_bucket"]) == (81.2, None)


def test_a_measure_not_reported_is_null_not_zero(api_for, alice: Membership, acme) -> None:
    DailyMetricsFactory(account=acme, nps=None, adoption_pct=None, login_rate=0)

    (item,) = api_for(alice).get("/accounts").json()["accounts"]

    metrics = item["latest_metrics"]
    assert set(metrics) == METRICS_KEYS
    assert (metrics["nps_score"], metrics["feature_adoption_rate"], metrics["login_frequency"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Acme", "Beta", "Gamma"]),
        ("?segment=Enterprise", ["Acme"]),
        ("?bucket=Critical", ["Gamma"]),
        ("?bucket=Healthy&segment=SMB", ["Beta"]),
        ("?region=North", ["Beta"]),
        ("?region=north", []),
        ("?segment=Huge", []),
        ("?bucket=Watchlist", []),
        ("?unknown=1", ["Acme", "Beta", "Gamma"]),
    ],
)
def test_filters_narrow_and_unknown_values_match_nothing(
    api_for, alice: Membership, acme, query: str, names: list[str]
) -> None:
    organization = alice.organization
    AccountFactory(organization=organization, name="Beta", segment="SMB", region="North", health_score="70.0")
    AccountFactory(organization=organization, name="Gamma", segment="SMB", health_score="39.9")

    answer = api_for(alice).get(f"/accounts{query}").json()

    assert [item["account_name"] for item in answer["accounts"]] == names
    assert answer["total"] == len(names)


def test_pages_are_by_id_and_one_past_the_end_is_empty(api_for, alice: Membership) -> None:
    AccountFactory.create_batch(3, organization=alice.organization)
    client = api_for(alice)

    assert [item["id"] for item in client.get("/accounts?page=2&page_size=2").json()["accounts"]] == [3]
    assert client.get("/accounts?page=9&limit=2").json() == {"total": 3, "page": 9, "page_size": 2, "accounts": []}


@pytest.mark.parametrize(
    ("query", "parameter"), [("page=0", "page"), ("page=abc", "page"), ("page_size=101", "page_size")]
)
def test_a_bad_page_is_400_and_named(api_for, alice: Membership, query: str, parameter: str) -> None:
    response = api_for(alice).get(f"/accounts?{query}")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [parameter]


def test_archived_accounts_are_left_out_and_churned_ones_stay(api_for, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Gone", archived_at="2026-11-01T00:00:00Z")
    AccountFactory(organization=alice.organization, name="Lost", status="churned")

    assert [item["account_name"] for item in api_for(alice).get("/accounts").json()["accounts"]] == ["Lost"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    api_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for account in AccountFactory.create_batch(rows, organization=alice.organization):
        DailyMetricsFactory(account=account)
    client = api_for(alice)

    with django_assert_max_num_queries(9):
        assert len(client.get("/accounts").json()["accounts"]) == rows


def test_the_detail_has_trends_and_history(api_for, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", health_score="70.0")
    for days, users, score in [(80, 50, "40.0"), (40, 50, "55.5"), (20, 100, "60.0"), (0, 130, "70.0")]:
        DailyMetricsFactory(
            account=account, date=TODAY - timedelta(days=days), daily_active_users=users, health_score=score
        )

    item = api_for(alice).get(f"/accounts/{account.number}").json()

    assert set(item) == ACCOUNT_KEYS | {"health_history"}
    # 30 days hold the last two rows: 70 - 60; users 100 -> 130 is 30 % up.
    assert item["trend_30d"] == {
        "days": 30,
        "health_score_change": 10.0,
        "arr_change": 0.0,
        "engagement_trend": "improving",
    }
    # 60 days hold three: 70 - 55.5; the middle row is later: 50 -> 115.
    assert item["trend_60d"]["health_score_change"] == 14.5
    assert item["trend_90d"]["health_score_change"] == 30.0
    assert item["health_history"] == [
        {"date": "2026-09-01", "health_score": 40.0},
        {"date": "2026-10-11", "health_score": 55.5},
        {"date": "2026-10-31", "health_score": 60.0},
        {"date": "2026-11-20", "health_score": 70.0},
    ]


def test_fewer_than_two_rows_make_no_trend(api_for, alice: Membership, acme) -> None:
    DailyMetricsFactory(account=acme, date=TODAY)

    assert api_for(alice).get(f"/accounts/{acme.number}").json()["trend_90d"] is None


def test_number_and_uuid_reach_the_same_account(api_for, alice: Membership, acme) -> None:
    client = api_for(alice)

    assert client.get(f"/accounts/{acme.uuid}").json() == client.get(f"/accounts/{acme.number}").json()


def test_an_unknown_id_is_404_in_the_one_shape(api_for, alice: Membership) -> None:
    response = api_for(alice).get("/accounts/99")

    assert (response.status_code, response.json()) == (404, {"error": True, "message": "Account not found"})


def test_another_organisations_accounts_do_not_exist(api_for, mallory: Membership, acme) -> None:
    client = api_for(mallory)

    assert client.get("/accounts").json()["accounts"] == []
    assert client.get(f"/accounts/{acme.number}").status_code == 404
    assert client.get(f"/accounts/{acme.uuid}").status_code == 404


def test_a_viewer_with_a_read_only_key_may_read(api_for, rita: Membership, acme) -> None:
    assert api_for(rita, read_only=True).get(f"/accounts/{acme.number}").status_code == 200


def test_nobody_signed_in_is_401(client: Client, acme) -> None:
    assert client.get("/accounts").status_code == 401
    assert client.get(f"/accounts/{acme.number}").status_code == 401


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/accounts", "/dashboard/accounts"),
        ("/accounts/1", "/dashboard/accounts/1"),
        ("/portfolio/summary", "/dashboard/portfolio/summary"),
    ],
)
def test_a_browser_is_sent_to_the_page(client_for, alice: Membership, acme, path: str, page: str) -> None:
    response = client_for(alice).get(path, headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["Location"]) == (302, page)
