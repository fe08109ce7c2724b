"""How accounts moved over 30, 60 and 90 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from accounts.head_facts import ScoreMove
from accounts.models import Account
from billing.selectors.mrr import arr_change_by_account
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from health.enums import EngagementTrend
from health.models import DailyMetrics, Scorecard
from health.querysets import DailyMetricsQuerySet
from health.scoring import score_frame
from health.selectors.pulse import PULSE, pulses_on
from health.selectors.scorecard import HealthScorecards, counting_since, health_scorecards
from health.trends import Trend, engagement_trend, score_change
from health.values import known_values

WINDOWS = (30, 60, 90)


def recent_change(account: Account, *, scorecards: HealthScorecards | None = None) -> ScoreMove:
    """How the score moved in the last thirty days, for the head of an account's pages. Two queries, or one where the
    organisation's scorecards are at hand."""
    organization, today = account.organization, civil_today(account.organization)
    found = _rows(organization, [account.pk], today=today, days=WINDOWS[0], scorecards=scorecards)[account.pk]
    return ScoreMove(change=score_change([row.score for row in found.rows]), anew_until=found.anew_until)


def use_trend(organization: Organization, account: Account, *, today: date) -> EngagementTrend | None:
    """Where an account's use has gone in thirty days; None while fewer than two days are reported. One query."""
    rows = _rows(organization, [account.pk], today=today, days=WINDOWS[0])[account.pk].rows
    return engagement_trend([row.users for row in rows]) if len(rows) > 1 else None


class _Row(NamedTuple):
    date: date
    users: int | None
    score: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Of one account; days before `anew_until` are scored by another scorecard than they were then."""

    rows: list[_Row]
    anew_until: date | None = None


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
                rows[account],
                since=today - timedelta(days=days),
                days=days,
                arr_change=arr_changes[days].get(account, Decimal(0)),
            )
            for days in windows
        }
        for account in account_ids
    }


def _trend(found: _Rows, *, since: date, days: int, arr_change: Decimal) -> Trend | None:
    rows = [row for row in found.rows if row.date >= since]
    if len(rows) < 2:
        return None
    return Trend(
        days=days,
        health_score_change=score_change([row.score for row in rows]),
        arr_change=arr_change,
        engagement_trend=engagement_trend([row.users for row in rows]),
    )


def _rows(
    organization: Organization,
    account_ids: Collection[int],
    *,
    today: date,
    days: int,
    scorecards: HealthScorecards | None = None,
) -> Mapping[int, _Rows]:
    """The rows of each account in the window, oldest first.

    Days on which another scorecard counted, or another version, are scored anew: by other rules, a score is nothing
    to compare with. By a customer-360 scorecard such days have none: what it gathers of a past day is not known any
    more.
    """
    found: dict[int, _Rows] = defaultdict(lambda: _Rows(rows=[]))
    accounts = organization.accounts.filter(pk__in=account_ids)
    # Through the accounts, which bring the organisation: see DailyMetricsQuerySet.newest_of.
    rows = DailyMetrics.objects.filter(account__in=accounts.order_by().values("pk"))
    rows = rows.in_window(today=today, days=days).order_by("account_id", "date")
    for account, day, users, score in rows.values_list("account_id", "date", "daily_active_users", "health_score"):
        found[account].rows.append(_Row(date=day, users=users, score=score))
    scorecards = scorecards or health_scorecards(organization)
    if scorecards.may_differ_since(today - timedelta(days=days)):
        for card, share in scorecards.shares(accounts):
            _score_anew(found, rows, card, counting_since(card, share, today=today), organization)
    return found


def _score_anew(
    found: dict[int, _Rows],
    rows: DailyMetricsQuerySet,
    card: Scorecard,
    since: Mapping[int, date],
    organization: Organization,
) -> None:
    """The days on which a scorecard did not yet count for these accounts, by it."""
    if not since:
        return
    keys = card.rules.columns
    values = rows.filter(account__in=list(since)).values_list("account_id", "date", "account__seats", *keys)
    frame = pd.DataFrame(list(values), columns=["account", "date", "target", *keys])
    frame = frame[[day < since[account] for account, day in zip(frame["account"], frame["date"], strict=True)]]
    scores: dict[tuple[int, date], float | None] = {}
    if len(frame) and not card.rules.is_grouped:
        numbers = frame[["target", *keys]].astype("float64")
        numbers["target"] = numbers["target"].where(numbers["target"] > 0, float(organization.active_users_target))
        if card.rules.asks_for(PULSE):
            pulses = pulses_on(frame["account"].tolist(), frame["date"].tolist())
            numbers = numbers.join(pulses.set_axis(numbers.index))
        known = known_values(score_frame(numbers, card.rules)["score"])
        scores = dict(zip(zip(frame["account"], frame["date"], strict=True), known, strict=True))
    for account, begun in since.items():
        anew = [
            row if row.date >= begun else row._replace(score=_decimal(scores.get((account, row.date))))
            for row in found[account].rows
        ]
        found[account] = _Rows(rows=anew, anew_until=begun)


def _decimal(score: float | None) -> Decimal | None:
    return None if score is None else Decimal(str(score))
