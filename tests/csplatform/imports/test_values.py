"""What a cell may say, and why it may not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from csplatform.imports import values
from csplatform.imports.enums import DateOrder
from csplatform.imports.values import BadValue, Locale

KOLKATA = Locale(today=date(2026, 11, 20), zone=ZoneInfo("Asia/Kolkata"))
SEMICOLONS = Locale(today=date(2026, 11, 20), zone=ZoneInfo("Asia/Kolkata"), decimal_comma=True)


def outcome(parse: values.Parser, text: str, locale: Locale = KOLKATA) -> Any:
    try:
        return parse(text, locale)
    except BadValue as bad:
        return str(bad)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250000", Decimal("250000.00")),
        ("1,23,456.50", Decimal("123456.50")),
        ("123,456.50", Decimal("123456.50")),
        ("₹1,20,000", Decimal("120000.00")),
        ("Rs. 500", Decimal("500.00")),
        ("1.2E+06", Decimal("1200000.00")),
        ("-0", Decimal("0.00")),
        ("₹1.2L", "is a short form; write the amount in full, such as 1,20,000 for 1.2 lakh"),
        ("3 crore", "is a short form; write the amount in full, such as 1,20,000 for 1.2 lakh"),
        ("$500", "is not in rupees; amounts are imported in rupees"),
        ("(500)", "is not a number; write a negative number with a minus sign"),
        ("-1", "is negative"),
        ("1.234,56", "has a decimal comma; write it with a point, such as 1234.56"),
        ("1e308", "is larger than 9,999,999,999.99"),
        ("1e309", "is larger than 9,999,999,999.99"),
        ("9" * 25, "is larger than 9,999,999,999.99"),
        ("0.001", "has more than two decimals; round it to the paisa"),
        ("NaN", "is not a number; leave the cell empty where there is no value"),
        ("inf", "is not a number; leave the cell empty where there is no value"),
        ("१२३", "is not a number"),
        ("TRUE", "is not a number"),
        ("0x10", "is not a number"),
        ("1_000", "is not a number"),
    ],
)
def test_rupees(text: str, expected: object) -> None:
    assert outcome(values.rupees, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,56", Decimal("1234.56")),
        ("0,5", Decimal("0.50")),
        ("1.234", "has more than two decimals; round it to the paisa"),
        ("1,234", "can be read with a decimal comma or with thousands; write it without the comma"),
        ("1,23,456.50", Decimal("123456.50")),
    ],
)
def test_rupees_where_semicolons_divide_cells(text: str, expected: object) -> None:
    assert outcome(values.rupees, text, SEMICOLONS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0.0),
        ("12.0", 12.0),
        ("1e3", 1000.0),
        ("00123", 123.0),
        ("-3", "is negative"),
        ("12.5", "is not a whole number"),
        ("-", "is not a number; leave the cell empty where there is no value"),
        ("9007199254740993", "is larger than 2,147,483,647"),
    ],
)
def test_counts(text: str, expected: object) -> None:
    assert outcome(values.count, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.55", 0.55),
        ("75%", 0.75),
        ("12 %", 0.12),
        ("1", 1.0),
        ("-0", 0.0),
        ("75", "must lie between 0 and 1; write 75% if it is a percentage"),
        ("101%", "must lie between 0% and 100%"),
        ("-0.1", "must lie between 0 and 1"),
    ],
)
def test_shares(text: str, expected: object) -> None:
    assert outcome(values.share, text) == expected


def test_percentages_are_exact() -> None:
    assert [outcome(values.percentage, text) for text in ("0.55", "0.07", "0.6789", "75%")] == [
        55.0,
        7.0,
        67.89,
        75.0,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-100", -100.0), ("42.5", 42.5), ("-0", 0.0), ("101", "must lie between -100 and 100")],
)
def test_net_promoter_scores(text: str, expected: object) -> None:
    assert outcome(values.net_promoter_score, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/11/20", date(2026, 11, 20)),
        ("20 Nov 2026", date(2026, 11, 20)),
        ("20-November-2026", date(2026, 11, 20)),
        ("5 Sept 2026", date(2026, 9, 5)),
        ("1 Mayor 2026", "is not a date; write it as 2026-11-20"),
        ("2026-11-19 00:00:00", date(2026, 11, 19)),
        ("2026-11-18T18:30:00Z", date(2026, 11, 19)),  # midnight in Kolkata
        ("2026-11-18T18:29:59+00:00", date(2026, 11, 18)),
        ("2026-11-21", "is in the future"),
        ("2026-02-30", "is not in the calendar"),
        ("0202-01-01", "must lie between 2000 and 2100"),
        ("9999-12-31", "must lie between 2000 and 2100"),
        ("46000", "is a spreadsheet's day number; format the column as a date, such as 2026-11-20"),
        ("03/04/2026", "does not say which is the day; write 2026-11-20, or choose the order of dates"),
        ("20 Nov", "is not a date; write it as 2026-11-20"),
        ("yesterday", "is not a date; write it as 2026-11-20"),
        ("9999-12-31T23:59:59-23:59", "is not in the calendar"),
    ],
)
def test_days(text: str, expected: object) -> None:
    assert outcome(values.past_day, text) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (DateOrder.DAY_FIRST, date(2026, 4, 3)),
        (DateOrder.MONTH_FIRST, date(2026, 3, 4)),
    ],
)
def test_the_order_of_dates_is_the_uploaders_choice(order: DateOrder, expected: date) -> None:
    locale = Locale(today=date(2026, 11, 20), zone=ZoneInfo("Asia/Kolkata"), date_order=order)

    assert outcome(values.past_day, "03/04/2026", locale) == expected


def test_choices_do_not_mind_case_spaces_or_hyphens() -> None:
    parse = values.one_of({"Mid-Market": "Mid-Market", "SMB": "SMB"})

    assert [outcome(parse, text) for text in ("mid market", "MIDMARKET", "smb", "Huge")] == [
        "Mid-Market",
        "Mid-Market",
        "SMB",
        "is not one of Mid-Market, SMB",
    ]


def test_words_keep_what_was_typed_but_for_what_nobody_sees() -> None:
    parse = values.words(10)

    assert values.clean("\u200b\u00a0 Acme \ufeff") == "Acme"
    assert outcome(parse, "=1+1") == "=1+1"
    assert outcome(parse, "Jose\u0301") == "José"
    assert outcome(parse, "two\r\nlines") == "two lines"
    assert outcome(parse, "form\x0cfeed") == "holds a control character"
    assert outcome(parse, "next\x85line") == "holds a control character"
    assert outcome(parse, "x" * 11) == "is longer than 10 characters"
    assert outcome(parse, "a\ufffdb") == "holds bytes that mean nothing in the file's encoding"
    assert outcome(parse, "a\x07b") == "holds a control character"
