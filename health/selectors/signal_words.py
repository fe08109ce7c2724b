"""How the value of a signal is written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from csplatform.formatting import UNKNOWN, counted, number, percent, trimmed

Value = float | int | None


def _count(noun: str) -> Callable[[Decimal], str]:
    return lambda value: counted(int(value), noun)


_WORDS: dict[str, Callable[[Decimal], str]] = {
    "daily_active_users": _count("user"),
    "adoption_pct": percent,
    "tickets_open": lambda value: f"{number(value)} open",
    "nps": trimmed,
    "login_rate": lambda value: percent(value * 100),
    "session_minutes": lambda value: f"{trimmed(value)} minutes",
    "training_completion_pct": percent,
    "days_to_renewal": _count("day"),
    "days_overdue": _count("day"),
    "days_without_engagement": _count("day"),
    "metrics_age_days": _count("day"),
    "coverage": lambda value: percent(value * 100),
}


def signal_value(key: str, value: Value) -> str:
    """`160 users`, `78%`, `2 open`, `55`; an en dash where nothing was reported."""
    if value is None:
        return UNKNOWN
    return _WORDS.get(key, trimmed)(Decimal(str(value)))
