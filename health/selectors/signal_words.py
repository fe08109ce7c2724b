"""How the value of a signal is written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from csplatform.formatting import UNKNOWN, counted, number, percent, trimmed

Value = float | int | None


def _count(noun: str) -> Callable[[Decimal], str]:
    return lambda value: counted(int(value), noun)


def _rate(value: Decimal) -> str:
    return percent(value * 100)


_WORDS: dict[str, Callable[[Decimal], str]] = {
    "daily_active_users": _count("user"),
    "adoption_pct": percent,
    "tickets_open": lambda value: f"{number(value)} open",
    "nps": trimmed,
    "login_rate": _rate,
    "session_minutes": lambda value: f"{trimmed(value)} minutes",
    "training_completion_pct": percent,
    "pulse": lambda value: f"{trimmed(value)} of 5",
    "active_share": _rate,
    "tickets_opened": _count("ticket"),
    "grave_tickets": _count("ticket"),
    "resolution_hours": lambda value: f"{trimmed(value)} hours",
    "csat": lambda value: f"{trimmed(value)} of 5",
    "contact_share": _rate,
    "tasks_in_time": _rate,
    "good_outcomes": _rate,
    "people_met": lambda value: f"{trimmed(value)} people",
    "arr_to_average": _rate,
    "average_delay": _count("day"),
    "arr_change_pct": percent,
    "renewal_pct": percent,
    "days_to_renewal": _count("day"),
    "days_overdue": _count("day"),
    "days_without_engagement": _count("day"),
    "metrics_age_days": _count("day"),
    "coverage": _rate,
}


def signal_value(key: str, value: Value) -> str:
    """`160 users`, `78%`, `2 open`, `55`; an en dash where nothing was reported."""
    if value is None:
        return UNKNOWN
    return _WORDS.get(key, trimmed)(Decimal(str(value)))
