"""Each named risk matches exactly where its rule says, and missing data matches only the last."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from health.enums import RiskFactor
from health.risk_factors import describe_factor, factor_rows, match_factors

FINE: dict[str, object] = {
    "score": 85.0,
    "coverage": 1.0,
    "daily_active_users": 160.0,
    "seats": 200.0,
    "adoption_pct": 78.0,
    "tickets_open": 2.0,
    "nps": 55.0,
    "login_rate": 0.88,
    "score_change": 1.0,
    "contract_end": date(2027, 6, 1),
    "days_to_renewal": 193.0,
    "metrics_date": date(2026, 11, 20),
    "metrics_age_days": 0.0,
    "silent_since": date(2026, 11, 18),
    "days_without_engagement": 2.0,
    "escalations": 0.0,
    "overdue_since": date(2026, 11, 10),
    "days_overdue": 10.0,
}
NOTHING = dict.fromkeys(FINE) | {"coverage": 0.0}


def names(**values: object) -> list[str]:
    frame = pd.DataFrame([FINE | values])
    return [row["name"] for row in factor_rows(frame, match_factors(frame))[0]]


@pytest.mark.parametrize(
    ("values", "factor"),
    [
        ({"score": 39.9}, RiskFactor.CRITICAL_SCORE),
        ({"score": 40.0}, RiskFactor.BELOW_TARGET_SCORE),
        ({"score": 69.9}, RiskFactor.BELOW_TARGET_SCORE),
        ({"daily_active_users": 9.0, "seats": None}, RiskFactor.LOW_ENGAGEMENT),
        ({"daily_active_users": 39.0}, RiskFactor.LOW_ENGAGEMENT),  # of 200 seats: 19.5 %
        ({"adoption_pct": 29.9}, RiskFactor.LOW_ADOPTION),
        ({"tickets_open": 6.0}, RiskFactor.MANY_TICKETS),
        ({"nps": -0.5}, RiskFactor.NEGATIVE_NPS),
        ({"login_rate": 0.29}, RiskFactor.INFREQUENT_LOGINS),
        ({"score_change": -10.0}, RiskFactor.DECLINING_TREND),
        ({"days_without_engagement": 31.0}, RiskFactor.NO_RECENT_ENGAGEMENT),
        ({"escalations": 1.0}, RiskFactor.ESCALATION_OPEN),
        ({"days_overdue": 31.0}, RiskFactor.OVERDUE_INVOICES),
        ({"metrics_age_days": 15.0}, RiskFactor.LOW_DATA_QUALITY),
        ({"coverage": 0.59}, RiskFactor.LOW_DATA_QUALITY),
    ],
)
def test_a_factor_matches_just_past_its_threshold(values: dict[str, object], factor: RiskFactor) -> None:
    assert names(**values) == [factor.value]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"score": 70.0},
        {"daily_active_users": 10.0, "seats": None},
        {"daily_active_users": 40.0},  # exactly 20 % of 200 seats
        {"adoption_pct": 30.0},
        {"tickets_open": 5.0},
        {"nps": 0.0},
        {"login_rate": 0.3},
        {"score_change": -9.9},
        {"metrics_age_days": 14.0},
        {"days_overdue": 30.0},
        {"days_overdue": None},
        {"coverage": 0.6},
    ],
)
def test_nothing_matches_at_or_above_the_threshold(values: dict[str, object]) -> None:
    assert names(**values) == []


@pytest.mark.parametrize(("days", "matches"), [(-1, False), (0, True), (90, True), (91, False)])
def test_a_renewal_is_at_risk_within_ninety_days(days: int, matches: bool) -> None:
    found = names(score=59.9, days_to_renewal=float(days))

    assert (RiskFactor.RENEWAL_AT_RISK.value in found) == matches


def test_a_good_score_makes_no_renewal_risky() -> None:
    assert names(score=60.0, days_to_renewal=10.0) == [RiskFactor.BELOW_TARGET_SCORE.value]


def test_missing_signals_match_only_low_data_quality() -> None:
    assert names(**NOTHING) == [RiskFactor.LOW_DATA_QUALITY.value]


def test_factors_come_in_the_order_of_the_list_with_severity_and_value() -> None:
    frame = pd.DataFrame([FINE | {"score": 35.0, "nps": -20.0, "tickets_open": 7.0, "days_to_renewal": 12.0}])

    (rows,) = factor_rows(frame, match_factors(frame))

    assert rows == [
        {"name": "Critical health score", "severity": 3, "value": 35.0},
        {"name": "High support ticket volume", "severity": 2, "value": 7.0},
        {"name": "Negative NPS score", "severity": 3, "value": -20.0},
        {"name": "Renewal at risk", "severity": 3, "value": "2027-06-01"},
    ]


def test_every_factor_has_a_severity() -> None:
    assert [factor.severity for factor in RiskFactor] == [3, 2, 2, 2, 2, 3, 2, 2, 3, 2, 1, 3, 1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"nps": -20.0}, "Negative NPS score: NPS is -20"),
        (
            {"metrics_age_days": 20.0, "metrics_date": date(2026, 10, 31)},
            "Low data quality: last reported on 31 Oct 2026",
        ),
        ({"coverage": 0.5}, "Low data quality: only 50% of the signals arrived"),
        (NOTHING, "Low data quality: nothing has been reported yet"),
    ],
)
def test_a_factor_says_its_reason_in_words(values: dict[str, object], words: str) -> None:
    frame = pd.DataFrame([FINE | values])

    (rows,) = factor_rows(frame, match_factors(frame))

    assert [describe_factor(row) for row in rows] == [words]
