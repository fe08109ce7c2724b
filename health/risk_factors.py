"""The named risks as data, and one evaluation for any number of accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from csplatform.formatting import date_text
from health.enums import RiskFactor
from health.values import number_texts

CRITICAL_BELOW = 40
TARGET_SCORE = 70
FEW_USERS = 10
FEW_OF_SEATS = 0.2
LOW_ADOPTION_PCT = 30
MANY_TICKETS = 5
RARE_LOGIN_RATE = 0.3
DECLINE = -10
DECLINE_DAYS = 30
RENEWAL_DAYS = 90
RENEWAL_SCORE = 60
OVERDUE_DAYS = 30
SILENT_DAYS = 30
STALE_AFTER_DAYS = 14
LITTLE_COVERAGE = 0.6
JUDGED = ("daily_active_users", "adoption_pct", "tickets_open", "nps", "login_rate")
"""Measures of a day that are a risk by themselves, whether or not the scorecard has them as signals."""

Flags = npt.NDArray[np.bool_]
FactorValue = float | str | None


class FactorRow(TypedDict):
    """A factor that matched, as snapshots keep it: `value` is the number or the ISO date behind it."""

    name: str
    severity: int
    value: FactorValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a factor matches, and the value that made it so.

    A comparison with a missing value is false, so a missing signal matches none of them but the last.
    """

    factor: RiskFactor
    value: Callable[[pd.DataFrame], pd.Series]
    matches: Callable[[pd.DataFrame], Flags]


def _column(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return frame[name].to_numpy(dtype="float64", na_value=np.nan)


def _of(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: frame[name]


def _few_users(frame: pd.DataFrame) -> Flags:
    users, seats = _column(frame, "daily_active_users"), _column(frame, "seats")
    flags: Flags = (users < FEW_USERS) | (users < FEW_OF_SEATS * seats)
    return flags


def _below_target(frame: pd.DataFrame) -> Flags:
    score = _column(frame, "score")
    flags: Flags = (score >= CRITICAL_BELOW) & (score < TARGET_SCORE)
    return flags


def _renewal_at_risk(frame: pd.DataFrame) -> Flags:
    days = _column(frame, "days_to_renewal")
    flags: Flags = (days >= 0) & (days <= RENEWAL_DAYS) & (_column(frame, "score") < RENEWAL_SCORE)
    return flags


def _poor_data(frame: pd.DataFrame) -> Flags:
    age = _column(frame, "metrics_age_days")
    flags: Flags = np.isnan(age) | (age > STALE_AFTER_DAYS) | (_column(frame, "coverage") < LITTLE_COVERAGE)
    return flags


def _data_quality(frame: pd.DataFrame) -> pd.Series:
    """The day of old metrics, the percentage of thin ones, nothing where there never were any."""
    thin = _column(frame, "metrics_age_days") <= STALE_AFTER_DAYS
    return frame["metrics_date"].astype("object").mask(thin, frame["coverage"] * 100)


def _below(column: str, limit: float) -> Callable[[pd.DataFrame], Flags]:
    return lambda frame: _column(frame, column) < limit


RULES: tuple[Rule, ...] = (
    Rule(factor=RiskFactor.CRITICAL_SCORE, value=_of("score"), matches=_below("score", CRITICAL_BELOW)),
    Rule(factor=RiskFactor.BELOW_TARGET_SCORE, value=_of("score"), matches=_below_target),
    Rule(factor=RiskFactor.LOW_ENGAGEMENT, value=_of("daily_active_users"), matches=_few_users),
    Rule(
        factor=RiskFactor.LOW_ADOPTION,
        value=_of("adoption_pct"),
        matches=_below("adoption_pct", LOW_ADOPTION_PCT),
    ),
    Rule(
        factor=RiskFactor.MANY_TICKETS,
        value=_of("tickets_open"),
        matches=lambda frame: _column(frame, "tickets_open") > MANY_TICKETS,
    ),
    Rule(factor=RiskFactor.NEGATIVE_NPS, value=_of("nps"), matches=_below("nps", 0)),
    Rule(
        factor=RiskFactor.INFREQUENT_LOGINS,
        value=_of("login_rate"),
        matches=_below("login_rate", RARE_LOGIN_RATE),
    ),
    Rule(
        factor=RiskFactor.DECLINING_TREND,
        value=_of("score_change"),
        matches=lambda frame: _column(frame, "score_change") <= DECLINE,
    ),
    Rule(factor=RiskFactor.RENEWAL_AT_RISK, value=_of("contract_end"), matches=_renewal_at_risk),
    Rule(
        factor=RiskFactor.OVERDUE_INVOICES,
        value=_of("overdue_since"),
        matches=lambda frame: _column(frame, "days_overdue") > OVERDUE_DAYS,
    ),
    Rule(
        factor=RiskFactor.NO_RECENT_ENGAGEMENT,
        value=_of("silent_since"),
        matches=lambda frame: _column(frame, "days_without_engagement") > SILENT_DAYS,
    ),
    Rule(
        factor=RiskFactor.ESCALATION_OPEN,
        value=_of("escalations"),
        matches=lambda frame: _column(frame, "escalations") > 0,
    ),
    Rule(factor=RiskFactor.LOW_DATA_QUALITY, value=_data_quality, matches=_poor_data),
)
"""In the order of the factors."""


def match_factors(frame: pd.DataFrame) -> pd.DataFrame:
    """One boolean column per rule, named for its factor.

    The frame has a row per account: `score`, `coverage`, the signals, `seats`, `score_change` (over 30
    days), `days_to_renewal`, `metrics_age_days`, `days_overdue`, `days_without_engagement` and `escalations`; NaN
    where something is not known.
    """
    return pd.DataFrame({rule.factor.value: rule.matches(frame) for rule in RULES}, index=frame.index, dtype="bool")


def factor_texts(frame: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """For each row of the frame the JSON of its `FactorRow`s, as snapshots keep it.

    PERFORMANCE: one pattern a factor and one text a row; lists of objects took a fifth of a recompute.
    """
    found = [""] * len(frame)
    for rule in RULES:
        row = f', {{"name": {json.dumps(rule.factor.value)}, "severity": {rule.factor.severity}, "value": %s}}'
        at = np.flatnonzero(flags[rule.factor.value].to_numpy())
        for position, text in zip(at.tolist(), _value_texts(rule.value(frame).iloc[at]), strict=True):
            found[position] += row % text
    return [f"[{text[2:]}]" for text in found]


def factor_rows(frame: pd.DataFrame, flags: pd.DataFrame) -> list[list[FactorRow]]:
    """For each row of the frame the factors that matched, with the values that made them match."""
    return [json.loads(text) for text in factor_texts(frame, flags)]


def describe_factor(row: Mapping[str, object]) -> str:
    """The factor and its reason in words: `Negative NPS score: NPS is -20`."""
    name, value = RiskFactor(str(row["name"])), row.get("value")
    if name is RiskFactor.LOW_DATA_QUALITY and not isinstance(value, str):
        reason = "nothing has been reported yet" if value is None else f"only {value:g}% of the signals arrived"
        return f"{name.value}: {reason}"
    if value is None or name not in _WORDS:
        return name.value
    text = date_text(date.fromisoformat(value)) if isinstance(value, str) else f"{value:g}"
    return f"{name.value}: {_WORDS[name].format(text)}"


_WORDS: dict[RiskFactor, str] = {
    RiskFactor.CRITICAL_SCORE: "the score is {}",
    RiskFactor.BELOW_TARGET_SCORE: "the score is {}",
    RiskFactor.LOW_ENGAGEMENT: "{} daily active users",
    RiskFactor.LOW_ADOPTION: "{}% of the features are used",
    RiskFactor.MANY_TICKETS: "{} tickets are open",
    RiskFactor.NEGATIVE_NPS: "NPS is {}",
    RiskFactor.INFREQUENT_LOGINS: "a login rate of {}",
    RiskFactor.DECLINING_TREND: "{} points in 30 days",
    RiskFactor.RENEWAL_AT_RISK: "the contract ends on {}",
    RiskFactor.OVERDUE_INVOICES: "the oldest fell due on {}",
    RiskFactor.NO_RECENT_ENGAGEMENT: "nobody has been in touch since {}",
    RiskFactor.ESCALATION_OPEN: "{} open and escalated",
    RiskFactor.LOW_DATA_QUALITY: "last reported on {}",
}


def _value_texts(values: pd.Series) -> list[str]:
    if values.dtype == "float64":
        return number_texts(values.round(4))
    return [json.dumps(_plain(value)) for value in values.tolist()]


def _plain(value: float | date | pd.Timestamp | None) -> FactorValue:
    """A value that JSON can hold: a number, an ISO date, or None for what is not known."""
    if isinstance(value, float):
        return None if value != value else round(value, 4)
    if value is None or pd.isna(value):
        return None
    return value.isoformat()[:10] if isinstance(value, (date, pd.Timestamp)) else round(float(str(value)), 4)
