"""A score set by hand, as a form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from csplatform.models import Organization
from csplatform.periods import today
from health.models.override import REASON_LENGTH
from health.services.override import DEFAULT_DAYS


class OverrideForm(forms.Form):
    """Which score, why, and until when."""

    score = forms.DecimalField(min_value=0, max_value=100, max_digits=4, decimal_places=1, help_text="0 to 100.")
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        widget=forms.TextInput,
        help_text="Your colleagues read this beside the score.",
    )
    expires_on = forms.DateField(
        label="Until", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), help_text="Its last day."
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].initial = today(organization) + timedelta(days=DEFAULT_DAYS)
