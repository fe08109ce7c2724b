"""Template filters over csplatform.formatting: a template prints, it never formats by itself."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from csplatform import formatting, periods

register = template.Library()

Value = Decimal | int | float | str | None


def exact(value: Value) -> Decimal | None:
    """What a template holds, as a Decimal; an absent variable (empty text) is unknown."""
    return None if value is None or value == "" else Decimal(str(value))


@register.filter
def rupees(value: Value) -> str:
    """₹2,50,000"""
    return formatting.rupees_full(exact(value))


@register.filter
def money_in(value: Value, currency: str) -> str:
    """₹2,50,000, or USD 2,500.00: `payment.amount|money_in:payment.currency`"""
    return formatting.amount_in(currency, exact(value))


@register.filter
def rupees_compact(value: Value) -> str:
    """₹42.8L; put the full amount in the title."""
    return formatting.rupees_compact(exact(value))


@register.filter
def rupees_kpi(value: Value) -> str:
    """₹4.0L"""
    return formatting.rupees_kpi(exact(value))


@register.filter
def number(value: Value, places: int = 0) -> str:
    """1,24,000"""
    return formatting.number(exact(value), places)


@register.filter
def pct(value: Value) -> str:
    """92.6%"""
    return formatting.percent(exact(value))


@register.filter
def signed_pct(value: Value) -> str:
    """+12.5%"""
    return formatting.signed_percent(exact(value))


@register.filter
def score(value: Value) -> str:
    """A health score's floor"""
    return formatting.score(exact(value))


@register.filter
def day(value: date | None) -> str:
    """20 Nov 2026; a moment is dated in the organisation's zone."""
    if not value:
        return formatting.UNKNOWN
    return formatting.date_text(timezone.localtime(value).date() if isinstance(value, datetime) else value)


@register.filter
def iso(value: date | None) -> str:
    """2026-11-20, or the moment in UTC, for the datetime attribute of <time>."""
    if not value:
        return ""
    return periods.iso_utc(value) if isinstance(value, datetime) else value.isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """20 Nov 2026, 08:30 IST"""
    return formatting.moment_text(value or None, timezone.get_current_timezone())


@register.filter
def ago(value: date | None) -> str:
    """2 minutes ago, in 21 days: moments up to seven days, then their date; days at any distance."""
    if isinstance(value, datetime):
        return formatting.recent_time(value, now=timezone.now(), zone=timezone.get_current_timezone())
    return formatting.relative_day(value or None, today=timezone.localdate())
