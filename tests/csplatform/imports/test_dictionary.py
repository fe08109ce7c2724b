"""The data dictionary: complete, and its examples are really taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date

import pytest
from django.apps import apps
from django.test import Client

from csplatform.imports.dictionary import data_dictionary
from csplatform.imports.registry import kinds
from csplatform.imports.values import Locale
from csplatform.models import Membership

LOCALE = Locale(today=date(2026, 12, 31), zone=UTC)


def test_every_column_says_what_it_takes_and_is_stored_in_a_field_that_exists() -> None:
    for kind in kinds():
        for column in kind.columns.columns:
            label, _, field = column.stored.rpartition(".")
            assert column.takes, column.name
            assert apps.get_model(label)._meta.get_field(field), column.name


MOST_SHOWN = {"metrics": 17, "accounts": 16, "contacts": 7, "tickets": 13, "invoices": 16, "payments": 9}
"""How many columns of each kind the sample file fills at least."""


def test_examples_are_values_that_the_column_takes() -> None:
    for entry in data_dictionary():
        parsers = {column.name: column.parse for column in entry.kind.columns.columns}
        for column in entry.columns:
            assert [parsers[column.name](example, LOCALE) is not None for example in column.examples] == [
                True for _ in column.examples
            ]
        assert sum(bool(column.examples) for column in entry.columns) >= MOST_SHOWN[entry.kind.name]


def test_a_column_is_told_with_its_other_names_and_its_place() -> None:
    entry = next(entry for entry in data_dictionary() if entry.kind.name == "metrics")
    column = next(column for column in entry.columns if column.name == "feature_adoption_rate")

    assert (column.is_key, column.when_empty, column.stored) == (
        False,
        "Changes nothing.",
        "daily metrics: feature adoption (%)",
    )
    assert "feature_x_adoption" in column.aliases
    assert [each.when_empty for each in entry.columns if each.name == "date"] == ["Refuses the row."]
    assert [each.name for each in entry.columns if each.is_key] == ["account_name", "external_id"]


@pytest.mark.django_db
def test_everybody_may_read_it_and_the_imports_page_leads_there(
    rita: Membership, client_for: Callable[[Membership], Client]
) -> None:
    client = client_for(rita)

    assert "/dashboard/imports/columns" in client.get("/dashboard/imports").content.decode()
    assert "weekly_active_pct" in client.get("/dashboard/imports/columns").content.decode()
