"""How accounts moved over 30, 60 and 90 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Subquery

from accounts.models import Account
from billing.selectors.mrr import arr_change_by_account
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from health.enums import EngagementTrend
from health.models import DailyMetrics, Scorecard
from health.selectors.history import HealthPoint
from health.trends import Trend, engagement_trend, score_change

WINDOWS = (30, 60, 90)


def recent_change(account: Account) -> Decimal | None:
    """How the score moved in the last thirty days, for the head of an account's pages. One query."""
    organization = account.organization
    rows = _rows(organization, [account.pk], today=civil_today(organization), days=WINDOWS[0])
    return score_change([row.score for row in rows[account.pk]])


def change_of(points: Iterable[HealthPoint], *, today: date) -> Decimal | None:
    """The same where the days are at hand."""
    return score_change([point.score for point in points if point.date >= today - timedelta(days=WINDOWS[0])])


def use_trend(organization: Organization, account: Account, *, today: date) -> EngagementTrend | None:
    """Where an account's use has gone in thirty days; None while fewer than two days are reported. One query."""
    rows = _rows(organization, [account.pk], today=today, days=WINDOWS[0])[account.pk]
    return engagement_trend([row.users for row in rows]) if len(rows) > 1 else None


class _Row(NamedTuple):
    date: date
    users: int | None
    score: Decimal | None


Trends = dict[int, Trend | None]


def account_trends(
    organization: Organization,
    account_ids: Collection[int],
    *,
    today: date,
    windows: Sequence[int] = WINDOWS,
) -> dict[int, Trends]:
    """For each account its trend by window length; None where the window holds fewer than two rows.

    A window is today and the days before it. The number of queries does not depend on the number of accounts.
    """
    rows = _rows(organization, account_ids, today=today, days=max(windows))
    arr_changes = {
        days: arr_change_by_account(
            organization, since=today - timedelta(days=days), until=today, accounts=account_ids
        )
        for days in windows
    }
    return {
        account: {
            days: _trend(
                [row for row in rows[account] if row.date >= today - timedelta(days=days)],
                days=days,
                arr_change=arr_changes[days].get(account, Decimal(0)),
            )
            for days in windows
        }
        for account in account_ids
    }


def _trend(rows: Sequence[_Row], *, days: int, arr_change: Decimal) -> Trend | None:
    if len(rows) < 2:
        return None
    return Trend(
        days=days,
        health_score_change=score_change([row.score for row in rows]),
        arr_change=arr_change,
        engagement_trend=engagement_trend([row.users for row in rows]),
    )


def _rows(
    organization: Organization, account_ids: Collection[int], *, today: date, days: int
) -> Mapping[int, list[_Row]]:
    """The rows of each account in the window, oldest first.

    Days before the primary scorecard counted have no score here: by other rules, it is nothing to compare with.
    """
    found: dict[int, list[_Row]] = defaultdict(list)
    # Through the accounts, which bring the organisation: see DailyMetricsQuerySet.newest_of.
    chosen = organization.accounts.filter(pk__in=account_ids).order_by().values("pk")
    rows = DailyMetrics.objects.filter(account__in=chosen).in_window(today=today, days=days)
    primary = Scorecard.objects.filter(organization=organization.pk, is_primary=True).values("primary_since")
    for account, day, users, score, since in rows.order_by("account_id", "date").values_list(
        "account_id", "date", "daily_active_users", "health_score", Subquery(primary[:1])
    ):
        is_alike = since is None or day >= since
        found[account].append(_Row(date=day, users=users, score=score if is_alike else None))
    return found
