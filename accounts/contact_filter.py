"""Narrowing contacts, for the API."""

from __future__ import annotations

from typing import Any

from accounts.enums import ContactRole
from accounts.list_filter import ListFilter, choice
from accounts.models import Contact
from accounts.querysets import ContactQuerySet

YES_NO = [("true", "Yes"), ("false", "No")]


class ContactFilter(ListFilter):
    """Filters combine with AND; without `left` those who left are listed too. Days are those of being added."""

    dated = "created_at"
    is_moment = True

    role = choice(ContactRole.choices, label="Role", empty_label="Any role")
    is_primary = choice(YES_NO, label="Primary", empty_label="Primary or not", method="by_primary")
    left = choice(YES_NO, label="Left", empty_label="Left or not", method="by_leaving")

    class Meta:
        model = Contact
        fields: list[str] = []

    def by_primary(self, contacts: ContactQuerySet, _: str, value: str) -> Any:
        return contacts.filter(is_primary=value == "true")

    def by_leaving(self, contacts: ContactQuerySet, _: str, value: str) -> Any:
        return contacts.left() if value == "true" else contacts.current()
