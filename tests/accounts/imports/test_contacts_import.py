"""The contacts import, through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Account
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]


@pytest.fixture
def acme(mona: Membership) -> Account:
    return AccountFactory(organization=mona.organization, name="Acme", external_id="E-1")


def send(api: APIClient, text: str, **options: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("contacts.csv", text.encode(), content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": "contacts", **options}, format="multipart")
    assert answer.status_code in (200, 201), answer.content
    body: dict[str, Any] = answer.json()
    return body


FILE = """account_name,name,email,title,role,is_primary,left_on
acme,Priya,PRIYA@acme.example,CTO,Decision maker,yes,
Acme,Ravi,ravi@acme.example,,champion,no,
Acme,Old,old@acme.example,,,,2025-01-01
Acme,"<script>x</script> \U0001f600",,,,,
"""


def people(account: Account) -> list[tuple[Any, ...]]:
    rows = account.contacts.order_by("name").values_list("name", "email", "role", "is_primary", "left_on")
    return [(*row[:4], row[4] and row[4].isoformat()) for row in rows]


def test_people_are_added_and_the_same_file_again_changes_nothing(
    acme: Account, mona: Membership, api_for: ApiFor
) -> None:
    api = api_for(mona)

    first, second = send(api, FILE), send(api, FILE)

    assert [first[key] for key in ("rows", "accepted", "rejected", "created", "updated", "unchanged")] == [
        4,
        4,
        0,
        4,
        0,
        0,
    ]
    assert [second[key] for key in ("created", "updated", "unchanged")] == [0, 0, 4]
    assert people(acme) == [
        ("<script>x</script> \U0001f600", "", "", False, None),
        ("Old", "old@acme.example", "", False, "2025-01-01"),
        ("Priya", "priya@acme.example", "decision_maker", True, None),
        ("Ravi", "ravi@acme.example", "champion", False, None),
    ]
    assert {contact.history.get().history_user for contact in acme.contacts.all()} == {mona.user}


def test_known_people_are_changed_and_an_empty_cell_changes_nothing(
    acme: Account, mona: Membership, api_for: ApiFor
) -> None:
    ContactFactory(account=acme, name="Priya", email="priya@acme.example", title="CTO", is_primary=True)
    ContactFactory(account=acme, name="Ravi", email="")

    done = send(
        api_for(mona),
        "external_id,name,email,title,is_primary\n"
        "E-1,Priya S,priya@acme.example,,\nE-1,ravi,ravi@acme.example,Lead,yes\n",
    )

    assert [done[key] for key in ("created", "updated", "unchanged")] == [0, 2, 0]
    assert people(acme) == [
        ("Priya S", "priya@acme.example", "", False, None),
        ("ravi", "ravi@acme.example", "", True, None),
    ]
    assert acme.contacts.get(name="Priya S").title == "CTO"


def test_bad_rows_are_told_and_the_others_taken(acme: Account, mona: Membership, api_for: ApiFor) -> None:
    AccountFactory(name="Elsewhere")
    text = (
        "account_name,name,email,role,is_primary,left_on\n"
        "Nobody,A,,,,\nElsewhere,B,,,,\nAcme,,,,,\nAcme,C,not-an-address,,,\nAcme,D,,boss,,\n"
        "Acme,E,,,yes,2025-01-01\nAcme,F,,,,2999-01-01\nAcme,Good,,,,\n"
    )

    done = send(api_for(mona), text)

    assert [done[key] for key in ("rows", "accepted", "rejected", "created")] == [8, 1, 7, 1]
    assert [(error["row"], error["column"]) for error in done["errors"]] == [
        (2, "account_name"),
        (3, "account_name"),
        (4, "name"),
        (5, "email"),
        (6, "role"),
        (7, "is_primary"),
        (8, "left_on"),
    ]
    assert [row[0] for row in people(acme)] == ["Good"]
    assert mona.organization.accounts.count() == 1


def test_a_dry_run_writes_nothing(acme: Account, mona: Membership, api_for: ApiFor) -> None:
    done = send(api_for(mona), FILE, dry_run="true")

    assert (done["created"], acme.contacts.count()) == (4, 0)
