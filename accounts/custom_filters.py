"""Filtering accounts by what their custom fields hold."""

from __future__ import annotations

from collections.abc import Iterable

import django_filters

from accounts.enums import CustomFieldKind
from accounts.list_filter import choice
from accounts.models import CustomField
from accounts.querysets import AccountQuerySet

PREFIX = "cf_"
"""In front of a field's key, in addresses: `cf_support_tier=Gold`."""
YES_NO = [("true", "Yes"), ("false", "No")]
OFFERED = (CustomFieldKind.CHOICE, CustomFieldKind.MULTI_CHOICE, CustomFieldKind.BOOLEAN)


def custom_filters(
    owner: django_filters.FilterSet, fields: Iterable[CustomField]
) -> dict[str, django_filters.ChoiceFilter]:
    """A filter for each field with choices or yes and no, by its name in the address.

    They are made for one FilterSet, which they belong to: `self.filters.update(custom_filters(self, fields))`."""
    return {f"{PREFIX}{field.key}": _filter(owner, field) for field in fields if field.kind in OFFERED}


def _filter(owner: django_filters.FilterSet, field: CustomField) -> django_filters.ChoiceFilter:
    is_boolean = field.kind == CustomFieldKind.BOOLEAN

    def narrow(accounts: AccountQuerySet, _: str, value: str) -> AccountQuerySet:
        return accounts.with_custom(field, value == "true" if is_boolean else value)

    made = choice(
        YES_NO if is_boolean else [(each, each) for each in field.choices],
        label=field.name,
        empty_label=f"Any {field.name}",
        method=narrow,
    )
    made.parent, made.model = owner, owner.queryset.model
    return made
