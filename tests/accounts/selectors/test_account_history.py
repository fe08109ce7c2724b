"""An account's history in words, and its facts on a day gone by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account
from accounts.selectors.account_history import facts_on, history_page
from accounts.services.account import create_account, update_account
from accounts.services.contact import create_contact, delete_contact, mark_left
from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]


def on(day: str) -> Any:
    return time_machine.travel(f"2026-{day}T06:00:00Z", tick=True)


@pytest.fixture
def acme(alice: Membership, bob: Membership) -> Account:
    """Made in September, changed in October, its champion gone in November."""
    organization = alice.organization
    with on("09-01"):
        create_custom_field(
            organization=organization, by=None, name="Tier", kind="choice", choices=["Gold", "Silver"]
        )
        account = create_account(
            organization=organization,
            by=alice.user,
            name="Acme",
            owner=alice.user,
            arr=100_000,
            custom_fields={"tier": "Silver"},
        )
    with on("10-01"):
        account = update_account(
            account=account, by=bob.user, arr=250_000, owner=bob.user, custom_fields={"tier": "Gold"}, region="West"
        )
        priya = create_contact(account=account, by=bob.user, name="Priya", is_primary=True)
    with on("11-01"):
        mark_left(contact=priya, by=alice.user)
    return account


def told(account: Account, **wanted: Any) -> list[tuple[str, str, str, dict[str, tuple[str, str]]]]:
    return [
        (
            change.by,
            f"{change.what} {change.title}".strip(),
            change.verb,
            {f.label: (f.before, f.after) for f in change.facts},
        )
        for change in history_page(account, **wanted).changes
    ]


def test_every_change_says_who_what_and_from_what_to_what(acme: Account) -> None:
    assert told(acme) == [
        ("Alice", "Contact Priya", "changed", {"is primary": ("yes", "no"), "left on": ("nothing", "1 Nov 2026")}),
        ("Bob", "Contact Priya", "added", {}),
        (
            "Bob",
            "Account",
            "changed",
            {
                "region": ("nothing", "West"),
                "owner": ("Alice", "Bob"),
                "ARR": ("₹1,00,000", "₹2,50,000"),
                "Tier": ("Silver", "Gold"),
            },
        ),
        ("Alice", "Account", "added", {}),
    ]


def test_one_kind_of_row_alone_and_pages_that_miss_nothing(acme: Account, alice: Membership) -> None:
    first = history_page(acme, size=3)
    second = history_page(acme, size=3, before=first.changes[-1].at)

    assert [change.what for change in history_page(acme, of=["contact"]).changes] == ["Contact", "Contact"]
    assert (len(first.changes), bool(first.older), len(second.changes), second.older) == (3, True, 1, "")


def test_what_was_deleted_is_still_told(acme: Account, alice: Membership) -> None:
    contact = create_contact(account=acme, by=alice.user, name="Typo")
    delete_contact(contact=contact, by=alice.user)

    assert [each[1:3] for each in told(acme, size=2)] == [("Contact Typo", "deleted"), ("Contact Typo", "added")]


def test_the_facts_of_a_past_day_are_those_recorded_then(acme: Account) -> None:
    def facts(day: date) -> dict[str, str]:
        then = facts_on(acme, day)
        assert then is not None
        return {line.name: line.text for line in then.lines} | {"contacts": ",".join(c.name for c in then.contacts)}

    september, october, november = (facts(date(2026, month, 15)) for month in (9, 10, 11))

    assert facts_on(acme, date(2026, 8, 31)) is None
    assert [
        (each["arr"], each["owner"], each["cf_tier"], each["contacts"]) for each in (september, october, november)
    ] == [
        ("₹1,00,000", "Alice", "Silver", ""),
        ("₹2,50,000", "Bob", "Gold", "Priya"),
        ("₹2,50,000", "Bob", "Gold", ""),
    ]


def test_the_tab_shows_changes_and_a_past_day_as_text(
    acme: Account, alice: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    update_account(account=acme, by=alice.user, industry="<script>alert(1)</script>")
    path = f"/dashboard/accounts/{acme.number}/history"

    text = client_for(alice).get(f"{path}?as_of=2026-09-15").content.decode()

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "On 15 Sep 2026" in text
    for query in ("as_of=2999-01-01", "as_of=x", "of=nothing", "before=x", "before=2026-13-45", "of=contact"):
        assert client_for(alice).get(f"{path}?{query}").status_code == 200
    assert client_for(mallory).get(path).status_code == 404


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_the_tab_costs_the_same_for_any_number_of_changes(
    alice: Membership, bob: Membership, client_for: ClientFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    for at in range(rows):
        owner = (alice, bob)[at % 2].user
        account = update_account(account=account, by=bob.user, owner=owner, region=f"Region {at}")
        create_contact(account=account, by=alice.user, name=f"Contact {at}")
    client = client_for(alice)
    path = f"/dashboard/accounts/{account.number}/history"
    client.get(path)

    with django_assert_max_num_queries(26):
        client.get(path)
