"""The customer-360 scorecard in a recompute: beside the health score, and as the health score itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from csplatform.models import Membership
from health.enums import JobKind
from health.models import Scorecard
from health.selectors.customer_360 import customer_360
from health.selectors.explanation import health_explanation
from health.selectors.score_ledger import score_ledgers
from health.services.scorecard import copy_customer_360
from health.services.scorecard_versions import make_primary, score_beside
from health.services.scoring import Recomputed, recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory
from tests.factories.health import NOON, DailyMetricsFactory, primary_scorecard
from tests.factories.tickets import TicketFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
D = Decimal


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def card(mona: Membership) -> Scorecard:
    primary_scorecard(mona.organization, now=NOON)
    return copy_customer_360(organization=mona.organization, now=NOON)


@pytest.fixture
def account(mona: Membership) -> Account:
    """85.3 by its signals; enough is known of it for the other scorecard, too."""
    account = AccountFactory(organization=mona.organization, owner=mona.user, seats=None, contract_end=None)
    give_records(account)
    return account


def give_records(account: Account) -> None:
    DailyMetricsFactory(account=account, session_minutes=15)
    TicketFactory(account=account, opened_at=NOW - timedelta(days=9), status="closed", resolved_at=NOW, csat=4)
    EngagementFactory(account=account, completed_at=NOW - timedelta(days=10), outcome="positive")


def recompute(account: Account, today: date = TODAY) -> Recomputed:
    return recompute_health(organization=account.organization, today=today)


def test_beside_the_health_score_it_leaves_a_snapshot_and_nothing_else(
    card: Scorecard, account: Account, mona: Membership
) -> None:
    recompute(account)
    card, job = score_beside(scorecard=card, is_on=True, by=mona.user)

    recompute(account)

    account.refresh_from_db()
    live = customer_360(account, today=TODAY)
    primary, other = account.health_snapshots.order_by("pk")
    assert job is not None
    assert job.kind == JobKind.RECOMPUTE
    assert (account.health_score, primary.score, primary.is_primary) == (D("85.3"), D("85.3"), True)
    assert (other.scorecard, other.score, other.is_primary) == (card, live.score, False)
    assert other.coverage == pytest.approx(live.coverage)
    assert {part["signal"]: part["value"] for part in other.points}["csat"] == 4
    assert score_beside(scorecard=card, is_on=True, by=mona.user)[1] is None


def test_a_second_recompute_writes_nothing(card: Scorecard, account: Account, mona: Membership) -> None:
    score_beside(scorecard=card, is_on=True, by=mona.user)
    recompute(account)

    recompute(account)

    assert account.health_snapshots.count() == 2


def test_as_the_primary_one_it_is_the_health_of_the_account(
    card: Scorecard, account: Account, mona: Membership
) -> None:
    recompute(account)
    make_primary(scorecard=card, by=mona.user, now=timezone.now())

    recompute(account)

    account.refresh_from_db()
    score = customer_360(account, today=TODAY).score
    newest = account.health_snapshots.primary().get(date=TODAY)
    assert score is not None
    assert (account.health_score, newest.score, newest.scorecard) == (score, score, card)
    assert account.daily_metrics.get().health_score == score
    assert recompute(account).snapshots_created == 0


def test_its_explanation_and_ledger_add_up(card: Scorecard, account: Account, mona: Membership) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=1))
    recompute(account, TODAY - timedelta(days=1))
    make_primary(scorecard=card, by=mona.user, now=timezone.now())
    recompute(account)
    EngagementFactory.create_batch(2, account=account, completed_at=NOW + timedelta(hours=20), outcome="negative")
    recompute(account, TODAY + timedelta(days=1))

    explained = health_explanation(account, today=TODAY + timedelta(days=1))
    accounts = account.organization.accounts.filter(pk=account.pk)

    def ledger(since: date, until: date) -> Any:
        return score_ledgers(account.organization, accounts, since=since, until=until)[account.pk]

    assert explained is not None
    assert (explained.since, explained.scorecard) == (TODAY, "Customer 360, version 1")
    assert sum(signal.adds or 0 for signal in explained.signals) == explained.score
    assert sum(signal.change or 0 for signal in explained.signals) == explained.change != 0
    switch = ledger(TODAY - timedelta(days=1), TODAY)
    assert [(part.cause.value, part.change) for part in switch.parts] == [("formula", switch.change)]
    day = ledger(TODAY, TODAY + timedelta(days=1))
    assert sum(part.change for part in day.parts) == day.change != 0
    assert "good_outcomes" in {part.signal for part in day.parts}


def test_every_page_and_route_of_the_account_goes_on(
    card: Scorecard, account: Account, mona: Membership, client_for: Any, api_for: Any
) -> None:
    make_primary(scorecard=card, by=mona.user, now=timezone.now())
    recompute(account)
    client, api = client_for(mona), api_for(mona)
    shown = f"{customer_360(account, today=TODAY).score}"

    tab = client.get(reverse("health:account_health", args=[account.number])).content.decode()
    pages = [
        client.get(url).status_code
        for url in (f"/dashboard/accounts/{account.number}", "/dashboard/health", "/dashboard/portfolio/summary")
    ]
    days = api.get(f"/api/accounts/{account.uuid}/health").json()["data"]
    written = api.post(f"/insights/account/{account.number}")

    assert "4 of 5" in tab
    assert shown in tab
    assert pages == [200, 200, 200]
    assert [(day["date"], str(day["score"])) for day in days] == [("2026-11-20", shown)]
    assert written.status_code == 200


@pytest.mark.parametrize("accounts", [1, 4])
def test_it_costs_the_same_for_any_number_of_accounts(
    card: Scorecard, mona: Membership, accounts: int, django_assert_max_num_queries: Any
) -> None:
    score_beside(scorecard=card, is_on=True, by=mona.user)
    for _ in range(accounts):
        give_records(AccountFactory(organization=mona.organization))

    # What is known of the accounts in 16 queries more, and one more set of snapshots
    with django_assert_max_num_queries(60):
        recompute_health(organization=mona.organization, today=TODAY)
