"""Putting an account off, and how much fits a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypedDict

from django import forms

from csplatform.models.membership import MOST_CAPACITY
from insights.enums import SnoozeUntil

DAYS = {"tomorrow": 1, "three_days": 3, "week": 7, "month": 30}
RENEWALS = {"renewal_90": 90, "renewal_60": 60, "renewal_30": 30}
CHOICES = [
    ("tomorrow", "Until tomorrow"),
    ("three_days", "For three days"),
    ("week", "For a week"),
    ("month", "For a month"),
    ("renewal_90", "Until 90 days before its renewal"),
    ("renewal_60", "Until 60 days before its renewal"),
    ("renewal_30", "Until 30 days before its renewal"),
    ("band", "Until its health changes band"),
    ("news", "Until something new happens"),
    ("date", "Until a day"),
]


class SnoozeFacts(TypedDict, total=False):
    kind: str
    until: date | None
    renewal_days: int | None


class SnoozeAccountForm(forms.Form):
    """Until a day, or until something holds."""

    choice = forms.ChoiceField(
        choices=CHOICES, error_messages={"required": "Choose until when.", "invalid_choice": "Choose until when."}
    )
    until = forms.DateField(required=False, error_messages={"invalid": "Until takes a day, such as 2026-12-31."})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("choice") == "date" and not given.get("until") and "until" not in self.errors:
            raise forms.ValidationError("Choose the day until which it is put off.")
        return given

    def facts(self, *, today: date) -> SnoozeFacts:
        """As `snooze_account` takes them."""
        choice = self.cleaned_data["choice"]
        if choice in DAYS:
            return {"kind": SnoozeUntil.DATE, "until": today + timedelta(days=DAYS[choice])}
        if choice in RENEWALS:
            return {"kind": SnoozeUntil.RENEWAL, "renewal_days": RENEWALS[choice]}
        return {"kind": choice, "until": self.cleaned_data["until"]}


class CapacityForm(forms.Form):
    """How many accounts fit a day."""

    accounts = forms.IntegerField(
        min_value=1,
        max_value=MOST_CAPACITY,
        label="Accounts that fit my day",
        error_messages={
            "required": "Say how many accounts fit your day.",
            "invalid": "It takes a whole number.",
            "min_value": f"It takes a whole number from 1 to {MOST_CAPACITY}.",
            "max_value": f"It takes a whole number from 1 to {MOST_CAPACITY}.",
        },
    )
