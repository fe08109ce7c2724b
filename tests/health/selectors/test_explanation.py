"""A score is taken apart into parts that add up to it, now and over time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.enums import Band
from accounts.models import Account
from csplatform.models import Organization
from health.selectors.explanation import HealthExplanation, health_explanation
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture
def account(organization: Organization) -> Account:
    return AccountFactory(organization=organization, seats=None)


def explained(account: Account) -> HealthExplanation:
    recompute_health(organization=account.organization, today=TODAY)
    explanation = health_explanation(account, today=TODAY)
    assert explanation is not None
    return explanation


def test_the_parts_are_the_points_and_add_up(account: Account) -> None:
    DailyMetricsFactory(account=account)

    explanation = explained(account)

    assert explanation.score == Decimal("85.3")
    assert explanation.band == Band.HEALTHY
    # 85.325 is shown as 85.3: NPS's 11.625 gives up the rest
    assert [(signal.label, signal.adds, signal.weight_pct) for signal in explanation.signals] == [
        ("Daily active users", Decimal("25.0"), 25),
        ("Feature adoption", Decimal("19.5"), 25),
        ("Open support tickets", Decimal("16.0"), 20),
        ("NPS", Decimal("11.6"), 15),
        ("Login frequency", Decimal("13.2"), 15),
    ]
    assert sum(signal.adds or 0 for signal in explanation.signals) == explanation.score
    # earned: 25 + 19.5 + 16 + 11.625 (shown as 11.63) + 13.2
    assert (explanation.points, explanation.max_points) == (Decimal("85.33"), 100)
    assert explanation.missing == ""


def test_values_and_targets_are_in_words(account: Account) -> None:
    DailyMetricsFactory(account=account)

    explanation = explained(account)

    assert [(signal.value, signal.target) for signal in explanation.signals] == [
        ("160 users", "100 users"),
        ("78%", "100%"),
        ("2 open", "0 open"),
        ("55", "100"),
        ("88%", "100%"),
    ]
    assert {signal.source for signal in explanation.signals} == {"Daily metrics, 20 Nov 2026"}


def test_a_missing_signal_is_named_with_its_effect(account: Account) -> None:
    DailyMetricsFactory(account=account, nps=None)

    explanation = explained(account)

    # 73.7 of 85: each signal that is there weighs more, and adds more than it earned
    assert explanation.score == Decimal("86.7")
    assert explanation.missing == "No NPS: scored on 85 of 100 points."
    nps = next(signal for signal in explanation.signals if signal.key == "nps")
    assert (nps.is_missing, nps.points, nps.max_points, nps.weight_pct, nps.adds) == (True, None, 15, None, None)
    assert [signal.points for signal in explanation.signals if signal is not nps] == [
        Decimal("25.0"),
        Decimal("19.5"),
        Decimal("16.0"),
        Decimal("13.2"),
    ]
    assert (explanation.points, explanation.max_points) == (Decimal("73.7"), 85)
    assert sum(signal.adds or 0 for signal in explanation.signals) == Decimal("86.7")
    assert sum(signal.weight_pct or 0 for signal in explanation.signals) == 100


def test_too_little_is_explained_without_a_score(account: Account) -> None:
    DailyMetricsFactory(account=account, daily_active_users=None, tickets_open=None, nps=None, login_rate=None)

    explanation = explained(account)

    assert (explanation.score, explanation.band) == (None, None)
    assert explanation.missing == (
        "No Daily active users, Open support tickets, NPS and Login frequency: "
        "only 25 of 100 points could be judged, too few for a score."
    )


def test_changes_since_ninety_days_ago_add_up_and_the_largest_are_told(account: Account) -> None:
    DailyMetricsFactory(
        account=account, date=TODAY - timedelta(days=95), adoption_pct=98, nps=55, login_rate=0.8, tickets_open=1
    )
    DailyMetricsFactory(account=account, adoption_pct=58, nps=15, login_rate=0.88)

    explanation = explained(account)

    # then 25 + 24.5 + 18 + 11.625 + 12 = 91.125; now 25 + 14.5 + 16 + 8.625 + 13.2 = 77.325
    assert (explanation.score_before, explanation.score) == (Decimal("91.1"), Decimal("77.3"))
    assert explanation.since == TODAY - timedelta(days=95)
    assert explanation.change == Decimal("-13.8")
    assert sum(signal.change or 0 for signal in explanation.signals) == explanation.change
    assert explanation.moves == [
        "Feature adoption fell from 98% to 58%: -10 points",
        "NPS fell from 55 to 15: -3 points",
        "Open support tickets rose from 1 open to 2 open: -2 points",
    ]


def test_without_older_metrics_the_oldest_of_the_last_ninety_days_are_compared(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=20), adoption_pct=98)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=10), adoption_pct=90)
    DailyMetricsFactory(account=account)

    explanation = explained(account)

    assert explanation.since == TODAY - timedelta(days=20)


def test_a_single_day_has_nothing_to_compare_with(account: Account) -> None:
    DailyMetricsFactory(account=account)

    explanation = explained(account)

    assert (explanation.since, explanation.change, explanation.moves) == (None, None, [])


def test_a_signal_reported_again_adds_all_it_has(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=90), login_rate=None)
    DailyMetricsFactory(account=account)

    explanation = explained(account)

    assert explanation.moves[0] == "Login frequency is reported again (88%): +13.2 points"
    assert sum(signal.change or 0 for signal in explanation.signals) == explanation.change


def test_risks_are_told_with_their_reason(account: Account) -> None:
    DailyMetricsFactory(account=account, nps=-20, tickets_open=7)

    explanation = explained(account)

    # 25 + 19.5 + 6 + 6 + 13.2 = 69.7
    assert explanation.risks == [
        "Below target health score: the score is 69.7",
        "High support ticket volume: 7 tickets are open",
        "Negative NPS score: NPS is -20",
    ]


def test_an_account_never_scored_has_no_explanation(account: Account) -> None:
    assert health_explanation(account, today=TODAY) is None
