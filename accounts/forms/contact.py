"""Contacts as forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.enums import ContactRole
from accounts.forms.account import DAY, SeenAtField
from accounts.models import Contact
from accounts.models.contact import PHONE_LENGTH
from accounts.names import NAME_LENGTH


class ContactForm(forms.Form):
    """What people may write of a contact."""

    name = forms.CharField(max_length=NAME_LENGTH, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(
        required=False,
        label="E-mail",
        help_text="How attendees of meetings and rows of files find this person.",
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    phone = forms.CharField(
        max_length=PHONE_LENGTH, required=False, widget=forms.TextInput({"type": "tel", "autocomplete": "off"})
    )
    title = forms.CharField(max_length=NAME_LENGTH, required=False, help_text="As on their card: Head of IT.")
    role = forms.ChoiceField(
        choices=[("", "Not known"), *ContactRole.choices],
        required=False,
        help_text="What they are to you: who decides, who speaks for you, who pays.",
    )
    is_primary = forms.BooleanField(required=False, label="Primary contact", help_text="Whom to call first.")
    left_on = forms.DateField(
        required=False,
        label="Left on",
        widget=forms.DateInput(DAY, "%Y-%m-%d"),
        help_text="The first day without them; empty while they are there.",
    )
    seen_at = SeenAtField()

    def __init__(self, *args: Any, contact: Contact | None = None, is_first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if contact is None:
            self.initial = {"is_primary": is_first}
            del self.fields["left_on"]
        else:
            names = [name for name in self.fields if name != "seen_at"]
            self.initial = {name: getattr(contact, name) for name in names} | {
                "seen_at": contact.updated_at.isoformat()
            }

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_at"}

    @property
    def seen_moment(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["seen_at"]
        return moment
