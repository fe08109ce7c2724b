"""A recompute scores open accounts from their newest metrics and writes only what changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from django.db import connection
from django.utils import timezone

from accounts.enums import AccountStatus
from csplatform.models import Organization
from health.models import HealthSnapshot
from health.services.scoring import Recomputed, recompute_health, score_rows
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def recompute(organization: Organization, today: date = TODAY) -> Recomputed:
    return recompute_health(organization=organization, today=today)


def test_an_account_gets_the_score_of_its_newest_metrics(organization: Organization) -> None:
    account = AccountFactory(organization=organization, seats=None)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=1), adoption_pct=10)
    newest = DailyMetricsFactory(account=account, date=TODAY)

    result = recompute(organization)

    account.refresh_from_db()
    newest.refresh_from_db()
    # 25 + 19.5 + 16 + 11.625 + 13.2 = 85.325 against the organisation's target of 100
    assert account.health_score == account.last_known_health_score == newest.health_score == Decimal("85.3")
    assert account.health_coverage == 1
    assert result == Recomputed(scored=1, changed=1, snapshots_created=1)


def test_known_seats_are_the_target(organization: Organization) -> None:
    account = AccountFactory(organization=organization, seats=320)
    DailyMetricsFactory(account=account)

    recompute(organization)

    account.refresh_from_db()
    # 160 of 320 users give 12.5 instead of 25: 72.825
    assert account.health_score == Decimal("72.8")


def test_the_snapshot_keeps_everything_that_explains_the_score(organization: Organization) -> None:
    account = AccountFactory(organization=organization, seats=None)
    DailyMetricsFactory(account=account, nps=None, tickets_open=7)

    recompute(organization)

    snapshot = account.health_snapshots.get()
    # 25 + 19.5 + 20 x 0.3 = 6 + 13.2 = 63.7 of 85 = 74.94
    assert (snapshot.date, snapshot.score, snapshot.effective_score) == (TODAY, Decimal("74.9"), Decimal("74.9"))
    assert (snapshot.coverage, snapshot.band, snapshot.is_primary) == (0.85, "Watchlist", True)
    assert [(part["signal"], part["value"], part["points"], part["max_points"]) for part in snapshot.points] == [
        ("daily_active_users", 160, 25, 25),
        ("adoption_pct", 78, 19.5, 25),
        ("tickets_open", 7, 6, 20),
        ("nps", None, None, 15),
        ("login_rate", 0.88, 13.2, 15),
    ]
    assert snapshot.points[0]["target"] == 100
    assert snapshot.factors == [{"name": "High support ticket volume", "severity": 2, "value": 7}]


def test_a_second_recompute_writes_nothing(organization: Organization) -> None:
    DailyMetricsFactory(account__organization=organization)
    recompute(organization)

    result = recompute(organization, TODAY + timedelta(days=1))

    assert result == Recomputed(scored=1, changed=0, snapshots_created=0)
    assert HealthSnapshot.objects.count() == 1


def test_news_of_the_same_day_replaces_its_snapshot(organization: Organization) -> None:
    metrics = DailyMetricsFactory(account__organization=organization)
    recompute(organization)
    metrics.adoption_pct = 20
    metrics.save()

    result = recompute(organization)

    # 85.325 - 19.5 + 5 = 70.825
    snapshot = HealthSnapshot.objects.get()
    assert (snapshot.score, [factor["name"] for factor in snapshot.factors]) == (
        Decimal("70.8"),
        ["Low feature adoption"],
    )
    assert result == Recomputed(scored=1, changed=1, snapshots_created=1)


def test_news_of_a_later_day_is_another_snapshot(organization: Organization) -> None:
    account = DailyMetricsFactory(account__organization=organization).account
    recompute(organization)
    DailyMetricsFactory(account=account, date=TODAY + timedelta(days=1), nps=-20)

    recompute(organization, TODAY + timedelta(days=1))

    # 15 x 80 / 200 = 6 instead of 11.625: 79.7
    assert list(account.health_snapshots.order_by("date").values_list("date", "score")) == [
        (TODAY, Decimal("85.3")),
        (TODAY + timedelta(days=1), Decimal("79.7")),
    ]


def test_too_little_reported_makes_the_score_unknown_and_keeps_the_last_known(
    organization: Organization,
) -> None:
    account = DailyMetricsFactory(account__organization=organization).account
    recompute(organization)
    DailyMetricsFactory(
        account=account,
        date=TODAY + timedelta(days=1),
        daily_active_users=None,
        tickets_open=None,
        nps=None,
        login_rate=None,
    )

    recompute(organization, TODAY + timedelta(days=1))

    account.refresh_from_db()
    assert (account.health_score, account.last_known_health_score) == (None, Decimal("85.3"))
    assert account.health_coverage == 0.25
    snapshot = account.health_snapshots.order_by("-date")[0]
    assert (snapshot.score, snapshot.band) == (None, "")
    assert [factor["name"] for factor in snapshot.factors] == ["Low data quality"]


def test_metrics_of_the_future_do_not_count_yet(organization: Organization) -> None:
    account = DailyMetricsFactory(account__organization=organization, date=TODAY + timedelta(days=1)).account

    result = recompute(organization)

    account.refresh_from_db()
    assert (account.health_score, result.scored) == (None, 0)


def test_closed_accounts_keep_their_last_score(organization: Organization) -> None:
    churned = AccountFactory(organization=organization, status=AccountStatus.CHURNED, health_score=Decimal("33.0"))
    archived = AccountFactory(organization=organization, archived_at=timezone.now(), health_score=Decimal("44.0"))
    DailyMetricsFactory(account=churned)
    DailyMetricsFactory(account=archived)

    result = recompute(organization)

    churned.refresh_from_db()
    archived.refresh_from_db()
    assert (churned.health_score, archived.health_score) == (Decimal("33.0"), Decimal("44.0"))
    assert result == Recomputed()


def test_another_organisation_is_left_alone(organization: Organization) -> None:
    elsewhere = DailyMetricsFactory(account__organization=OrganizationFactory()).account

    recompute_health(organization=organization, today=TODAY, account_ids=[elsewhere.pk])

    elsewhere.refresh_from_db()
    assert elsewhere.health_score is None
    assert not HealthSnapshot.objects.exists()


def test_only_the_named_accounts_are_scored(organization: Organization) -> None:
    wanted = DailyMetricsFactory(account__organization=organization).account
    other = DailyMetricsFactory(account__organization=organization).account

    result = recompute_health(organization=organization, today=TODAY, account_ids=[wanted.pk])

    other.refresh_from_db()
    assert (result.scored, other.health_score) == (1, None)


def test_a_fall_of_ten_points_in_thirty_days_is_a_risk_factor(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=30), health_score=Decimal("95.3"))
    DailyMetricsFactory(account=account)

    recompute(organization)

    snapshot = account.health_snapshots.get()
    # 85.3 - 95.3
    assert snapshot.factors == [{"name": "Declining health trend", "severity": 2, "value": -10}]


def test_scores_leave_no_history_of_the_account(organization: Organization) -> None:
    account = DailyMetricsFactory(account__organization=organization).account
    before = account.history.count()

    recompute(organization)

    assert account.history.count() == before


@pytest.mark.parametrize("accounts", [1, 4])
def test_a_recompute_costs_the_same_for_any_number_of_accounts(
    organization: Organization, accounts: int, django_assert_num_queries
) -> None:
    for _ in range(accounts):
        DailyMetricsFactory(account__organization=organization)
    recompute_health(organization=organization, today=TODAY, account_ids=[])  # the scorecard is there

    assert connection.features.supports_json_field  # SQLite is asked once a process, in three statements

    # scorecards, weights, keys, next keys: 5; accounts with metrics, records, overrides, what tells of leaving: 8;
    # fingerprints 1; two updates from a staged table 3 each, an upsert 5, of which 2 count what PostgreSQL counts by
    # itself
    with django_assert_num_queries(25 if connection.vendor == "sqlite" else 23):
        recompute(organization)


def test_rows_are_scored_before_they_are_stored() -> None:

    frame = pd.DataFrame(
        {
            "daily_active_users": [160.0, None],
            "adoption_pct": [78.0, 78.0],
            "tickets_open": [2.0, None],
            "nps": [55.0, None],
            "login_rate": [0.88, None],
            "target": [100.0, 100.0],
        }
    )

    scores = score_rows(frame)

    assert scores[0] == 85.3
    assert pd.isna(scores[1])
