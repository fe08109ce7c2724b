"""Forms around invitations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict

from csplatform.enums import Role
from csplatform.forms.base import NewPasswordField, PersonNameField, TeamsField
from csplatform.models import Organization, User


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.CSM)

    def __init__(self, data: QueryDict | None = None, *, organization: Organization) -> None:
        super().__init__(data)
        self.fields["teams"] = TeamsField(organization)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AcceptInvitationForm(forms.Form):
    """Name and password of somebody who had no login yet; the address is the invitation's."""

    name = PersonNameField()
    password = NewPasswordField(label="Choose a password")

    def __init__(self, data: QueryDict | None = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "password" in data:
            try:
                validate_password(data["password"], User(email=self.email, name=data.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
