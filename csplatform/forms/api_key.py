"""The form that makes an API key."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from csplatform.enums import KeyScope
from csplatform.models import Membership
from csplatform.services.api_key import scopes_for


class ApiKeyForm(forms.Form):
    """What the key is for, and whether it may write."""

    name = forms.CharField(max_length=80, help_text="What will use it, for example “Nightly metrics upload”.")

    def __init__(self, data: QueryDict | None = None, *, membership: Membership) -> None:
        super().__init__(data)
        self.fields["scope"] = forms.ChoiceField(
            label="It may",
            choices=[(each.value, each.label) for each in scopes_for(membership)],
            error_messages={"invalid_choice": "Choose from the list; a viewer's key can only read."},
        )

    def clean_scope(self) -> KeyScope:
        return KeyScope(self.cleaned_data["scope"])
