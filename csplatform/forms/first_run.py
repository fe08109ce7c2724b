"""The form of the first-run page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from csplatform.forms.base import NewPasswordField, PersonNameField, TimezoneField
from csplatform.models import User


class FirstRunForm(forms.Form):
    """The first organisation and its first administrator."""

    name = forms.CharField(
        label="Organisation",
        max_length=120,
        help_text="The company whose customers you look after.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    timezone = TimezoneField(help_text="“Today”, weeks and months follow this clock.")
    user_name = PersonNameField()
    email = forms.EmailField(
        label="Your e-mail address",
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = NewPasswordField()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "password" in data:
            person = User(email=data.get("email", ""), name=data.get("user_name", ""))
            try:
                validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
