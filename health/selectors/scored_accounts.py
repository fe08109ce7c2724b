"""Accounts with their newest metrics, their own facts, what was last stored, and their score."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from django.db.models import DecimalField, FloatField, QuerySet
from django.db.models.functions import Cast

from accounts.models import Account
from csplatform.models import Organization
from health.models import DailyMetrics
from health.risk_factors import DECLINE_DAYS
from health.scoring import ScorecardRules, score_frame

ACCOUNT_FACTS = {
    "pk": "account",
    "seats": "seats",
    "contract_end": "contract_end",
    "health_score": "stored_score",
    "last_known_health_score": "stored_known_score",
    "health_coverage": "stored_coverage",
}


def scored_accounts(
    organization: Organization, accounts: QuerySet[Account], rules: ScorecardRules, *, today: date
) -> pd.DataFrame:
    """One row per account, in three queries whatever their number; NaN where nothing was reported.

    Columns: the scorecard's signals, `target`, `seats`, `contract_end`, `days_to_renewal`, `metrics`,
    `metrics_date`, `metrics_age_days`, `score_before` (30 days ago) and the stored scores; and what the
    scorecard makes of them: `score`, `coverage`, `points_<signal>` and `score_change`.
    """
    frame = _frame(accounts, ACCOUNT_FACTS)
    signals = {signal.key: signal.key for signal in rules.signals}
    metrics = DailyMetrics.objects.up_to(today)  # the accounts bring the organisation
    newest = _frame(
        metrics.newest_of(accounts),
        {"account_id": "account", "pk": "metrics", "date": "metrics_date", "health_score": "row_score"} | signals,
    )
    month_ago = metrics.up_to(today - timedelta(days=DECLINE_DAYS)).scored()
    before = _frame(month_ago.newest_of(accounts), {"account_id": "account", "health_score": "score_before"})
    frame = frame.join(newest).join(before)

    for column in (*signals, "seats", "row_score", "score_before", *_STORED):
        frame[column] = frame[column].astype("float64")
    frame["target"] = frame["seats"].where(frame["seats"] > 0, float(organization.active_users_target))
    frame["days_to_renewal"] = _days_between(today, frame["contract_end"])
    frame["metrics_age_days"] = -_days_between(today, frame["metrics_date"])
    frame = frame.join(score_frame(frame, rules)).sort_index()
    frame["score_change"] = (frame["score"] - frame["score_before"]).round(1)
    return frame


_STORED = ("stored_score", "stored_known_score", "stored_coverage")


def _frame(rows: QuerySet, columns: dict[str, str]) -> pd.DataFrame:
    """The rows as a frame indexed by account, its columns renamed.

    PERFORMANCE: decimals are read as floats, which is what they are scored as; converting each cell to a Decimal
    and back would take a third of a recompute.
    """
    decimals = {field.name for field in rows.model._meta.fields if isinstance(field, DecimalField)}
    values = rows.order_by().values_list(
        *(Cast(name, FloatField()) if name in decimals else name for name in columns)
    )
    return pd.DataFrame(list(values), columns=list(columns.values()), dtype="object").set_index("account")


def _days_between(today: date, days: pd.Series) -> pd.Series:
    return (pd.to_datetime(days) - pd.Timestamp(today)).dt.days.astype("float64")
