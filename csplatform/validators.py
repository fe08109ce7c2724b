"""Checks on single values that several forms and models share."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


def validate_timezone(value: str) -> None:
    """Accept names of the time zone database only, such as Asia/Kolkata."""
    if value not in available_timezones():
        raise ValidationError(f"“{value}” is not a time zone; use a name such as Asia/Kolkata.", code="timezone")
