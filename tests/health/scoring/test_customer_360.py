"""The customer-360 score: groups of measures, each a mean of what is known, adding up to the score exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.scoring import rules_from_rows, score_one
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD, score_customer

D = Decimal
BEST: dict[str, float | None] = {row["key"]: row["best"] for row in CUSTOMER_360_SCORECARD}
WORST: dict[str, float | None] = {row["key"]: row["worst"] for row in CUSTOMER_360_SCORECARD}


def score(values: dict[str, float | None]) -> Decimal | None:
    return score_customer(CUSTOMER_360_SCORECARD, values).score


def test_the_groups_weigh_40_25_20_and_15() -> None:
    result = score_customer(CUSTOMER_360_SCORECARD, BEST)

    assert [(group.name, group.weight, group.points) for group in result.groups] == [
        ("Product usage", 40, 40),
        ("Support", 25, 25),
        ("Engagement", 20, 20),
        ("Business", 15, 15),
    ]
    assert (result.score, result.coverage) == (100, 1)
    assert score(WORST) == 0


@pytest.mark.parametrize(
    ("key", "value", "lost"),
    [
        ("login_rate", 0.5, "5.0"),  # half of 10
        ("session_minutes", 45, "0"),  # 30 are enough
        ("tickets_opened", 4, "2.5"),  # 0.4 of 6.25
        ("resolution_hours", 64, "3.1"),  # half-way from 120 to 8: 3.125
        ("csat", 4, "1.6"),  # a quarter of 6.25: 1.5625
        ("people_met", 0, "5.0"),
        ("average_delay", 45, "3.7"),  # 3.75
        ("arr_change_pct", 0, "1.9"),  # half of 3.75: 1.875
    ],
)
def test_each_measure_has_its_curve(key: str, value: float, lost: str) -> None:
    # Halves are rounded up on the score: 96.25 is shown as 96.3, so that 3.75 lost look like 3.7.
    assert score(BEST | {key: value}) == 100 - D(lost)


def test_a_missing_measure_leaves_its_weight_to_its_group_and_a_missing_group_to_the_others() -> None:
    # Usage: 0, 1, 1 of three known measures: 2/3 of 40
    assert score(BEST | {"login_rate": 0, "session_minutes": None}) == D("86.7")
    # Without engagement 80 points are left; usage 0 of 40: half
    without = {row["key"]: None for row in CUSTOMER_360_SCORECARD if row["group"] == "Engagement"}
    idle = {row["key"]: row["worst"] for row in CUSTOMER_360_SCORECARD if row["group"] == "Product usage"}
    assert score(BEST | without | idle) == 50


def test_under_40_points_known_there_is_no_score() -> None:
    only_business = dict.fromkeys(BEST) | {"average_delay": 0, "csat": 5, "login_rate": 1}
    usage = {row["key"]: row["best"] for row in CUSTOMER_360_SCORECARD if row["group"] == "Product usage"}

    assert score(only_business) is None
    assert score(usage) == 100


shares = st.fixed_dictionaries({key: st.none() | st.floats(-5, 130) for key in BEST})


@given(shares)
def test_the_parts_add_up_and_stay_in_bounds(values: dict[str, float | None]) -> None:
    result = score_customer(CUSTOMER_360_SCORECARD, values)

    if result.score is None:
        assert result.coverage < 0.4
        return
    assert 0 <= result.score <= 100
    assert sum((group.points or D(0) for group in result.groups), D(0)) == result.score
    adds = [measure.adds or D(0) for group in result.groups for measure in group.measures]
    assert sum(adds, D(0)) == result.score


@given(shares, st.sampled_from(sorted(BEST)), st.floats(0, 100))
def test_it_never_falls_when_a_measure_gets_better(values: dict[str, float | None], key: str, step: float) -> None:
    before = values[key]
    row = next(row for row in CUSTOMER_360_SCORECARD if row["key"] == key)
    if before is None or row["best"] is None:
        return
    better = before + (step if row["best"] > row["worst"] else -step)

    was, now = score(values), score(values | {key: better})

    assert (was is None) == (now is None)
    assert was is None or now is None or now >= was


@given(st.fixed_dictionaries({row["key"]: st.none() | st.floats(-50, 150) for row in CUSTOMER_360_SCORECARD}))
def test_scored_as_rules_it_is_the_same(values: dict[str, float | None]) -> None:
    rules = rules_from_rows(CUSTOMER_360_SCORECARD)

    alone, as_rules = score_customer(CUSTOMER_360_SCORECARD, values), score_one(values, rules)

    assert (None if as_rules.score is None else Decimal(str(as_rules.score))) == alone.score
    assert as_rules.coverage == pytest.approx(alone.coverage)
    known = {part.signal.key for part in as_rules.points if part.points is not None}
    assert sum(rules.weights(known).values()) == pytest.approx(100 if known else 0)
