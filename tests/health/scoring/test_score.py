"""Scores are worked out from signals, and every property a reader relies on holds for any input."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.scoring import SIGNALS_SCORECARD, round_half_up, rules_from_rows, score_frame, score_one

RULES = rules_from_rows(SIGNALS_SCORECARD)

WELL_USED: dict[str, float | None] = {
    "daily_active_users": 160,
    "target": 100,
    "adoption_pct": 78,
    "tickets_open": 2,
    "nps": 55,
    "login_rate": 0.88,
}

# Better is up for all but tickets.
BETTER = {"daily_active_users": 1, "adoption_pct": 1, "tickets_open": -1, "nps": 1, "login_rate": 1}

rows = st.fixed_dictionaries(
    {
        "daily_active_users": st.none() | st.integers(0, 100_000),
        "target": st.none() | st.integers(1, 10_000),
        "adoption_pct": st.none() | st.floats(0, 100),
        "tickets_open": st.none() | st.integers(0, 50),
        "nps": st.none() | st.floats(-100, 100),
        "login_rate": st.none() | st.floats(0, 1),
    }
)


def frame_of(*values: dict[str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(list(values), columns=list(WELL_USED), dtype="float64")


def test_five_signals_add_up_to_the_score() -> None:
    result = score_one(WELL_USED, RULES)

    # 25 (160 of 100, at most all of it) + 25 x 0.78 = 19.5 + 20 x (1 - 2/10) = 16
    # + 15 x (55 + 100) / 200 = 11.625 + 15 x 0.88 = 13.2; together 85.325, shown as 85.3
    assert [part.points for part in result.points] == pytest.approx([25, 19.5, 16, 11.625, 13.2])
    assert result.score == 85.3
    assert result.coverage == 1


def test_a_missing_signal_is_left_out_and_the_rest_scaled_up() -> None:
    result = score_one(WELL_USED | {"nps": None}, RULES)

    # 25 + 19.5 + 16 + 13.2 = 73.7 of the 85 points that could be had: 86.70...
    assert result.score == 86.7
    assert result.coverage == pytest.approx(0.85)
    assert [part.points for part in result.points if part.signal.key == "nps"] == [None]


def test_too_little_reported_is_an_unknown_score() -> None:
    result = score_one({"adoption_pct": 78}, RULES)

    assert result.score is None
    assert result.coverage == pytest.approx(0.25)


def test_exactly_forty_percent_reported_is_enough() -> None:
    result = score_one({"adoption_pct": 50, "login_rate": 1}, RULES)

    # (12.5 + 15) of 40 points = 68.75, halves go up
    assert result.coverage == pytest.approx(0.4)
    assert result.score == 68.8


def test_nothing_reported_covers_nothing() -> None:
    result = score_one({}, RULES)

    assert (result.score, result.coverage) == (None, 0)


def test_a_target_of_zero_leaves_active_users_out() -> None:
    result = score_one(WELL_USED | {"target": 0}, RULES)

    # 19.5 + 16 + 11.625 + 13.2 = 60.325 of 75 = 80.43...
    assert result.score == 80.4
    assert result.coverage == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("signal", "value", "points"),
    [
        ("daily_active_users", 0, 0),
        ("daily_active_users", 50, 12.5),
        ("daily_active_users", 100, 25),
        ("daily_active_users", 101, 25),
        ("adoption_pct", 0, 0),
        ("adoption_pct", 100, 25),
        ("tickets_open", 0, 20),
        ("tickets_open", 5, 10),
        ("tickets_open", 10, 0),
        ("tickets_open", 25, 0),
        ("nps", -100, 0),
        ("nps", 0, 7.5),
        ("nps", 100, 15),
        ("login_rate", 0.5, 7.5),
    ],
)
def test_each_curve_gives_the_points_of_its_signal(signal: str, value: float, points: float) -> None:
    result = score_one(WELL_USED | {signal: value}, RULES)

    assert [part.points for part in result.points if part.signal.key == signal] == pytest.approx([points])


@pytest.mark.parametrize(
    ("exact", "shown"),
    [(85.25, 85.3), (85.24, 85.2), (85.35, 85.4), (69.95, 70.0), (69.949, 69.9), (0.05, 0.1), (100, 100)],
)
def test_halves_are_rounded_up_even_where_floats_fall_short(exact: float, shown: float) -> None:
    assert round_half_up(np.array([exact]))[0] == shown


def test_weights_are_data() -> None:
    only_adoption = rules_from_rows([row for row in SIGNALS_SCORECARD if row["key"] == "adoption_pct"])

    result = score_one(WELL_USED, only_adoption)

    assert (result.score, result.coverage) == (78, 1)


@settings(deadline=None)
@given(rows)
def test_scores_and_coverage_stay_inside_their_bounds(row: dict[str, float | None]) -> None:
    result = score_one(row, RULES)

    assert 0 <= result.coverage <= 1
    assert result.score is None or 0 <= result.score <= 100
    assert (result.score is None) == (result.coverage < 0.4)


@settings(deadline=None)
@given(rows, st.sampled_from(sorted(BETTER)), st.floats(0, 1000))
def test_a_score_never_rises_when_a_signal_gets_worse(row: dict[str, float | None], signal: str, step: float) -> None:
    value = row[signal]
    if value is None:
        return

    before = score_one(row, RULES).score
    after = score_one(row | {signal: value - BETTER[signal] * step}, RULES).score

    assert before is None or (after is not None and after <= before)


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=20), st.randoms())
def test_a_row_scores_the_same_whatever_stands_beside_it(
    values: list[dict[str, float | None]], chance: random.Random
) -> None:
    order = list(range(len(values)))
    chance.shuffle(order)

    together = score_frame(frame_of(*values), RULES)
    shuffled = score_frame(frame_of(*(values[at] for at in order)), RULES)

    pd.testing.assert_frame_equal(together.iloc[order].reset_index(drop=True), shuffled)


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=20))
def test_many_rows_score_as_each_of_them_alone(values: list[dict[str, float | None]]) -> None:
    together = score_frame(frame_of(*values), RULES)

    alone = [score_one(row, RULES) for row in values]

    assert [None if math.isnan(score) else score for score in together["score"]] == [one.score for one in alone]
    assert together["coverage"].tolist() == [one.coverage for one in alone]


@settings(deadline=None)
@given(rows)
def test_the_score_agrees_with_exact_fractions(row: dict[str, float | None]) -> None:
    exact = _exact_score(row)

    score = score_one(row, RULES).score

    assert (score is None) == (exact is None)
    if score is not None and exact is not None:
        # Rounding moves it by at most half a tenth, plus what floats lose.
        assert abs(Fraction(score) - exact) <= Fraction(1, 20) + Fraction(1, 10**6)


def _exact_score(row: dict[str, float | None]) -> Fraction | None:
    """The rules again, as a person would write them on paper."""
    users, target, nps = row["daily_active_users"], row["target"], row["nps"]
    adoption, tickets, logins = row["adoption_pct"], row["tickets_open"], row["login_rate"]
    earned: list[tuple[int, Fraction]] = []
    if users is not None and target is not None:
        earned.append((25, 25 * min(Fraction(1), Fraction(users) / Fraction(target))))
    if adoption is not None:
        earned.append((25, 25 * Fraction(adoption) / 100))
    if tickets is not None:
        earned.append((20, 20 * max(Fraction(0), 1 - Fraction(tickets) / 10)))
    if nps is not None:
        earned.append((15, 15 * (Fraction(nps) + 100) / 200))
    if logins is not None:
        earned.append((15, 15 * Fraction(logins)))
    weight = sum(points for points, _ in earned)
    return 100 * sum((got for _, got in earned), Fraction()) / weight if weight >= 40 else None
