"""Fields that offer rows of the organisation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Account
from accounts.permissions import editable_accounts
from csplatform.models import Membership

MOST_OFFERED = 500
"""A longer select is no help: beyond it the account is typed, by name or number."""


class AccountChoiceField(forms.CharField):
    """An account that the member may change, by its name or number; gives the account.

    Browsers complete what is typed from a list of names where there are few enough of them."""

    def __init__(self, member: Membership, *, label: str = "Account", help_text: str = "") -> None:
        super().__init__(
            label=label,
            max_length=255,
            help_text=help_text or "Its name or number.",
            error_messages={"required": "Name the account."},
        )
        self.member = member
        self.widget = forms.TextInput({"autocomplete": "off", "list": "account-names"})

    def prepare_value(self, value: object) -> Any:
        return value

    def clean(self, value: object) -> Account:
        text = str(super().clean(value))
        account = editable_accounts(self.member).unarchived().named(text).first()
        if account is None:
            raise ValidationError("There is no such account that you may change.")
        return account


def offered_names(member: Membership) -> list[str]:
    """Names to complete from, most likely ones only."""
    return list(editable_accounts(member).unarchived().values_list("name", flat=True)[:MOST_OFFERED])
