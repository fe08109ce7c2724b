"""How long things are kept, and the word that deletes an organisation."""

from __future__ import annotations

from typing import Any

from django import forms

from csplatform.models import RetentionPolicy

LABELS = {
    "jobs_days": "Background work",
    "exports_days": "Log of exports",
    "notifications_days": "Notifications",
    "churned_activity_days": "Timeline of churned accounts",
}


class RetentionForm(forms.ModelForm):
    """Days; empty means for good."""

    class Meta:
        model = RetentionPolicy
        fields = list(LABELS)
        labels = {name: f"{label} (days)" for name, label in LABELS.items()}


class DeletionForm(forms.Form):
    """Deleting an organisation takes typing its name."""

    typed_name = forms.CharField(
        label="Type the organisation's name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
