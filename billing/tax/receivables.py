"""What days say about money owed: status, age, and how long sales wait to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from billing.enums import AgeBucket, OverdueStatus
from csplatform.money import ZERO


def overdue_status(days: int) -> OverdueStatus:
    """By days after the due date: over 60 critical, 31-60 high, 15-30 medium, fewer low."""
    if days > 60:
        return OverdueStatus.CRITICAL
    if days > 30:
        return OverdueStatus.HIGH
    return OverdueStatus.MEDIUM if days >= 15 else OverdueStatus.LOW


def age_bucket(days: int) -> AgeBucket | None:
    """1-30, 31-60, 61-90 or more days after the due date; what is not overdue has no age."""
    if days <= 0:
        return None
    if days <= 30:
        return AgeBucket.UP_TO_30
    if days <= 60:
        return AgeBucket.UP_TO_60
    return AgeBucket.UP_TO_90 if days <= 90 else AgeBucket.OVER_90


def count_back_dso(receivables: Decimal, months: Sequence[tuple[Decimal, int]]) -> Decimal:
    """Days sales outstanding by counting back.

    ``months`` are (sales, days) from the latest month back: each month's sales are taken from the receivables and its
    days added, until the rest is smaller than a month; of that one, the fraction."""
    rest, days = receivables, Decimal(0)
    for sales, length in months:
        if rest <= ZERO:
            break
        if rest < sales:
            return days + rest / sales * length
        rest -= sales
        days += length
    return days
