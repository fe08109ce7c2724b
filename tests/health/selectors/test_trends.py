"""Trends of 30, 60 and 90 days, for one account or many at the same cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csplatform.models import Organization
from health.enums import EngagementTrend
from health.selectors.trends import account_trends
from health.trends import Trend
from tests.factories.accounts import AccountFactory
from tests.factories.billing import MrrMovementFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def test_each_window_holds_today_and_the_days_before_it(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    for days_ago, users, score in [
        (91, 1, 10),
        (90, 100, 50),
        (60, 100, 60),
        (31, 100, 65),
        (30, 200, 70),
        (0, 90, 80),
    ]:
        DailyMetricsFactory(
            account=account,
            date=TODAY - timedelta(days=days_ago),
            daily_active_users=users,
            health_score=Decimal(score),
        )

    trends = account_trends(organization, [account.pk], today=TODAY)[account.pk]

    # 30 days: 70 to 80, users 200 then 90; 60 days: 60 to 80, 100 and 100 then 200 and 90 (mean 145);
    # 90 days: 50 to 80, five rows: 100 and 100 then 100, 200 and 90 (mean 130)
    assert trends == {
        30: Trend(
            days=30,
            health_score_change=Decimal(10),
            arr_change=Decimal(0),
            engagement_trend=EngagementTrend.DECLINING,
        ),
        60: Trend(
            days=60,
            health_score_change=Decimal(20),
            arr_change=Decimal(0),
            engagement_trend=EngagementTrend.IMPROVING,
        ),
        90: Trend(
            days=90,
            health_score_change=Decimal(30),
            arr_change=Decimal(0),
            engagement_trend=EngagementTrend.IMPROVING,
        ),
    }


def test_fewer_than_two_rows_are_no_trend(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    DailyMetricsFactory(account=account, date=TODAY)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=45))

    trends = account_trends(organization, [account.pk], today=TODAY)[account.pk]

    assert trends[30] is None
    assert trends[60] is not None


def test_arr_changes_by_what_the_ledger_moved_in_the_window(organization: Organization) -> None:
    account = DailyMetricsFactory(account__organization=organization, date=TODAY - timedelta(days=10)).account
    DailyMetricsFactory(account=account, date=TODAY)
    MrrMovementFactory(account=account, date=TODAY - timedelta(days=30), amount=Decimal(1000))
    MrrMovementFactory(account=account, date=TODAY - timedelta(days=29), amount=Decimal(50))

    trends = account_trends(organization, [account.pk], today=TODAY)[account.pk]

    # What was posted on the window's first day was there at its close: only 12 x 50 came after it.
    changes = [trend.arr_change for trend in trends.values() if trend]
    assert changes == [600, 12_600, 12_600]


@pytest.mark.parametrize("accounts", [1, 3])
def test_trends_cost_the_same_for_any_number_of_accounts(
    organization: Organization, accounts: int, django_assert_num_queries
) -> None:
    ids = [DailyMetricsFactory(account__organization=organization).account_id for _ in range(accounts)]

    with django_assert_num_queries(5):  # the rows, the scorecards, and the ledger for each of three windows
        account_trends(organization, ids, today=TODAY)
