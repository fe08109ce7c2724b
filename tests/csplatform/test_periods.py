"""Period names turned into windows, at the edges of months, quarters and midnight in Kolkata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csplatform import periods
from csplatform.periods import PeriodError, Window, account_period, billing_period

FRIDAY = date(2026, 11, 20)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


@dataclass
class Zoned:
    timezone: str = "Asia/Kolkata"


def test_today_is_the_organisations_and_not_the_servers() -> None:
    half_past_eleven = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)  # 23:30 IST
    midnight = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)

    assert periods.today(Zoned(), now=half_past_eleven) == date(2026, 3, 31)
    assert periods.today(Zoned(), now=midnight) == date(2026, 4, 1)
    assert periods.financial_year(periods.today(Zoned(), now=midnight)) == "2026-27"


def test_a_day_has_bounds_in_its_own_zone() -> None:
    start, end = periods.day_bounds(date(2026, 4, 1), Zoned())

    assert start.astimezone(UTC) == datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 4, 1, 18, 30, tzinfo=UTC)


MONTH_31 = date(2026, 3, 31)
QUARTER_91 = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("name", "today", "start", "previous", "label"),
    [
        ("today", FRIDAY, FRIDAY, (date(2026, 11, 19), date(2026, 11, 19)), "vs yesterday"),
        ("week", FRIDAY, date(2026, 11, 16), (date(2026, 11, 9), date(2026, 11, 13)), "vs last week"),
        (None, FRIDAY, date(2026, 11, 1), (date(2026, 10, 1), date(2026, 10, 20)), "vs last month"),
        # February has no 31st, so the previous window ends on its last day.
        ("month", MONTH_31, date(2026, 3, 1), (date(2026, 2, 1), date(2026, 2, 28)), "vs last month"),
        # 1 Oct to 20 Nov is 51 days; 51 days from 1 July end on 20 August.
        ("quarter", FRIDAY, date(2026, 10, 1), (date(2026, 7, 1), date(2026, 8, 20)), "vs last quarter"),
        # 1 Apr to 30 Jun is 91 days; the first quarter of 2026 has 90 and ends on 31 March.
        ("quarter", QUARTER_91, date(2026, 4, 1), (date(2026, 1, 1), MONTH_31), "vs last quarter"),
    ],
)
def test_account_periods(name: str | None, today: date, start: date, previous: tuple[date, date], label: str) -> None:
    period = account_period(name, today)

    assert (period.window, period.previous, period.label) == (Window(start, today), Window(*previous), label)


@pytest.mark.parametrize(
    ("name", "start", "previous", "label"),
    [
        ("7days", date(2026, 11, 14), (date(2026, 11, 7), date(2026, 11, 13)), "vs last week"),
        ("15days", date(2026, 11, 6), (date(2026, 10, 22), date(2026, 11, 5)), "vs previous 15 days"),
        (None, date(2026, 10, 22), (date(2026, 9, 22), date(2026, 10, 21)), "vs last month"),
        ("90days", date(2026, 8, 23), (date(2026, 5, 25), date(2026, 8, 22)), "vs last quarter"),
    ],
)
def test_billing_periods(name: str | None, start: date, previous: tuple[date, date], label: str) -> None:
    period = billing_period(name, FRIDAY)

    assert (period.window, period.previous, period.label) == (Window(start, FRIDAY), Window(*previous), label)


def test_a_custom_period_compares_with_as_many_days_before_it() -> None:
    period = account_period("custom", FRIDAY, custom_from=date(2026, 12, 1), custom_to=date(2026, 12, 10))

    assert period.window.length == 10  # may lie ahead
    assert period.previous == Window(date(2026, 11, 21), date(2026, 11, 30))
    assert period.label == "vs previous period"


@pytest.mark.parametrize(
    ("start", "end", "parameter"),
    [
        (None, FRIDAY, "from"),
        (FRIDAY, None, "to"),
        (date(2026, 11, 21), FRIDAY, "from"),
        (date(2025, 11, 19), FRIDAY, "to"),  # 367 days
    ],
)
def test_a_custom_period_names_the_parameter_at_fault(start: date | None, end: date | None, parameter: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        account_period("custom", FRIDAY, custom_from=start, custom_to=end)

    assert refusal.value.parameter == parameter


def test_a_custom_period_may_be_366_days_long() -> None:
    assert account_period("custom", FRIDAY, custom_from=date(2025, 11, 20), custom_to=FRIDAY).window.length == 366


def test_unknown_periods_are_refused_with_what_is_taken() -> None:
    with pytest.raises(PeriodError, match="it takes 7days, 15days, 30days, 90days"):
        billing_period("month", FRIDAY)


@pytest.mark.parametrize(
    "text",
    ["20261120", "2026-W47-5", "2026-02-30", "20-11-2026", "2026-11-20T00:00", "0001-01-01", "9999-12-31"],
)
def test_as_of_takes_iso_dates_only(text: str) -> None:
    with pytest.raises(PeriodError):
        periods.parse_as_of(text, today=FRIDAY)


def test_as_of_is_today_unless_given_and_never_later() -> None:
    assert periods.parse_as_of(None, today=FRIDAY) == FRIDAY
    assert periods.parse_as_of("2026-11-19", today=FRIDAY) == date(2026, 11, 19)
    with pytest.raises(PeriodError, match="later than today"):
        periods.parse_as_of("2026-11-21", today=FRIDAY)


def test_months_are_clamped() -> None:
    assert periods.add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert periods.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert periods.add_months(date(2026, 1, 31), -1) == date(2025, 12, 31)
    assert periods.last_months(FRIDAY, 2) == [
        Window(date(2026, 10, 1), date(2026, 10, 31)),
        Window(date(2026, 11, 1), FRIDAY),
    ]


@given(DAYS, st.sampled_from(["today", "week", "month", "quarter"]))
def test_a_previous_window_never_touches_its_own_nor_is_longer(day: date, name: str) -> None:
    period = account_period(name, day)

    assert period.window.end == day
    assert period.previous.end < period.window.start
    assert period.previous.length <= period.window.length
    assert period.window.length == len(list(period.window))


@given(DAYS, st.integers(min_value=-240, max_value=240))
def test_adding_months_moves_exactly_that_many_months(day: date, months: int) -> None:
    moved = periods.add_months(day, months)

    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day <= day.day
