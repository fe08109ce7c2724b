"""Accounts with their newest metrics, their own facts, what was last stored, and their score."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from django.db.models import F, FloatField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject

from accounts.models import Account
from csplatform.models import Organization
from health.models import DailyMetrics
from health.risk_factors import DECLINE_DAYS
from health.scoring import ScorecardRules, score_frame
from health.selectors.account_records import account_records
from health.selectors.overrides import overriding_scores

STORED = {
    "stored_score": "health_score",
    "stored_known_score": "last_known_health_score",
    "stored_coverage": "health_coverage",
    "stored_churn_risk": "churn_risk_score",
}


def scored_accounts(
    organization: Organization, accounts: QuerySet[Account], rules: ScorecardRules, *, today: date
) -> pd.DataFrame:
    """One row per account, in a handful of queries whatever their number; NaN where nothing was reported.

    Columns: the scorecard's signals, `target`, `seats`, `contract_end`, `days_to_renewal`, `metrics`,
    `metrics_date`, `metrics_age_days`, `score_before` (30 days ago) and the stored scores; what the scorecard
    makes of them: `computed`, `coverage`, `points_<signal>` and `score_change`; and `score`, which is shown: the
    computed one, or the one that somebody set by hand for now; and what `account_records` knows. Open tickets are
    those that were reported; where none were, those on record.
    """
    signals = [signal.key for signal in rules.signals]
    frame = _read(accounts, signals, today=today)
    for column in (*signals, "seats", "row_score", "score_before", *STORED):
        frame[column] = frame[column].astype("float64")
    frame["metrics_date"] = pd.to_datetime(frame["metrics_date"])
    frame["target"] = frame["seats"].where(frame["seats"] > 0, float(organization.active_users_target))
    frame["days_to_renewal"] = _days_between(today, frame["contract_end"])
    frame["metrics_age_days"] = -_days_between(today, frame["metrics_date"])
    frame = frame.join(account_records(organization, accounts, today=today))
    if "tickets_open" in frame.columns:
        frame["tickets_open"] = frame["tickets_open"].fillna(frame["tickets_on_record"])
    frame = frame.join(score_frame(frame, rules)).sort_index()
    frame["computed"] = frame["score"]
    frame["score_change"] = (frame["computed"] - frame["score_before"]).round(1)
    if overridden := overriding_scores(organization, today=today):
        frame["score"] = pd.Series(overridden, dtype="float64").reindex(frame.index).fillna(frame["computed"])
    return frame


def _read(accounts: QuerySet[Account], signals: list[str], *, today: date) -> pd.DataFrame:
    """The accounts with their newest metrics, as the database has them.

    PERFORMANCE: the newest row comes as one JSON value of a sub-select, which both databases answer by one look
    into the unique index (account, date); a join with all metrics would be read from end to end. Decimals are
    read as floats, which is what they are scored as: making a Decimal of each cell took a third of a recompute.
    The accounts bring the organisation, see `DailyMetricsQuerySet.newest_of`.
    """
    metrics = DailyMetrics.objects.filter(account=OuterRef("pk")).up_to(today).order_by("-date")
    newest = JSONObject(metrics="pk", metrics_date="date", row_score="health_score", **{key: key for key in signals})
    month_ago = metrics.up_to(today - timedelta(days=DECLINE_DAYS)).scored()
    columns: dict[str, Combinable] = {
        "account": F("pk"),
        "seats": F("seats"),
        "contract_end": F("contract_end"),
        **{name: Cast(field, FloatField()) for name, field in STORED.items()},
        "score_before": Subquery(month_ago.values(score=Cast("health_score", FloatField()))[:1]),
        "newest": Subquery(metrics.values(row=newest)[:1]),
    }
    rows = list(accounts.order_by().values_list(*columns.values()))
    frame = pd.DataFrame(rows, columns=list(columns), dtype="object").set_index("account")
    found = pd.DataFrame(
        [row or {} for row in frame.pop("newest")],
        index=frame.index,
        columns=["metrics", "metrics_date", "row_score", *signals],
        dtype="object",
    )
    return frame.join(found)


def _days_between(today: date, days: pd.Series) -> pd.Series:
    return (pd.to_datetime(days) - pd.Timestamp(today)).dt.days.astype("float64")
