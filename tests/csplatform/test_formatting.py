"""How figures read: every style at its boundaries, worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csplatform import formatting as f

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # 08:30 in Kolkata
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "₹0"),
        ("0.004", "₹0"),
        ("-0.4", "₹0"),  # nothing is ever minus zero
        ("85000", "₹85,000"),
        ("85000.50", "₹85,001"),  # half up, whole rupees under a lakh
        ("99999.49", "₹99,999"),
        ("99999.50", "₹1L"),  # rounds to 1,00,000 first, then takes the unit
        ("100000", "₹1L"),
        ("125000", "₹1.3L"),  # 1.25: half up, not half even
        ("800000", "₹8L"),
        ("3840000", "₹38.4L"),
        ("4280000", "₹42.8L"),
        ("9600000", "₹96L"),
        ("9994999", "₹99.9L"),
        ("9995000", "₹1Cr"),  # 99.95 lakh rounds to 100.0: a crore
        ("32000000", "₹3.2Cr"),
        ("12345000000", "₹1,234.5Cr"),
        ("-320000", "-₹3.2L"),
        ("-85000", "-₹85,000"),
    ],
)
def test_compact_rupees_drop_a_trailing_zero(amount: str, text: str) -> None:
    assert f.rupees_compact(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "₹0"),
        ("2360", "₹2,360"),
        ("9999.49", "₹9,999"),
        ("9999.50", "₹0.1L"),
        ("50000", "₹0.5L"),
        ("400000", "₹4.0L"),
        ("5280000", "₹52.8L"),
        ("9994999", "₹99.9L"),
        ("9995000", "₹1.0Cr"),
        ("32000000", "₹3.2Cr"),
        ("-130000", "-₹1.3L"),
    ],
)
def test_kpi_rupees_keep_one_decimal(amount: str, text: str) -> None:
    assert f.rupees_kpi(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "₹0"),
        ("585000", "₹5.85L"),
        ("266400", "₹2.66L"),
        ("266500", "₹2.67L"),  # 2.665 half up
        ("9999499", "₹99.99L"),
        ("9999500", "₹1.00Cr"),
    ],
)
def test_gst_amounts_keep_two_decimals(amount: str, text: str) -> None:
    assert f.rupees_kpi(Decimal(amount), places=2) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("85000", "85,000"),
        ("125000.00", "1,25,000"),
        ("120000", "1,20,000"),
        ("999", "999"),
        ("1000", "1,000"),
        ("12345678.5", "1,23,45,678.50"),
        ("0.005", "0.01"),
        ("-1000.1", "-1,000.10"),
        ("999.999", "1,000"),
    ],
)
def test_plain_amounts_show_paise_only_when_there_are_any(amount: str, text: str) -> None:
    assert f.plain(Decimal(amount)) == text


def test_full_rupees_are_plain_amounts_with_the_symbol() -> None:
    assert f.rupees_full(250000) == "₹2,50,000"
    assert f.rupees_full(Decimal("7650.50")) == "₹7,650.50"
    assert f.rupees_full(Decimal("-7650.50")) == "-₹7,650.50"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("120000", "1.2"), ("0", "0.0"), ("-4000", "0.0"), ("5000", "0.1"), ("12000000", "120.0")],
)
def test_bare_lakh_is_lakh_at_any_size(amount: str, text: str) -> None:
    assert f.bare_lakh(Decimal(amount)) == text
    assert f.lakh_suffix(Decimal(amount)) == f"{text}L"


def test_chart_numbers_are_lakh_with_two_decimals() -> None:
    assert f.lakh_number(4280000) == 42.8
    assert f.lakh_number(Decimal("266500")) == 2.67
    assert f.lakh_number(5300000) == 53
    assert isinstance(f.lakh_number(5300000), int)  # 53 in the JSON, not 53.0


def test_the_unknown_is_an_en_dash_and_never_zero() -> None:
    styles = [
        f.plain, f.rupees_full, f.rupees_compact, f.rupees_kpi, f.bare_lakh, f.lakh_suffix, f.number,
        f.percent, f.score, f.score_of, f.rating, f.hours, f.days, f.date_text, f.date_us,
    ]  # fmt: skip

    assert {style(None) for style in styles} == {"–"}


@pytest.mark.parametrize(
    ("value", "text"),
    [("2.4", "2.4%"), ("18", "18%"), ("92.55", "92.6%"), ("0.04", "0%"), ("-0.04", "0%"), ("100", "100%")],
)
def test_percent_has_one_decimal_and_drops_a_zero(value: str, text: str) -> None:
    assert f.percent(Decimal(value)) == text


def test_changes_carry_a_sign_but_no_change_has_none() -> None:
    assert f.signed_percent(Decimal("12.5")) == "+12.5%"
    assert f.signed_percent(Decimal("-2")) == "-2%"
    assert f.signed_percent(0) == "0%"
    assert f.signed_percent(None) == "n/a"
    assert f.signed_points(Decimal("2.5")) == "+2.5 pp"


def test_arrow_percentages_follow_the_direction() -> None:
    assert f.arrow_percent(Decimal("8.5")) == "↑ 8.5%"
    assert f.arrow_percent(-2) == "↓ 2%"
    assert f.arrow_percent(0) == "↑ 0%"
    assert f.arrow_percent(None) == "↑ n/a"


def test_changes_from_nothing() -> None:
    assert f.change_pct(0, 0) == 0
    assert f.change_pct(5, 0) is None
    assert f.change_pct(Decimal("45"), 40) == Decimal("12.5")
    assert f.change_pct(-10, -20) == 50  # half the loss is an improvement
    assert f.share_pct(5, 0) == 0
    assert f.percent(f.share_pct(Decimal("48.9"), Decimal("52.8"))) == "92.6%"


def test_a_shown_score_never_contradicts_its_band() -> None:
    assert f.score(Decimal("79.9")) == "79"  # Watchlist, so not 80
    assert f.score_of(78) == "78/100"
    assert f.rating(Decimal("4.25")) == "4.3/5"
    assert f.rating(0) == "0/5"


def test_durations() -> None:
    assert f.hours(Decimal("4.2")) == "4.2h"
    assert f.hours(0) == "0h"
    assert f.days(23) == "23 days"
    assert f.days(1) == "1 day"
    assert f.days(Decimal("0.4")) == "0 days"
    assert f.age(timedelta(hours=23, minutes=59)) == "23h"
    assert f.age(timedelta(hours=24)) == "1d"
    assert f.age(timedelta(hours=71)) == "2d"


def test_dates() -> None:
    assert f.date_text(date(2026, 11, 20)) == "20 Nov 2026"
    assert f.date_us(date(2025, 3, 3)) == "Mar 3, 2025"
    assert f.iso_date(date(2024, 1, 5)) == "2024-01-05"
    assert f.moment_text(NOW, KOLKATA) == "20 Nov 2026, 08:30 IST"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 20, 5, 30, tzinfo=UTC), "Today - 11:00 AM"),
        (datetime(2026, 11, 20, 18, 30, tzinfo=UTC), "Tomorrow - 12:00 AM"),  # midnight in Kolkata
        (datetime(2026, 11, 21, 6, 35, tzinfo=UTC), "Tomorrow - 12:05 PM"),
        (datetime(2025, 1, 15, 9, 0, tzinfo=UTC), "Jan 15, 2025 - 2:30 PM"),
    ],
)
def test_schedules_are_read_in_the_organisations_zone(moment: datetime, text: str) -> None:
    assert f.schedule_text(moment, now=NOW, zone=KOLKATA) == text


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=15, hours=3), "15 days ago"),
        (timedelta(hours=-3), "in 3 hours"),
    ],
)
def test_relative_time_counts_completed_units(elapsed: timedelta, text: str) -> None:
    assert f.relative_time(NOW - elapsed, now=NOW) == text


def test_recent_moments_are_relative_and_older_ones_dated() -> None:
    assert f.recent_time(NOW - timedelta(days=7), now=NOW, zone=KOLKATA) == "7 days ago"
    assert f.recent_time(NOW - timedelta(days=8), now=NOW, zone=KOLKATA) == "12 Nov 2026"


def test_relative_days_go_by_the_calendar() -> None:
    today = date(2026, 11, 20)

    assert f.relative_day(today, today=today) == "today"
    assert f.relative_day(date(2026, 12, 11), today=today) == "in 21 days"
    assert f.relative_day(date(2026, 11, 19), today=today) == "1 day ago"


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_grouping_loses_no_digit_and_groups_by_three_then_two(whole: int) -> None:
    text = f.group_indian(whole)

    head, *groups = text.lstrip("-").split(",")
    assert int(text.replace(",", "")) == whole
    assert [len(group) for group in groups] == [2] * (len(groups) - 1) + [3] * bool(groups)
    assert 1 <= len(head) <= (2 if groups else 3)


@given(AMOUNTS)
def test_plain_and_full_amounts_read_back_exactly(amount: Decimal) -> None:
    assert Decimal(f.plain(amount).replace(",", "")) == amount
    assert Decimal(f.rupees_full(amount).replace(",", "").replace("₹", "")) == amount


@given(AMOUNTS)
def test_short_forms_are_within_half_of_their_last_digit(amount: Decimal) -> None:
    units = {"L": 10**5, "r": 10**7}
    for text in (f.rupees_compact(amount), f.rupees_kpi(amount)):
        unit = units.get(text[-1], 1)
        shown = Decimal(text.replace(",", "").replace("₹", "").rstrip("LCr")) * unit
        step = unit if unit == 1 else unit / Decimal(10)

        assert abs(shown - amount) <= Decimal(step) / 2
        assert not (text.endswith("L") and abs(shown) >= 10**7)  # a hundred lakh is a crore
        assert text.startswith("-₹") == (shown < 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a few seconds left"),
        (9, "a few seconds left"),
        (10, "about 10 s left"),
        (31, "about 40 s left"),
        (50, "about 50 s left"),
        (51, "about 1 min left"),
        (61, "about 2 min left"),
        (59 * 60, "about 59 min left"),
        (59 * 60 + 1, "about 1 h left"),
    ],
)
def test_what_is_left_is_rounded_up(seconds: int, text: str) -> None:
    assert f.time_left(timedelta(seconds=seconds)) == text
