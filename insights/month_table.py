"""A month as the rows of a table: weeks from Monday, each day with what falls on it."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Day(Generic[T]):
    """One cell."""

    day: date
    is_of_month: bool
    items: tuple[T, ...]


def month_table(first: date, items: Iterable[T], *, day_of: Callable[[T], date]) -> list[list[Day[T]]]:
    """The weeks that the month touches; days of its neighbours are there, and empty."""
    by_day: dict[date, list[T]] = {}
    for item in items:
        by_day.setdefault(day_of(item), []).append(item)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [
        [
            Day(day, day.month == first.month, tuple(by_day.get(day, ())) if day.month == first.month else ())
            for day in week
        ]
        for week in weeks
    ]
