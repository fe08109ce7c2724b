"""What custom fields hold: in words for pages, as cells for exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.enums import CustomFieldKind
from accounts.models import Account, CustomField
from csplatform.exports import Cell
from csplatform.formatting import date_text, trimmed
from csplatform.models import Organization

NOT_TOLD = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFact:
    """One custom field of an account, for reading."""

    field: CustomField
    value: Any
    text: str

    @property
    def is_link(self) -> bool:
        return self.field.kind == CustomFieldKind.URL and bool(self.value)


@dataclass(frozen=True, slots=True)
class CustomColumns:
    """The custom fields as columns of an export: `header` once, `cells` for each account."""

    fields: Sequence[CustomField]

    @property
    def header(self) -> list[str]:
        return [field.name for field in self.fields]

    @property
    def keys(self) -> list[str]:
        return [field.key for field in self.fields]

    def cells(self, account: Account) -> list[Cell]:
        return [cell_of(account.custom_fields.get(field.key)) for field in self.fields]


def custom_columns(organization: Organization) -> CustomColumns:
    """The columns of the organisation's custom fields in use, in their order. One query."""
    return CustomColumns(list(organization.custom_fields.in_use()))


def custom_facts(account: Account, fields: Sequence[CustomField]) -> list[CustomFact]:
    """What an account's custom fields say, also those that say nothing."""
    values = account.custom_fields
    return [
        CustomFact(field=field, value=values.get(field.key), text=value_text(field, values.get(field.key)))
        for field in fields
    ]


def value_text(field: CustomField, value: Any) -> str:
    """A stored value in words."""
    match value:
        case None | "":
            return NOT_TOLD
        case bool():
            return "Yes" if value else "No"
        case list():
            return ", ".join(map(str, value))
        case int() | float():
            return trimmed(Decimal(str(value)), 3)
        case str() if field.kind == CustomFieldKind.DATE:
            return _day_text(value)
        case _:
            return str(value)


def _day_text(value: str) -> str:
    try:
        return date_text(date.fromisoformat(value))
    except ValueError:
        return value


def cell_of(value: Any) -> Cell:
    """A stored value as a cell of a file: several choices divided by commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value
