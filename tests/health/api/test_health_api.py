"""Recompute and an account's scored days, over the API."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from csplatform.exceptions import DomainError
from csplatform.models import Job, Membership
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


def test_recompute_scores_and_answers_what_it_did(api_for, mona: Membership) -> None:
    scored = DailyMetricsFactory(account__organization=mona.organization, date=TODAY).account
    AccountFactory(organization=mona.organization)  # without metrics: nothing to score

    response = api_for(mona).post("/health/recompute")

    scored.refresh_from_db()
    assert response.status_code == 200
    assert response.json() | {"computation_time_seconds": 0} == {
        "message": "Health scores recomputed for 1 account.",
        "accounts_updated": 1,
        "accounts_changed": 2,  # the other one now has a coverage: nothing
        "snapshots_created": 2,
        "computation_time_seconds": 0,
    }
    assert scored.health_score == Decimal("85.3")


def test_accounts_are_counted_changed_or_not(api_for, mona: Membership) -> None:
    DailyMetricsFactory(account__organization=mona.organization, date=TODAY)
    api_for(mona).post("/health/recompute")

    answer = api_for(mona).post("/health/recompute").json()

    assert (answer["accounts_updated"], answer["accounts_changed"], answer["snapshots_created"]) == (1, 0, 0)


def test_who_prefers_not_to_wait_gets_a_job(api_for, mona: Membership) -> None:
    account = DailyMetricsFactory(account__organization=mona.organization, date=TODAY).account

    response = api_for(mona).post("/health/recompute", HTTP_PREFER="respond-async")

    job = Job.objects.get(kind="recompute_health")
    account.refresh_from_db()
    assert response.status_code == 202
    assert response["Location"] == f"/api/jobs/{job.uuid}"
    assert response.json() == {
        "message": "Health scores are being recomputed.",
        "job_id": str(job.uuid),
        "status": "queued",
    }
    assert account.health_score is None


def test_a_large_organisation_is_left_to_a_job(api_for, mona: Membership, settings) -> None:
    settings.JOB_INLINE_LIMIT = 1
    AccountFactory.create_batch(2, organization=mona.organization)

    assert api_for(mona).post("/health/recompute").status_code == 202


@pytest.mark.parametrize(("name", "status"), [("amir", 200), ("alice", 403), ("farah", 403), ("rita", 403)])
def test_recompute_is_for_admins_and_managers(
    api_for, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    response = api_for(request.getfixturevalue(name)).post("/health/recompute")

    assert response.status_code == status
    assert Job.objects.filter(kind="recompute_health").exists() == (status == 200)


def test_nobody_signed_in_is_401(db: None) -> None:
    assert APIClient().post("/health/recompute").status_code == 401


def test_the_days_of_an_account_carry_their_points(api_for, rita: Membership) -> None:
    account = AccountFactory(organization=rita.organization, seats=None)
    DailyMetricsFactory(account=account, date=TODAY, nps=None)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=90))
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=91))

    days = api_for(rita).get(f"/api/accounts/{account.uuid}/health").json()["data"]

    assert [(day["date"], day["score"], day["band"], day["coverage"], day["override"]) for day in days] == [
        ("2026-08-22", 85.3, "Healthy", 1.0, None),
        ("2026-11-20", 86.7, "Healthy", 0.85, None),
    ]
    assert days[1]["signals"] == [
        {"signal": "daily_active_users", "value": 160.0, "points": 25.0, "max_points": 25.0},
        {"signal": "adoption_pct", "value": 78.0, "points": 19.5, "max_points": 25.0},
        {"signal": "tickets_open", "value": 2.0, "points": 16.0, "max_points": 20.0},
        {"signal": "nps", "value": None, "points": None, "max_points": 15.0},
        {"signal": "login_rate", "value": 0.88, "points": 13.2, "max_points": 15.0},
    ]


def test_the_days_are_those_asked_for(api_for, rita: Membership) -> None:
    account = AccountFactory(organization=rita.organization)
    for day in (1, 2, 3, 4):
        DailyMetricsFactory(account=account, date=date(2026, 11, day))

    answer = api_for(rita).get(f"/api/accounts/{account.number}/health?from=2026-11-02&to=2026-11-03")

    assert [day["date"] for day in answer.json()["data"]] == ["2026-11-02", "2026-11-03"]


@pytest.mark.parametrize("query", ["from=yesterday", "from=2026-11-03&to=2026-11-02"])
def test_days_that_cannot_be_are_400_and_named(api_for, rita: Membership, query: str) -> None:
    account = AccountFactory(organization=rita.organization)

    response = api_for(rita).get(f"/api/accounts/{account.number}/health?{query}")

    assert response.status_code == 400
    assert "from" in response.json()["errors"]


def test_another_organisations_account_does_not_exist(api_for, rita: Membership, mallory: Membership) -> None:
    account = DailyMetricsFactory(account__organization=rita.organization).account

    assert api_for(mallory).get(f"/api/accounts/{account.uuid}/health").status_code == 404


def test_a_recompute_that_fails_is_an_error_and_leaves_the_scores(
    api_for, mona: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = DailyMetricsFactory(account__organization=mona.organization, date=TODAY).account

    def refuse(*args: object, **kwargs: object) -> None:
        raise DomainError("The scorecard is broken.")

    monkeypatch.setattr("health.services.recompute.recompute_accounts", refuse)

    client = api_for(mona)
    client.raise_request_exception = False

    response = client.post("/health/recompute")

    account.refresh_from_db()
    assert (response.status_code, account.health_score) == (500, None)
    assert response.json()["error"] is True
