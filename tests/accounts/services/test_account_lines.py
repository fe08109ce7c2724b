"""What the timeline says of an account itself, written by the services that change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import (
    archive_account,
    assign_owner,
    churn_account,
    create_account,
    restore_account,
    update_account,
)
from accounts.services.merge import merge_accounts
from csplatform.models import Membership
from tests.factories.csplatform import TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(alice: Membership) -> Account:
    return create_account(organization=alice.organization, by=alice.user, name="Acme", arr=Decimal(100_000))


def lines(account: Account) -> list[tuple[Any, ...]]:
    """All but that it was created, oldest first."""
    rows = account.activities.exclude(event="created").order_by("pk")
    return list(rows.values_list("kind", "title", "text", "actor__name"))


def test_it_is_told_once_that_an_account_was_created(acme: Account, alice: Membership) -> None:
    line = acme.activities.get()

    assert (line.kind, line.title, line.text, line.actor) == (
        *("account", "Account created", "It pays ₹1,00,000 a year."),
        alice.user,
    )


def test_an_edit_tells_what_was_and_what_is(acme: Account, alice: Membership, bob: Membership) -> None:
    team = TeamFactory(organization=alice.organization, name="South")

    update_account(
        account=acme, by=alice.user, region="South", owner=bob.user, team=team, contract_end=date(2027, 3, 31)
    )
    update_account(account=acme, by=alice.user, region="South")
    update_account(account=acme, by=alice.user, status="at_risk", arr=Decimal(150_000))
    update_account(account=acme, by=None, arr=Decimal(90_000))

    assert lines(acme) == [
        (
            "account",
            "Region: – → South and 3 more",
            "Region: – → South\nContract end: – → 31 Mar 2027\nOwner: – → Bob\nTeam: – → South",
            "Alice",
        ),
        ("account", "Status: Active → At risk", "", "Alice"),
        ("expansion", "ARR: ₹1,00,000 → ₹1,50,000", "", "Alice"),
        ("contraction", "ARR: ₹1,50,000 → ₹90,000", "", None),
    ]


def test_leaving_coming_back_and_the_archive_are_told(acme: Account, alice: Membership) -> None:
    churn_account(account=acme, by=alice.user, reason="Price")
    update_account(account=acme, by=alice.user, status="active")
    archive_account(account=acme, by=alice.user)
    archive_account(account=acme, by=alice.user)
    restore_account(account=acme, by=alice.user)

    assert [row[:3] for row in lines(acme)] == [
        ("churn", "Status: Active → Churned", "Price"),
        ("account", "Status: Churned → Active", ""),
        ("account", "Archived", ""),
        ("account", "Back from the archive", ""),
    ]


def test_changing_hands_is_told_on_each_account_in_one_statement(
    acme: Account, alice: Membership, bob: Membership
) -> None:
    organization, costs = alice.organization, []
    update_account(account=acme, by=None, owner=alice.user)
    for size in (1, 3):
        made = [create_account(organization=organization, by=None, name=f"A {size} {n}") for n in range(size)]
        chosen = organization.accounts.filter(pk__in=[acme.pk, *(each.pk for each in made)])
        with CaptureQueriesContext(connection) as queries:
            assign_owner(organization=organization, accounts=chosen, owner=bob.user, by=alice.user)
        costs.append(len(queries))
        assert [row[1] for row in lines(made[0])] == ["Owner: – → Bob"]
        assign_owner(organization=organization, accounts=chosen, owner=alice.user, by=None)

    assert [row[1] for row in lines(acme)][1:3] == ["Owner: Alice → Bob", "Owner: Bob → Alice"]
    assert costs[0] == costs[1]


def test_a_merge_is_told_on_the_account_that_stays(acme: Account, alice: Membership) -> None:
    other = create_account(organization=alice.organization, by=None, name="Acme Ltd")

    merge_accounts(into=acme, others=[other], by=alice.user)

    assert ("account", "Merged with Acme Ltd", "Acme Ltd", "Alice") in lines(acme)


def test_a_file_tells_of_the_accounts_it_makes_in_one_insert(
    mona: Membership, api_for: Callable[..., APIClient]
) -> None:
    api, inserts = api_for(mona), []
    for size in (1, 3):
        text = "account_name,date\n" + "".join(f"New {size} {n},2026-01-05\n" for n in range(size))
        file = SimpleUploadedFile("metrics.csv", text.encode(), content_type="text/csv")
        with CaptureQueriesContext(connection) as queries:
            answer = api.post("/api/imports", {"file": file}, format="multipart")
        assert answer.status_code == 201, answer.content
        inserts.append(sum('INTO "accounts_activity"' in each["sql"] for each in queries))

    made = mona.organization.accounts.get(name="New 3 0").activities.get()
    assert (made.kind, made.title, made.text, made.actor, made.is_system) == (
        *("import", "Account created", "Import of metrics.csv"),
        mona.user,
        True,
    )
    assert inserts == [1, 1]


def test_a_file_tells_of_a_status_it_changes(
    acme: Account, mona: Membership, api_for: Callable[..., APIClient]
) -> None:
    file = SimpleUploadedFile("accounts.csv", b"name,status,region\nAcme,Churned,West\n", content_type="text/csv")

    api_for(mona).post("/api/imports", {"file": file, "kind": "accounts"}, format="multipart")

    assert [row[1] for row in lines(acme)] == ["Status: Active → Churned"]
