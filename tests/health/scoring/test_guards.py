"""Guards come after the mean: the first whose conditions hold caps or lifts the score, and says why."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.scoring import SIGNALS_SCORECARD, rules_from_rows, score_frame, score_one
from health.scoring.guard_checks import guard_problems
from health.scoring.guards import Comparison, Effect
from health.scoring.measures import MEASURES

WELL: dict[str, float | None] = {
    "daily_active_users": 160, "target": 100, "adoption_pct": 78, "tickets_open": 2, "nps": 55, "login_rate": 0.88,
}  # fmt: skip
BETTER = {"daily_active_users": 1, "adoption_pct": 1, "tickets_open": -1, "nps": 1, "login_rate": 1}


def condition(measure: str, comparison: str, value: float) -> dict[str, Any]:
    return {"measure": measure, "comparison": comparison, "value": value}


def guard(*conditions: dict[str, Any], score: float, effect: str = "cap", text: str = "Because") -> dict[str, Any]:
    return {"conditions": list(conditions), "effect": effect, "score": score, "text": text}


RENEWAL = guard(
    condition("days_to_renewal", "at_most", 60), condition("adoption_pct", "below", 80), score=59, text="Hardly used"
)


def test_a_cap_holds_while_all_its_conditions_do() -> None:
    rules = rules_from_rows(SIGNALS_SCORECARD, [RENEWAL])

    capped = score_one(WELL | {"days_to_renewal": 60}, rules)
    far = score_one(WELL | {"days_to_renewal": 61}, rules)
    used = score_one(WELL | {"days_to_renewal": 60, "adoption_pct": 80}, rules)

    # 85.325 by the signals, see test_score
    assert (capped.score, capped.mean) == (59, 85.3)
    assert capped.guard is not None
    assert capped.guard.words == "Capped at 59: Hardly used"
    # 80 % instead of 78 are half a point more
    assert [(each.score, each.guard) for each in (far, used)] == [(85.3, None), (85.8, None)]


def test_a_floor_lifts_and_nothing_lifts_what_is_higher() -> None:
    floor = guard(condition("days_without_engagement", "below", 7), score=60, effect="floor", text="Just met")
    rules = rules_from_rows(SIGNALS_SCORECARD, [floor])
    poor = WELL | {"daily_active_users": 0, "adoption_pct": 0, "days_without_engagement": 3}

    # 16 + 11.625 + 13.2 = 40.825
    low, high = score_one(poor, rules), score_one(WELL | {"days_without_engagement": 3}, rules)

    assert (low.score, low.mean, low.guard and low.guard.words) == (60, 40.8, "Raised to 60: Just met")
    assert (high.score, high.guard) == (85.3, None)


def test_the_first_guard_that_holds_wins_even_where_it_changes_nothing() -> None:
    first = guard(condition("escalations", "at_least", 1), score=90)
    second = guard(condition("days_overdue", "above", 30), score=39)
    rules = rules_from_rows(SIGNALS_SCORECARD, [first, second])

    assert score_one(WELL | {"escalations": 1, "days_overdue": 40}, rules).score == 85.3
    assert score_one(WELL | {"escalations": 0, "days_overdue": 40}, rules).score == 39


def test_what_is_not_known_meets_no_condition() -> None:
    below = guard(condition("nps", "below", 100), condition("days_to_renewal", "above", -999), score=10)
    rules = rules_from_rows(SIGNALS_SCORECARD, [below])

    assert score_one(WELL, rules).score == 85.3
    assert score_one(WELL | {"days_to_renewal": 5, "nps": None}, rules).score == 86.7
    assert score_one({"nps": 55, "days_to_renewal": 5}, rules).score is None


def test_coverage_is_a_measure_too() -> None:
    rules = rules_from_rows(SIGNALS_SCORECARD, [guard(condition("coverage", "below", 1), score=79)])

    # Without NPS 85 of 100 points are known, see test_score: 86.7
    assert (score_one(WELL | {"nps": None}, rules).score, score_one(WELL, rules).score) == (79, 85.3)


def test_many_rows_are_guarded_each_by_its_own_values() -> None:
    rules = rules_from_rows(SIGNALS_SCORECARD, [RENEWAL])
    rows = [WELL | {"days_to_renewal": days} for days in (10, None, 90)]

    frame = score_frame(pd.DataFrame(rows, dtype="float64"), rules)

    assert frame["score"].tolist() == [59, 85.3, 85.3]
    assert frame["guard"].tolist() == [0, -1, -1]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("cap", "Guards are a list."),
        (["cap"], "Guard 1: takes conditions, an effect, a score and a text."),
        ([RENEWAL | {"effect": "lift"}], "Guard 1: the effect is cap or floor."),
        ([RENEWAL | {"score": 101}], "Guard 1: the score is a number from 0 to 100."),
        ([RENEWAL | {"score": True}], "Guard 1: the score is a number from 0 to 100."),
        ([RENEWAL | {"score": 59.55}], "Guard 1: the score has at most one decimal."),
        ([RENEWAL | {"text": " "}], "Guard 1: say in a few words why, for whoever reads the score."),
        ([RENEWAL | {"text": "x" * 121}], "Guard 1: the text has at most 120 characters."),
        ([RENEWAL | {"conditions": []}], "Guard 1: needs at least one condition."),
        ([guard(*[condition("nps", "below", 0)] * 5, score=1)], "Guard 1: takes at most 4 conditions."),
        (
            [guard(condition("nps", "is", 0), score=1)],
            "Guard 1: the comparison is below, at_most, at_least or above.",
        ),
        ([guard(condition("nps", "below", 101), score=1)], "Guard 1: NPS lies between -100 and 100."),
        ([guard(condition("nps", "below", float("nan")), score=1)], "Guard 1: the value of a condition is a number."),
        ([RENEWAL] * 11, "A scorecard takes at most 10 guards."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(rows: object, sentence: str) -> None:
    assert guard_problems(rows) == [sentence]


def test_an_unknown_measure_is_told_which_there_are() -> None:
    (problem,) = guard_problems([guard(condition("weather", "below", 1), score=1)])

    assert problem.startswith("Guard 1: “weather” is no known measure; there are daily_active_users, adoption_pct,")


def test_a_cap_on_what_is_good_is_refused() -> None:
    (problem,) = guard_problems([guard(condition("adoption_pct", "at_least", 80), score=50)])

    assert problem == (
        "Guard 1: “Feature adoption at least 80” would cap a score because it is good; "
        "a score must not rise when a signal gets worse."
    )


def test_a_milder_cap_must_not_stand_before_a_stricter_one() -> None:
    mild = guard(condition("tickets_open", "above", 5), score=79)

    assert guard_problems([RENEWAL, mild]) == []
    assert guard_problems([mild, RENEWAL]) == [
        "Guard 2 caps at 59, lower than guard 1 at 79: put it first, or a signal that gets worse could raise a score."
    ]
    # Where no signal switches the first one on, the order is the organisation's own.
    assert guard_problems([guard(condition("escalations", "at_least", 1), score=79), RENEWAL]) == []


conditions = st.builds(
    condition,
    st.sampled_from(["adoption_pct", "tickets_open", "nps", "login_rate", "days_to_renewal"]),
    st.sampled_from([each.value for each in Comparison]),
    st.sampled_from([0, 0.5, 1]),
)
some_guards = st.lists(
    st.builds(
        lambda conditions, score, effect: guard(*conditions, score=score, effect=effect),
        st.lists(conditions, min_size=1, max_size=2),
        st.sampled_from([20, 59, 79]),
        st.sampled_from([each.value for each in Effect]),
    ),
    max_size=6,
)
readings = st.fixed_dictionaries(
    {
        "daily_active_users": st.none() | st.integers(0, 200),
        "target": st.just(100),
        "adoption_pct": st.none() | st.sampled_from([0, 0.5, 1, 50, 100]),
        "tickets_open": st.none() | st.integers(0, 3),
        "nps": st.none() | st.sampled_from([-100, 0, 0.5, 1, 100]),
        "login_rate": st.none() | st.sampled_from([0, 0.5, 1]),
        "days_to_renewal": st.none() | st.integers(0, 2),
    }
)


@settings(deadline=None, max_examples=300)
@given(some_guards, readings, st.sampled_from(sorted(BETTER)), st.sampled_from([0.5, 1, 3, 100]))
def test_no_guards_that_are_allowed_let_a_score_rise_when_a_signal_gets_worse(
    guards: list[dict[str, Any]], row: dict[str, float | None], signal: str, step: float
) -> None:
    value = row[signal]
    if value is None:
        return
    allowed: list[dict[str, Any]] = []
    for each in guards:
        allowed += [] if guard_problems([*allowed, each]) else [each]
    rules = rules_from_rows(SIGNALS_SCORECARD, allowed)

    before = score_one(row, rules).score
    after = score_one(row | {signal: value - BETTER[signal] * step}, rules).score

    assert before is None or (after is not None and after <= before)


def test_every_measure_of_a_day_is_a_column_of_the_metrics() -> None:
    from health.models import DailyMetrics
    from health.scoring.measures import SIGNAL_KEYS

    columns = {field.name for field in DailyMetrics._meta.get_fields()}

    assert set(SIGNAL_KEYS) <= columns
    assert set(BETTER) <= set(MEASURES)
