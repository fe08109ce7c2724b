"""The weights of the churn risk as a form: a number for each factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from health.models.churn_weights import NOTE_LENGTH
from health.scoring.churn_risk import FACTORS
from health.services.churn_weights import MOST


class ChurnWeightsForm(forms.Form):
    """Which factor weighs how much, and why that is new."""

    note = forms.CharField(
        label="What is new, and why",
        max_length=NOTE_LENGTH,
        required=False,
        help_text="Kept with the weights, for whoever asks later.",
    )

    def __init__(self, *args: Any, weights: Mapping[str, float], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for factor in FACTORS:
            widget = forms.NumberInput({"class": "form-control form-control-sm", "step": "any"})
            self.fields[factor.key] = forms.FloatField(
                label=factor.label, min_value=0, max_value=MOST, initial=f"{weights[factor.key]:g}", widget=widget
            )

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        weights = {factor.key: self.cleaned_data[factor.key] for factor in FACTORS}
        return {"weights": weights, "note": self.cleaned_data["note"]}
