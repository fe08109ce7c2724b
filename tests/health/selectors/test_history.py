"""An account's past is read from its daily metrics."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csplatform.models import Organization
from health.selectors.history import health_history, health_weeks
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def test_history_is_oldest_first_and_keeps_to_its_window(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    for days_ago, score in [(0, 70), (90, 60), (91, 50)]:
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=days_ago), health_score=Decimal(score))

    history = health_history(account, today=TODAY, days=90)

    assert [(point.date, point.score) for point in history] == [
        (TODAY - timedelta(days=90), 60),
        (TODAY, 70),
    ]


def test_a_week_shows_the_last_score_known_in_it(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    for days_ago, score in [(0, None), (2, 70), (6, 60), (7, 50), (13, 40), (27, 39)]:
        DailyMetricsFactory(
            account=account,
            date=TODAY - timedelta(days=days_ago),
            health_score=None if score is None else Decimal(score),
        )

    weeks = health_weeks(account, today=TODAY, weeks=4)

    assert [(week.score, week.band) for week in weeks] == [
        (39, "Critical"),
        (None, None),
        (50, "At Risk"),
        (70, "Watchlist"),
    ]
    assert (weeks[-1].start, weeks[-1].end) == (TODAY - timedelta(days=6), TODAY)
