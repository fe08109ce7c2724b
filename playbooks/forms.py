"""What comes in from the playbook pages."""

from __future__ import annotations

from django import forms

from health.enums import RiskFactor
from playbooks.enums import Category, Priority


class PlaybookFilterForm(forms.Form):
    """Narrows the library; what is not chosen shows everything."""

    category = forms.ChoiceField(choices=[("", "All categories"), *Category.choices], required=False)
    priority = forms.ChoiceField(choices=[("", "All priorities"), *Priority.choices], required=False)
    risk = forms.ChoiceField(
        label="Answers the risk", choices=[("", "Any risk"), *RiskFactor.choices], required=False
    )
