"""What can be imported, column by column: read from the kinds themselves, so that it cannot be out of date."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.contrib.staticfiles import finders

from csplatform.imports.columns import Column
from csplatform.imports.registry import ImportKind, kinds
from csplatform.models import Organization

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEntry:
    """One column as the people who write files need to know it."""

    name: str
    is_key: bool
    """One of the columns of which a file needs at least one."""
    aliases: tuple[str, ...]
    takes: str
    when_empty: str
    examples: list[str]
    """From the sample file, which imports without a complaint."""
    stored: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEntry:
    """One kind of file."""

    kind: ImportKind
    columns: list[ColumnEntry]

    @property
    def keys(self) -> str:
        return " or ".join(self.kind.columns.keys)


def data_dictionary(organization: Organization | None = None) -> list[KindEntry]:
    """Every kind that is offered, with its columns in the order of its template; an organisation's own come last."""
    return [_kind_entry(kind, organization) for kind in kinds()]


def _kind_entry(kind: ImportKind, organization: Organization | None) -> KindEntry:
    examples = _examples(kind)
    columns = kind.columns if organization is None else kind.columns_of(organization)
    return KindEntry(
        kind=kind,
        columns=[
            ColumnEntry(
                name=column.name,
                is_key=column.name in kind.columns.keys,
                aliases=column.aliases,
                takes=column.takes,
                when_empty=_when_empty(column),
                examples=examples.get(column.name, []),
                stored=_place(column.stored),
            )
            for column in columns.columns
        ],
    )


def _when_empty(column: Column) -> str:
    if column.missing:
        return "Refuses the row."
    return "Changes nothing." if column.default is None else f"Means {column.default}."


def _examples(kind: ImportKind) -> dict[str, list[str]]:
    """The first different values of each column in the kind's sample file."""
    path = finders.find(kind.sample)
    found: dict[str, list[str]] = {}
    if not isinstance(path, str):
        return found
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for heading, value in row.items():
                values = found.setdefault(kind.columns.named(heading) or heading, [])
                if value and value not in values and len(values) < EXAMPLES:
                    values.append(value)
    return found


def _place(stored: str) -> str:
    """A field in words: `accounts.Account.contract_end` is "account: contract end"."""
    if not stored:
        return ""
    label, _, name = stored.rpartition(".")
    model = apps.get_model(label)
    return f"{model._meta.verbose_name}: {getattr(model._meta.get_field(name), 'verbose_name', name)}"
