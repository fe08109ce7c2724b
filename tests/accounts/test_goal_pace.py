"""A goal's progress, status and projection, worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import GoalStatus
from accounts.goal_pace import Pace

START, END = date(2026, 1, 1), date(2026, 4, 11)  # 100 days


def pace(baseline: int, current: object, target: int, *, until: date | None = END) -> Pace:
    return Pace(
        baseline=Decimal(baseline),
        current=Decimal(str(current)),
        target=Decimal(target),
        starts_on=START,
        target_date=until,
    )


@pytest.mark.parametrize(
    ("baseline", "current", "target", "progress"),
    [
        (0, 25, 100, "0.25"),
        (100, 150, 200, "0.5"),  # half of the way from 100 to 200
        (60, 45, 30, "0.5"),  # fewer is better: half of the way down from 60 to 30
        (60, 75, 30, "-0.5"),  # moving away
        (0, 120, 100, "1.2"),
        (-20, 10, 40, "0.5"),  # an NPS from -20 to 40
        (50, 50, 50, "1"),  # to be kept at 50, and it is
        (50, 49, 50, "0"),
    ],
)
def test_progress_is_the_share_of_the_way(baseline: int, current: int, target: int, progress: str) -> None:
    assert pace(baseline, current, target).progress == Decimal(progress)


@pytest.mark.parametrize(
    ("current", "day", "status"),
    [
        # After 50 of 100 days 80 % of the elapsed half is 40.
        (40, 50, GoalStatus.ON_TRACK),
        ("39.99", 50, GoalStatus.AT_RISK),
        (0, 0, GoalStatus.ON_TRACK),
        (0, 1, GoalStatus.AT_RISK),
        # On its last day 80 are still on track, the day after it is missed.
        (80, 100, GoalStatus.ON_TRACK),
        ("79.99", 100, GoalStatus.AT_RISK),
        ("99.99", 101, GoalStatus.MISSED),
        (100, 101, GoalStatus.ACHIEVED),
        (100, 1, GoalStatus.ACHIEVED),
    ],
)
def test_status_follows_the_pace(current: object, day: int, status: GoalStatus) -> None:
    assert pace(0, current, 100).status(START + timedelta(days=day)) is status


@pytest.mark.parametrize(
    ("current", "day", "status"),
    [
        # From 60 down to 30: after half the time 12 of the 30 have to be done, so 48 is on track.
        (48, 50, GoalStatus.ON_TRACK),
        (49, 50, GoalStatus.AT_RISK),
        (30, 50, GoalStatus.ACHIEVED),
        (29, 50, GoalStatus.ACHIEVED),
        (31, 101, GoalStatus.MISSED),
    ],
)
def test_status_of_a_goal_where_less_is_better(current: int, day: int, status: GoalStatus) -> None:
    assert pace(60, current, 30).status(START + timedelta(days=day)) is status


def test_without_a_day_it_is_on_track_until_it_is_met() -> None:
    assert pace(0, 1, 100, until=None).status(date(2030, 1, 1)) is GoalStatus.ON_TRACK
    assert pace(0, 100, 100, until=None).status(date(2030, 1, 1)) is GoalStatus.ACHIEVED


def test_a_goal_of_one_day_has_all_its_time_behind_it() -> None:
    assert pace(0, 79, 100, until=START).status(START) is GoalStatus.AT_RISK
    assert pace(0, 80, 100, until=START).status(START) is GoalStatus.ON_TRACK


@pytest.mark.parametrize(
    ("current", "day", "projected"),
    [
        # 25 in 50 days: 100 need 200 days, which is 20 July.
        (25, 50, date(2026, 7, 20)),
        # 30 in 50 days: 166.67 days, so on the 167th.
        (30, 50, START + timedelta(days=167)),
        (0, 50, None),
        (-5, 50, None),
        (25, 0, None),
        ("0.01", 50, None),  # 1,369 years
        (100, 50, START + timedelta(days=50)),
    ],
)
def test_the_projection_is_linear(current: object, day: int, projected: date | None) -> None:
    assert pace(0, current, 100).projected_on(START + timedelta(days=day)) == projected


@given(
    st.integers(-1000, 1000),
    st.decimals(-2000, 2000, places=2),
    st.integers(-1000, 1000),
    st.integers(-10, 400),
)
def test_a_better_value_never_makes_the_status_worse(baseline: int, current: Decimal, target: int, day: int) -> None:
    order = [GoalStatus.MISSED, GoalStatus.AT_RISK, GoalStatus.ON_TRACK, GoalStatus.ACHIEVED]
    today = START + timedelta(days=day)
    step = Decimal(-1 if target < baseline else 1)

    before, after = pace(baseline, current, target), pace(baseline, current + step, target)

    assert order.index(after.status(today)) >= order.index(before.status(today))
