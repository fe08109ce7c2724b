"""What the lab is asked to look at, as a form."""

from __future__ import annotations

from django import forms

from health.enums import LabKind


class LabForm(forms.Form):
    """One of two looks; who does not say means the health score."""

    kind = forms.ChoiceField(choices=LabKind.choices, required=False)
    scorecard = forms.SlugField(max_length=40, required=False)

    def clean_kind(self) -> LabKind:
        return LabKind(self.cleaned_data["kind"] or LabKind.SNAPSHOTS)
