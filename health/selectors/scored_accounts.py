"""Accounts with their newest metrics, their own facts, what was last stored, and their score."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db.models import CharField, F, FloatField, OuterRef, QuerySet, Subquery, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONArray

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.bulk import plain_rows
from csplatform.models import Organization
from csplatform.querysets import among
from health.enums import ScorecardKind
from health.models import DailyMetrics, HealthSnapshot, Scorecard
from health.risk_factors import DECLINE_DAYS, JUDGED
from health.scoring import ScorecardRules, score_frame
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD
from health.scoring.signals import GATHERED
from health.selectors.account_records import account_records
from health.selectors.customer_360 import customer_360_frame
from health.selectors.overrides import overriding_scores
from health.selectors.pulse import PULSE, pulse_frame
from health.selectors.scorecard import HealthScorecards, counting_since
from health.values import days, numbers

STORED = {
    "stored_score": "health_score",
    "stored_known_score": "last_known_health_score",
    "stored_coverage": "health_coverage",
    "stored_churn_risk": "churn_risk_score",
}
WINDOWS = {row["key"]: row["window_days"] for row in CUSTOMER_360_SCORECARD}


def scored_accounts(
    organization: Organization,
    accounts: AccountQuerySet,
    scorecard: Scorecard,
    *,
    today: date,
    beside: Sequence[ScorecardRules] = (),
    may_differ: Callable[[date], bool] | None = None,
) -> pd.DataFrame:
    """One row per account, in a handful of queries whatever their number; NaN where nothing was reported.

    Columns: the scorecard's signals, `target`, `seats`, `contract_end`, `days_to_renewal`, `metrics`,
    `metrics_date`, `metrics_age_days`, `score_before` (30 days ago) and the stored scores; what the scorecard
    makes of them: `mean`, `guard`, `computed`, `coverage`, `points_<signal>` and `score_change`; and `score`, which
    is shown: the computed one, or the one that somebody set by hand for now; and what `account_records` knows. Open
    tickets are those that were reported; where none were, those on record. What the rules in `beside` ask for is
    there too, for `scored_beside`.

    `score_before` is by these rules, too: where another scorecard, or another version, counted a month ago, that day
    is scored anew. `may_differ` says of a day whether one may have; who does not know has every account looked at.
    """
    rules = scorecard.rules
    columns = dict.fromkeys(column for each in (rules, *beside) for column in each.columns)
    frame = _read(accounts, list(columns | dict.fromkeys(JUDGED)), today=today)
    frame["target"] = frame["seats"].where(frame["seats"] > 0, float(organization.active_users_target))
    frame["days_to_renewal"] = _days_between(today, frame["contract_end"])
    frame["metrics_age_days"] = -_days_between(today, frame["metrics_date"])
    frame = frame.join(account_records(organization, accounts, today=today))
    if "tickets_open" in frame.columns:
        frame["tickets_open"] = frame["tickets_open"].fillna(frame["tickets_on_record"])
    if any(each.is_grouped for each in (rules, *beside)):
        gathered = customer_360_frame(organization, accounts, WINDOWS, today=today)
        frame = frame.join(gathered.add_prefix(GATHERED))
    if any(each.asks_for(PULSE) for each in (rules, *beside)):
        frame = frame.join(pulse_frame(accounts, today=today))
    frame = frame.join(score_frame(frame, rules))
    month_ago = today - timedelta(days=DECLINE_DAYS)
    if may_differ is None or may_differ(month_ago):
        _score_before_anew(frame, accounts, scorecard, month_ago, today=today)
    frame["computed"] = frame["score"]
    frame["score_change"] = (frame["computed"] - frame["score_before"]).round(1)
    if overridden := overriding_scores(organization, today=today):
        frame["score"] = pd.Series(overridden, dtype="float64").reindex(frame.index).fillna(frame["computed"])
    return frame


def scored_by_own_cards(
    organization: Organization, accounts: AccountQuerySet, scorecards: HealthScorecards, *, today: date
) -> pd.DataFrame:
    """The same for accounts of all segments, each by the scorecard that counts for it; points are left to those."""
    frames = [
        scored_accounts(organization, share, card, today=today, may_differ=scorecards.may_differ_since)
        for card, share in scorecards.shares(accounts)
    ]
    return frames[0] if len(frames) == 1 else pd.concat(frames).sort_index()


def scored_beside(frame: pd.DataFrame, rules: ScorecardRules) -> pd.DataFrame:
    """The same accounts by other rules, which were named when the frame was made; nothing is set by hand here."""
    scores = score_frame(frame, rules)
    ours = [name for name in frame.columns if name in scores.columns or name.startswith("points_")]
    other = frame.drop(columns=ours).join(scores)
    other["computed"] = other["score"]
    other["score_change"] = np.nan
    return other


def _score_before_anew(
    frame: pd.DataFrame, accounts: AccountQuerySet, scorecard: Scorecard, day: date, *, today: date
) -> None:
    """What this scorecard would have made of a day on which it was not yet the health of some of the accounts."""
    since = counting_since(scorecard, accounts, today=today)
    anew = [key for key, begun in since.items() if begun > day]
    if not anew:
        return
    chosen = accounts.filter(among("pk", sorted(anew)))
    rules = scorecard.rules
    then = _kept_on(day, chosen, rules) if rules.is_grouped else _scored_on(day, chosen, frame["target"], rules)
    frame.loc[anew, "score_before"] = then.reindex(anew).to_numpy()


def _kept_on(day: date, accounts: QuerySet[Account], rules: ScorecardRules) -> pd.Series:
    """By the values that snapshots of a customer-360 scorecard kept: what it gathers of a past day is not known any
    more."""
    snapshots = HealthSnapshot.objects.filter(scorecard__kind=ScorecardKind.CUSTOMER_360).up_to(day)
    kept = dict(snapshots.newest_of(accounts).values_list("account", "points"))
    if not kept:
        return pd.Series(dtype="float64")
    values = [{f"{GATHERED}{part['signal']}": part["value"] for part in points} for points in kept.values()]
    return score_frame(pd.DataFrame(values, index=list(kept), dtype="float64"), rules)["score"]


def _scored_on(day: date, accounts: AccountQuerySet, target: pd.Series, rules: ScorecardRules) -> pd.Series:
    """By the newest metrics up to the day."""
    rows = DailyMetrics.objects.up_to(day).scored().newest_of(accounts)
    values = [numbers(column) for column in zip(*rows.values_list("account", *rules.columns), strict=True)]
    if not values:
        return pd.Series(dtype="float64")
    keys, *measured = values
    then = pd.DataFrame(dict(zip(rules.columns, measured, strict=True)), index=keys.astype("int64"))
    then["target"] = target.reindex(then.index)
    if rules.asks_for(PULSE):
        then = then.join(pulse_frame(accounts, today=day))
    return score_frame(then, rules)["score"]


def _read(accounts: QuerySet[Account], signals: list[str], *, today: date) -> pd.DataFrame:
    """The accounts with their newest metrics, as the database has them.

    PERFORMANCE: the newest row comes as the text of a JSON array out of a sub-select, which both databases answer by
    one look into the unique index (account, date); a join with all metrics would be read from end to end. All texts
    are parsed at once, and everything comes as the numbers and texts that the driver has: making a Decimal or a date
    of each cell took a third of a recompute. The accounts bring the organisation, see
    `DailyMetricsQuerySet.newest_of`.
    """
    metrics = DailyMetrics.objects.filter(account=OuterRef("pk")).up_to(today).order_by("-date")
    newest = JSONArray("pk", _text("date"), _number("health_score"), *map(_number, signals))
    month_ago = metrics.up_to(today - timedelta(days=DECLINE_DAYS)).scored()
    columns: dict[str, Combinable] = {
        "contract_end": _text("contract_end"),
        "newest": Subquery(metrics.values(row=Cast(newest, TextField()))[:1]),
        "seats": F("seats"),
        "score_before": Subquery(month_ago.values(score=_number("health_score"))[:1]),
        **{name: _number(field) for name, field in STORED.items()},
    }
    rows = plain_rows(accounts.order_by("pk").values_list("pk", *columns.values()))
    keys, ends, texts, *values = zip(*rows, strict=True) if rows else [()] * (1 + len(columns))
    nothing = json.dumps([None] * (3 + len(signals)))
    found = json.loads(f"[{','.join(text or nothing for text in texts)}]")
    metrics_keys, metrics_days, *measured = zip(*found, strict=True) if found else [()] * (3 + len(signals))
    known = dict(zip([*list(columns)[2:], "row_score", *signals], [*values, *measured], strict=True))
    frame: dict[str, npt.NDArray[Any]] = {
        **{name: numbers(column) for name, column in known.items()},
        "contract_end": days(ends),
        "metrics": numbers(metrics_keys),
        "metrics_date": days(metrics_days),
    }
    return pd.DataFrame(frame, index=pd.Index(keys, name="account", dtype="int64"))


def _number(field: str) -> Cast:
    return Cast(field, FloatField())


def _text(field: str) -> Cast:
    return Cast(field, CharField())


def _days_between(today: date, days: pd.Series) -> pd.Series:
    return (days - pd.Timestamp(today)).dt.days.astype("float64")
