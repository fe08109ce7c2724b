"""Custom fields: what may be defined, and what each kind takes and stores."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import CustomField
from accounts.selectors.custom_fields import custom_columns, custom_facts
from accounts.services.account import create_account, update_account
from accounts.services.custom_fields import (
    BadCustomValue,
    archive_custom_field,
    create_custom_field,
    key_of,
    merged_values,
    stored_value,
    update_custom_field,
)
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
CHOICES = ["Gold", "Silver"]


def define(organization: Organization, name: str, kind: str, **facts: Any) -> CustomField:
    if kind in ("choice", "multi_choice"):
        facts.setdefault("choices", CHOICES)
    return create_custom_field(organization=organization, by=None, name=name, kind=kind, **facts)


def test_a_field_gets_its_key_from_its_name_and_stands_last(organization: Organization) -> None:
    first = define(organization, "Support tier", "choice", choices=[" Gold ", "Silver", "Gold", ""])
    second = define(organization, "Go-live (planned)", "date")

    assert (first.key, first.choices, first.position) == ("support_tier", CHOICES, 1)
    assert (second.key, second.position) == ("go_live_planned", 2)
    assert [field.history.count() for field in organization.custom_fields.all()] == [1, 1]
    assert key_of("3rd party") == "field_3rd_party"
    assert key_of("\u0938\u094d\u0924\u0930") == "field"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Tier"}, "name"),
        ({"name": "Other", "key": "tier"}, "key"),
        ({"name": "Other", "key": "Not a key"}, "key"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Other", "kind": "colour"}, "kind"),
        ({"name": "Other", "kind": "choice", "choices": []}, "choices"),
        ({"name": "Other", "kind": "choice", "choices": ["a, b"]}, "choices"),
        ({"name": "Other", "kind": "choice", "choices": ["Gold", "gold"]}, "choices"),
        ({"name": "Other", "kind": "choice", "choices": ["x" * 81]}, "choices"),
        ({"name": "Other", "kind": "choice", "choices": [str(n) for n in range(101)]}, "choices"),
        ({"name": "Other", "help_text": "x" * 256}, "help_text"),
    ],
)
def test_what_cannot_be_defined_is_refused_at_its_field(
    organization: Organization, facts: dict[str, Any], field: str
) -> None:
    define(organization, "Tier", "text")

    with pytest.raises(InvalidInput) as refusal:
        create_custom_field(organization=organization, by=None, **({"kind": "text"} | facts))

    assert list(refusal.value.errors or {}) == [field]
    assert organization.custom_fields.count() == 1


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("text", "  <b>Ω \U0001f600</b> ", "<b>Ω \U0001f600</b>"),
        ("text", "   ", None),
        ("number", "12,50,000.5", 1250000.5),
        ("number", 7.0, 7),
        ("number", "-0.125", -0.125),
        ("date", "2026-11-20", "2026-11-20"),
        ("date", date(2026, 11, 20), "2026-11-20"),
        ("boolean", False, False),
        ("boolean", "Yes", True),
        ("choice", " gold ", "Gold"),
        ("multi_choice", "silver; gold", ["Gold", "Silver"]),
        ("multi_choice", ["Silver"], ["Silver"]),
        ("multi_choice", [], None),
        ("multi_choice", " , ", None),
        ("url", "https://wiki.example/a?b=1", "https://wiki.example/a?b=1"),
        ("url", "", None),
        ("number", None, None),
    ],
)
def test_each_kind_stores_what_it_takes(organization: Organization, kind: str, given: Any, stored: Any) -> None:
    value = stored_value(define(organization, "Field", kind), given)

    assert value == stored
    assert type(value) is type(stored)


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("text", "bell\x07", "takes text without control characters."),
        ("text", "x" * 2001, "takes at most 2,000 characters."),
        ("text", ["a"], "takes text without control characters."),
        ("number", "a lot", "takes a number."),
        ("number", True, "takes a number."),
        ("number", "NaN", "takes a number."),
        ("number", "1e13", "takes a number of at most 12 digits and 3 decimals."),
        ("number", "0.1234", "takes a number of at most 12 digits and 3 decimals."),
        ("date", "20/11/2026", "takes a date such as 2026-11-20."),
        ("date", 5, "takes a date such as 2026-11-20."),
        ("date", "0026-11-20", "takes a date between 1900 and 2200."),
        ("boolean", "perhaps", "takes yes or no."),
        ("choice", "Bronze", "takes one of Gold, Silver."),
        ("choice", ["Gold"], "takes one of Gold, Silver."),
        ("multi_choice", "Gold, Bronze", "takes one of Gold, Silver."),
        ("multi_choice", 5, "takes a list of Gold, Silver."),
        ("url", "javascript:alert(1)", "takes a web address such as https://example.com."),
        ("url", 5, "takes a web address such as https://example.com."),
    ],
)
def test_each_kind_says_what_it_takes(organization: Organization, kind: str, given: Any, sentence: str) -> None:
    with pytest.raises(BadCustomValue) as refusal:
        stored_value(define(organization, "Field", kind), given)

    assert str(refusal.value) == sentence


def test_an_account_keeps_what_is_not_named_and_ignores_unknown_keys(alice: Membership) -> None:
    organization = alice.organization
    define(organization, "Tier", "choice")
    define(organization, "Go-live", "date")
    account = create_account(
        organization=organization, by=alice.user, name="Acme", custom_fields={"tier": "gold", "go_live": "2026-11-20"}
    )

    account = update_account(account=account, by=alice.user, custom_fields={"tier": None, "unknown": 5})

    account.refresh_from_db()
    assert account.custom_fields == {"go_live": "2026-11-20"}
    assert account.history.first().custom_fields == {"go_live": "2026-11-20"}


def test_a_refused_value_names_the_field_and_changes_nothing(alice: Membership) -> None:
    define(alice.organization, "Support tier", "choice")
    account = AccountFactory(organization=alice.organization, custom_fields={"support_tier": "Gold"})

    with pytest.raises(InvalidInput) as refusal:
        update_account(account=account, by=alice.user, name="New", custom_fields={"support_tier": "Bronze"})

    account.refresh_from_db()
    assert refusal.value.errors == {"custom_fields": ["Support tier (support_tier) takes one of Gold, Silver."]}
    assert (account.name != "New", account.custom_fields) == (True, {"support_tier": "Gold"})


def test_what_is_required_is_asked_of_new_accounts_and_may_not_be_emptied(alice: Membership) -> None:
    organization = alice.organization
    define(organization, "Tier", "choice", is_required=True)
    with pytest.raises(InvalidInput) as refusal:
        create_account(organization=organization, by=alice.user, name="Acme")
    account = create_account(organization=organization, by=alice.user, name="Acme", custom_fields={"tier": "Gold"})

    with pytest.raises(InvalidInput):
        update_account(account=account, by=alice.user, custom_fields={"tier": ""})
    update_account(account=account, by=alice.user, industry="Retail")

    assert refusal.value.errors == {"custom_fields": ["Tier (tier) is required."]}
    assert organization.accounts.get().industry == "Retail"


def test_a_choice_that_is_no_longer_offered_may_stay_but_not_come_again(alice: Membership) -> None:
    field = define(alice.organization, "Tier", "choice")
    update_custom_field(field=field, by=alice.user, choices=["Gold"])
    fields = alice.organization.custom_fields.in_use()

    assert merged_values(fields, {"tier": "Silver"}, {"tier": "Silver"}) == {"tier": "Silver"}
    with pytest.raises(InvalidInput):
        merged_values(fields, {"tier": "Gold"}, {"tier": "Silver"})


def test_an_archived_field_is_not_asked_nor_shown_but_its_values_stay(alice: Membership) -> None:
    field = define(alice.organization, "Tier", "choice", is_required=True)
    account = AccountFactory(organization=alice.organization, custom_fields={"tier": "Gold"})

    archive_custom_field(field=field, by=alice.user)
    account = update_account(account=account, by=alice.user, custom_fields={"tier": "Silver"}, industry="Retail")

    assert account.custom_fields == {"tier": "Gold"}
    assert custom_columns(alice.organization).header == []


def test_values_are_words_on_pages_and_plain_cells_in_files(alice: Membership) -> None:
    for name, kind in (("Tier", "multi_choice"), ("Live", "date"), ("VIP", "boolean"), ("Load", "number")):
        define(alice.organization, name, kind)
    values = {"tier": ["Gold", "Silver"], "live": "2026-11-20", "vip": True, "load": 1250000.5}
    full, empty = AccountFactory(organization=alice.organization, custom_fields=values), AccountFactory()
    columns = custom_columns(alice.organization)

    assert [fact.text for fact in custom_facts(full, columns.fields)] == [
        "Gold, Silver",
        "20 Nov 2026",
        "Yes",
        "12,50,000.5",
    ]
    assert {fact.text for fact in custom_facts(empty, columns.fields)} == {"–"}
    assert (columns.header, columns.keys) == (["Tier", "Live", "VIP", "Load"], ["tier", "live", "vip", "load"])
    assert columns.cells(full) == ["Gold, Silver", "2026-11-20", True, 1250000.5]
    assert columns.cells(empty) == [None, None, None, None]
