"""A change of a score is split into what caused it, and the parts add up to it exactly."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.scoring import SIGNALS_SCORECARD, rules_from_rows
from health.scoring.ledger import Cause, End, Part, share_change, split_change

RULES = rules_from_rows(SIGNALS_SCORECARD)
OTHERS = rules_from_rows(
    [{**row, "max_points": points} for row, points in zip(SIGNALS_SCORECARD, (60, 10, 10, 10, 10), strict=True)]
)
D = Decimal
WELL: dict[str, float | None] = {
    "daily_active_users": 160, "adoption_pct": 78, "tickets_open": 2, "nps": 55, "login_rate": 0.88,
}  # fmt: skip


def end(values: dict[str, float | None], *, shown: str | None = None, rules=RULES, target: float = 100) -> End:
    made = End(shown=D(0), values=values, target=target, rules=rules)
    computed = made.computed.score
    return End(shown=D(shown or str(computed)), values=values, target=target, rules=rules)


def parts(before: End, after: End) -> dict[str, Decimal]:
    return {part.signal or part.cause.value: part.change for part in split_change(before, after)}


def test_each_signal_has_its_part() -> None:
    worse = WELL | {"login_rate": 0.44, "tickets_open": 4}

    # Logins: 13.2 to 6.6 points; tickets: 16 to 12. 85.325 is shown as 85.3, 74.725 as 74.7.
    assert parts(end(WELL), end(worse)) == {"login_rate": D("-6.6"), "tickets_open": D("-4.0")}


def test_a_signal_that_is_no_longer_reported_is_the_coverages() -> None:
    # Without NPS: 73.7 of 85 = 86.7; adoption from 78 to 68 is 2.5 points, 2.94 of 100.
    found = parts(end(WELL), end(WELL | {"nps": None, "adoption_pct": 68}))

    # 85.3 to 83.8: both without NPS are 86.7 and 83.8
    assert found == {"coverage": D("1.4"), "adoption_pct": D("-2.9")}


def test_other_weights_are_told_from_other_values() -> None:
    found = parts(end(WELL), end(WELL | {"nps": 35}, rules=OTHERS))

    # By the other weights: 60 + 7.8 + 8 + 7.75 + 8.8 = 92.35, shown as 92.4; NPS 35 is 6.75: 91.35, shown as 91.4
    assert found == {"formula": D("7.1"), "nps": D("-1.0")}


def test_a_score_set_by_hand_is_a_part_of_its_own() -> None:
    assert parts(end(WELL), end(WELL | {"nps": 35}, shown="40.0")) == {"override": D("-43.8"), "nps": D("-1.5")}
    assert parts(end(WELL, shown="40.0"), end(WELL)) == {"override": D("45.3")}


def test_where_nothing_was_worked_out_all_of_it_is_somebodys_word() -> None:
    unknown = dict.fromkeys(WELL)

    assert split_change(end(unknown, shown="50.0"), end(WELL)) == [Part(cause=Cause.OVERRIDE, change=D("35.3"))]


@pytest.mark.parametrize(
    ("total", "changes", "expected"),
    [
        ("-1.0", {"a": -0.96, "b": 0.0}, {"a": D("-1.0"), "b": D("0.0")}),
        ("0.1", {"a": 0.04, "b": 0.05}, {"a": D("0.0"), "b": D("0.1")}),
        ("0.0", {"a": 3.0, "b": -3.0}, {"a": D("3.0"), "b": D("-3.0")}),
    ],
)
def test_shares_are_rounded_to_the_total(total: str, changes: dict[str, float], expected: dict[str, Decimal]) -> None:
    assert share_change(D(total), changes) == expected


values = st.fixed_dictionaries(
    {
        "daily_active_users": st.none() | st.integers(0, 500),
        "adoption_pct": st.none() | st.floats(0, 100),
        "tickets_open": st.none() | st.integers(0, 20),
        "nps": st.none() | st.floats(-100, 100),
        "login_rate": st.none() | st.floats(0, 1),
    }
)
ends = st.builds(
    lambda values, set_to, rules, target: end_of(values, set_to, rules, target),
    values,
    st.none() | st.integers(0, 1000),
    st.sampled_from([RULES, OTHERS]),
    st.integers(1, 400),
)


def end_of(values: dict[str, float | None], set_to: int | None, rules, target: int) -> End:
    made = End(shown=D(0), values=values, target=target, rules=rules)
    computed = made.computed.score
    if set_to is not None or computed is None:
        return End(shown=D(set_to or 0) / 10, values=values, target=target, rules=rules)
    shown = D(str(computed))
    return End(shown=shown, values=values, target=target, rules=rules)


@given(ends, ends)
def test_the_parts_add_up_for_any_two_states(before: End, after: End) -> None:
    found = split_change(before, after)

    assert sum((part.change for part in found), D(0)) == after.shown - before.shown
    assert all(part.change == part.change.quantize(D("0.1")) and part.change for part in found)


@given(st.lists(ends, min_size=2, max_size=6))
def test_a_history_adds_up_step_by_step(history: list[End]) -> None:
    steps = sum((part.change for a, b in pairwise(history) for part in split_change(a, b)), D(0))

    assert steps == history[-1].shown - history[0].shown


@given(values, values)
def test_a_signal_that_stayed_has_no_part(before: dict[str, float | None], after: dict[str, float | None]) -> None:
    kept = {"nps": before["nps"], "login_rate": before["login_rate"]}
    found = split_change(end_of(before, None, RULES, 100), end_of(after | kept, None, RULES, 100))

    # A single signal may carry what both ends lost to rounding, but only where no other one moved.
    others = {part.signal for part in found if part.signal} - {"nps", "login_rate"}
    assert not others or not {part.signal for part in found} & {"nps", "login_rate"}
