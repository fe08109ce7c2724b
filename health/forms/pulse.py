"""A rating of an account, as a form."""

from __future__ import annotations

from django import forms

from health.enums import PulseRating
from health.models.pulse import NOTE_LENGTH


class PulseForm(forms.Form):
    """From 1 to 5, and why."""

    rating = forms.TypedChoiceField(
        label="How does it stand?",
        coerce=int,
        choices=[(value, f"{value} {label}") for value, label in PulseRating.choices],
        widget=forms.RadioSelect({"class": "form-check-input"}),
    )
    note = forms.CharField(
        label="Why",
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.TextInput({"class": "form-control"}),
    )
