"""The risk of leaving is worked out from five factors, and never falls when something gets worse."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.scoring.churn_risk import FACTORS, MEASURES, risk_frame, risk_of

CALM: dict[str, float | None] = {
    "score": 85,
    "score_change": 0,
    "cadences_silent": 0.5,
    "engagement_drop": 0,
    "negative_outcomes": 0,
    "grave_tickets": 0,
    "days_to_term_end": 300,
    "notice_given": 0,
    "overdue_months": 0,
    "average_delay": 0,
    "days_since_competitor": None,
}
# What makes each worse: up is 1, down is -1.
WORSE = {
    "score": -1,
    "score_change": -1,
    "cadences_silent": 1,
    "engagement_drop": 1,
    "negative_outcomes": 1,
    "grave_tickets": 1,
    "days_to_term_end": -1,
    "notice_given": 1,
    "overdue_months": 1,
    "average_delay": 1,
    "days_since_competitor": -1,
}
rows = st.fixed_dictionaries(
    {
        "score": st.none() | st.floats(0, 100),
        "score_change": st.none() | st.floats(-100, 100),
        "cadences_silent": st.none() | st.floats(0, 20),
        "engagement_drop": st.none() | st.floats(0, 1),
        "negative_outcomes": st.none() | st.integers(0, 9),
        "grave_tickets": st.none() | st.integers(0, 9),
        "days_to_term_end": st.none() | st.integers(-400, 900),
        "notice_given": st.none() | st.integers(0, 1),
        "overdue_months": st.none() | st.floats(0, 40),
        "average_delay": st.none() | st.integers(0, 365),
        "days_since_competitor": st.none() | st.integers(0, 90),
    }
)


def risk(**changed: float | None) -> float | None:
    return risk_of(CALM | changed)["churn_risk"]


def test_an_account_without_any_trouble_has_no_risk() -> None:
    assert risk() == 0


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"score_change": -10}, 15.0),  # half of 20 points: 0.5 x 30
        ({"score_change": -20}, 30.0),
        ({"score": 60}, 15.0),  # half-way from 80 to 40: 0.5 x 30
        ({"score": 60, "score_change": -10}, 22.5),  # 1 - 0.5 x 0.5 = 0.75 x 30
        ({"cadences_silent": 2}, 10.0),  # half-way from one cadence to three: 0.5 x 20
        ({"cadences_silent": 5}, 20.0),
        ({"engagement_drop": 1}, 10.0),  # half of the factor at most
        ({"negative_outcomes": 1}, 10.0),
        ({"grave_tickets": 1}, 7.5),
        ({"grave_tickets": 3}, 15.0),
        ({"days_to_term_end": 60}, 6.3),  # half of 120 days, half of the factor: 0.25 x 25 = 6.25
        ({"days_to_term_end": 0}, 12.5),
        ({"days_to_term_end": -9}, 12.5),
        ({"notice_given": 1}, 25.0),
        ({"overdue_months": 1.5}, 12.5),
        ({"overdue_months": math.inf}, 25.0),
        ({"average_delay": 35}, 6.3),  # 25 of the 50 days from 10 to 60, half of the factor: 6.25
        ({"days_since_competitor": 10}, 10.0),
        ({"days_since_competitor": 60}, 5.0),
        ({"days_since_competitor": 90}, 0.0),
    ],
)
def test_each_measure_has_its_curve(changed: dict[str, float], expected: float) -> None:
    assert risk(**changed) == expected


def test_what_nothing_is_known_of_is_left_out() -> None:
    values = CALM | {"grave_tickets": None, "cadences_silent": None, "score_change": -20}

    found = risk_of(values)

    # Health 30 and contract 25 are left: 30 of 55 = 54.5
    assert found["churn_risk"] == 54.5
    assert (found["risk_support"], found["risk_engagement"], found["risk_competition"]) == (None, None, None)


def test_without_any_factor_it_is_100_less_the_health() -> None:
    nothing = dict.fromkeys(MEASURES)

    assert risk_of(nothing | {"score": 85})["churn_risk"] == 15
    assert risk_of(nothing)["churn_risk"] is None


@given(rows)
def test_it_is_within_0_and_100(values: dict[str, float | None]) -> None:
    found = risk_of(values)["churn_risk"]

    assert found is None or 0 <= found <= 100


@given(rows, st.sampled_from(sorted(WORSE)), st.floats(0, 50))
def test_it_never_falls_when_a_measure_gets_worse(values: dict[str, float | None], key: str, step: float) -> None:
    before = values[key]
    if before is None:
        return
    worse = values | {key: before + WORSE[key] * step}

    now, then = risk_of(worse)["churn_risk"], risk_of(values)["churn_risk"]

    assert (now is None) == (then is None)
    assert now is None or then is None or now >= then


@given(st.lists(rows, min_size=1, max_size=20))
def test_the_factors_add_up_and_a_row_is_the_same_alone_and_among_others(many: list[dict[str, float | None]]) -> None:
    frame = risk_frame(pd.DataFrame(many, columns=list(MEASURES), dtype="float64"))

    for at, values in enumerate(many):
        alone, row = risk_of(values), frame.iloc[at]
        assert np.isclose(row["churn_risk"], alone["churn_risk"] or 0) or np.isnan(row["churn_risk"])
        known = [factor for factor in FACTORS if alone[f"risk_{factor.key}"] is not None]
        if known:
            weight = sum(factor.weight for factor in known)
            mean = sum((alone[f"risk_{factor.key}"] or 0) * factor.weight for factor in known) / weight
            assert alone["churn_risk"] == pytest.approx(mean * 100, abs=0.0501)
