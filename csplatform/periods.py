"""Civil time of an organisation: its today, and period names turned into windows of days.

A window is inclusive on both ends, as people say it ("1 to 20 November"); ``after`` is the first day
outside, for half-open comparisons. Documents carry civil dates; a moment is converted to the organisation's
zone before a date is taken from it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone

from csplatform.exceptions import InvalidInput

ONE_DAY = timedelta(days=1)
LONGEST_CUSTOM_DAYS = 366
YEARS = range(1970, 2200)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class HasTimezone(Protocol):
    """Whatever names its zone: an organisation, a user."""

    timezone: str


class PeriodError(InvalidInput):
    """A parameter that names no period; the sentence says what it takes."""

    code = "bad_period"

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(f"{parameter}: {sentence}", errors={parameter: [sentence]})
        self.parameter = parameter


class AccountPeriod(StrEnum):
    """Periods of the account dashboard, all to date."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    CUSTOM = "custom"


class BillingPeriod(StrEnum):
    """Periods of the billing dashboard: the last N days with today."""

    DAYS_7 = "7days"
    DAYS_15 = "15days"
    DAYS_30 = "30days"
    DAYS_90 = "90days"

    @property
    def length(self) -> int:
        return int(self.removesuffix("days"))


NamedPeriod = TypeVar("NamedPeriod", AccountPeriod, BillingPeriod)

COMPARED_WITH: dict[AccountPeriod | BillingPeriod, str] = {
    AccountPeriod.TODAY: "vs yesterday",
    AccountPeriod.WEEK: "vs last week",
    AccountPeriod.MONTH: "vs last month",
    AccountPeriod.QUARTER: "vs last quarter",
    AccountPeriod.CUSTOM: "vs previous period",
    BillingPeriod.DAYS_7: "vs last week",
    BillingPeriod.DAYS_15: "vs previous 15 days",
    BillingPeriod.DAYS_30: "vs last month",
    BillingPeriod.DAYS_90: "vs last quarter",
}


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date

    @property
    def after(self) -> date:
        return self.end + ONE_DAY

    @property
    def opening(self) -> date:
        """The day at whose close the window opens: what balances compare with."""
        return self.start - ONE_DAY

    @property
    def length(self) -> int:
        return (self.after - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + n * ONE_DAY for n in range(self.length))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A named window, the one its flows compare with, and the words for that."""

    name: str
    window: Window
    previous: Window
    label: str


# Now


def zone_of(organization: HasTimezone) -> tzinfo:
    return ZoneInfo(organization.timezone)


def today(organization: HasTimezone, *, now: datetime | None = None) -> date:
    """The organisation's civil date: 18:30 UTC is already tomorrow in Kolkata."""
    return civil_date(now or timezone.now(), organization)


def civil_date(moment: datetime, organization: HasTimezone) -> date:
    return moment.astimezone(zone_of(organization)).date()


def day_bounds(day: date, organization: HasTimezone) -> tuple[datetime, datetime]:
    """The moments at which the organisation's day starts and the next one does."""
    zone = zone_of(organization)
    return datetime.combine(day, time.min, zone), datetime.combine(day + ONE_DAY, time.min, zone)


def end_of_day(day: date, organization: HasTimezone) -> datetime:
    """The last moment of the organisation's day, for states "as recorded at its end"."""
    return day_bounds(day, organization)[1] - timedelta(microseconds=1)


def iso_utc(moment: datetime) -> str:
    """``2024-01-15T10:00:00Z``: how every contract and export writes a moment."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


# Parsing


def parse_date(text: str, *, parameter: str) -> date:
    """An ISO date and nothing else: ``20261120`` and week dates are refused.

    Years no customer was ever served in are refused too, so that adding a window to a date never overflows.
    """
    try:
        day = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise PeriodError(parameter, f"“{text[:40]}” is not a date; write it as YYYY-MM-DD.")
    if day.year not in YEARS:
        raise PeriodError(parameter, f"must lie between {YEARS[0]} and {YEARS[-1]}.")
    return day


def parse_as_of(text: str | None, *, today: date) -> date:
    """The day a dashboard is asked for: today unless given, never later."""
    if not text:
        return today
    day = parse_date(text, parameter="as_of")
    if day > today:
        raise PeriodError("as_of", f"must not be later than today ({today.isoformat()}).")
    return day


# Calendar


def clamped(year: int, month: int, day: int) -> date:
    """That day of the month, or its last one where the month is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later (or earlier), clamped: 31 Jan + 1 is 28 Feb."""
    index = day.year * 12 + day.month - 1 + months
    return clamped(index // 12, index % 12 + 1, day.day)


def month_start(day: date) -> date:
    return day.replace(day=1)


def month_end(day: date) -> date:
    return clamped(day.year, day.month, 31)


def week_start(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def quarter_start(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def last_months(until: date, count: int) -> list[Window]:
    """The ``count`` calendar months up to the one of ``until``, oldest first; the last ends on ``until``."""
    starts = [add_months(month_start(until), -back) for back in reversed(range(count))]
    return [Window(start, min(month_end(start), until)) for start in starts]


def last_days(until: date, count: int) -> Window:
    """The ``count`` days up to and with ``until``."""
    return Window(until - (count - 1) * ONE_DAY, until)


def financial_year(day: date, *, first_month: int = 4) -> str:
    """``2026-27``: the year that starts on 1 April (by default) and holds ``day``."""
    year = day.year if day.month >= first_month else day.year - 1
    return f"{year}-{(year + 1) % 100:02d}"


# Periods


def just_before(window: Window) -> Window:
    """The window of the same length that ends where this one opens."""
    return last_days(window.opening, window.length)


def billing_period(name: str | None, today: date) -> Period:
    """A window of the billing dashboard; ``30days`` unless named."""
    chosen = _named(BillingPeriod, name or BillingPeriod.DAYS_30)
    window = last_days(today, chosen.length)
    return Period(name=chosen, window=window, previous=just_before(window), label=COMPARED_WITH[chosen])


def account_period(
    name: str | None, today: date, *, custom_from: date | None = None, custom_to: date | None = None
) -> Period:
    """A window of the account dashboard, ``month`` unless named; given days count for ``custom`` only."""
    chosen = _named(AccountPeriod, name or AccountPeriod.MONTH)
    window = custom_window(custom_from, custom_to) if chosen is AccountPeriod.CUSTOM else _to_date(chosen, today)
    return Period(name=chosen, window=window, previous=_previous(chosen, window), label=COMPARED_WITH[chosen])


def custom_window(start: date | None, end: date | None) -> Window:
    """Two given days, the second possibly ahead of today."""
    if start is None:
        raise PeriodError("from", "is required with period=custom (YYYY-MM-DD).")
    if end is None:
        raise PeriodError("to", "is required with period=custom (YYYY-MM-DD).")
    if start > end:
        raise PeriodError("from", "must not be later than to.")
    window = Window(start, end)
    if window.length > LONGEST_CUSTOM_DAYS:
        raise PeriodError("to", f"must be at most {LONGEST_CUSTOM_DAYS} days from from, both included.")
    return window


def _to_date(chosen: AccountPeriod, today: date) -> Window:
    starts = {
        AccountPeriod.TODAY: today,
        AccountPeriod.WEEK: week_start(today),
        AccountPeriod.MONTH: month_start(today),
        AccountPeriod.QUARTER: quarter_start(today),
    }
    return Window(starts[chosen], today)


def _previous(chosen: AccountPeriod, window: Window) -> Window:
    """The same elapsed part of the period before, never longer than that period was."""
    match chosen:
        case AccountPeriod.WEEK:
            return Window(window.start - timedelta(days=7), window.end - timedelta(days=7))
        case AccountPeriod.MONTH:
            return Window(add_months(window.start, -1), add_months(window.end, -1))
        case AccountPeriod.QUARTER:
            start = add_months(window.start, -3)
            return Window(start, min(start + (window.end - window.start), window.opening))
        case _:
            return just_before(window)


def _named(kind: type[NamedPeriod], name: str) -> NamedPeriod:
    try:
        return kind(name)
    except ValueError:
        takes = ", ".join(kind)
        raise PeriodError("period", f"“{name[:40]}” is not a period; it takes {takes}.") from None
