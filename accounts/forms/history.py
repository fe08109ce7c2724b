"""What to look for in an account's history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class HistoryForm(forms.Form):
    """A kind of row, and a day to look back to."""

    of = forms.ChoiceField(required=False, label="Changes of")
    as_of = forms.DateField(
        required=False,
        label="Facts as of",
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Give a date such as 2026-11-20."},
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = [("", "Everything"), *kinds]  # type: ignore[attr-defined]
        self.today = today

    def clean_as_of(self) -> date | None:
        day: date | None = self.cleaned_data["as_of"]
        if day and day > self.today:
            raise ValidationError("This day lies ahead.")
        return day
