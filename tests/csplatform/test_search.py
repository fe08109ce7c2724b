"""Search: what comes first, what is never shown, what it costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.search import find_accounts
from csplatform.models import Membership
from csplatform.search import find_commands, find_pages, search_everything
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
ApiFor = Callable[..., APIClient]


def titles(member: Membership, text: str, limit: int = 10) -> list[str]:
    return [hit.title for hit in find_accounts(member, text, limit)]


def test_exact_then_beginning_then_former_then_any_part(alice: Membership) -> None:
    organization = alice.organization
    for name in ("New Tata", "Tata Steel", "Tata", "Tatamotors"):
        AccountFactory(organization=organization, name=name)
    renamed = AccountFactory(organization=organization, name="Voltas")
    renamed.aliases.create(
        organization=organization, kind="name", key="tata cooling", text="Tata Cooling", origin="rename"
    )

    assert titles(alice, "TATA") == ["Tata", "Tata Steel", "Tatamotors", "Voltas", "New Tata"]
    assert titles(alice, "tata", 3) == ["Tata", "Tata Steel", "Tatamotors"]
    assert "formerly Tata Cooling" in find_accounts(alice, "tata coo", 5)[0].detail


def test_numbers_and_outside_ids_are_found_exactly(alice: Membership) -> None:
    one = AccountFactory(organization=alice.organization, name="One", external_id="CRM-77")
    AccountFactory(organization=alice.organization, name="Two")

    assert titles(alice, f"#{one.number}") == ["One"]
    assert titles(alice, "CRM-77") == ["One"]
    assert titles(alice, "9" * 40) == []


def test_archived_accounts_come_last_and_say_so(alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Acme A", archived_at=timezone.now())
    AccountFactory(organization=alice.organization, name="Acme B")

    hits = find_accounts(alice, "acme", 5)

    assert [hit.title for hit in hits] == ["Acme B", "Acme A"]
    assert "archived" in hits[1].detail


def test_the_api_groups_hits_and_another_organisations_are_not_there(
    api_for: ApiFor, alice: Membership, mallory: Membership
) -> None:
    account = AccountFactory(organization=alice.organization, name="Zebra Ltd")
    contact = ContactFactory(account=account, name="Zebra Person", email="zebra@zebra.example")
    ticket = TicketFactory(account=account, subject="The zebra is on fire", external_id="T-9")

    body = api_for(alice).get("/api/search?q=zebra").json()

    assert set(body) == {"total", "accounts", "contacts", "invoices", "tickets", "pages", "commands"}
    assert body["accounts"] == [
        {
            "id": str(account.uuid),
            "title": "Zebra Ltd",
            "detail": f"#{account.number} · Active",
            "url": account.get_absolute_url(),
        }
    ]
    assert [hit["id"] for hit in body["contacts"]] == [str(contact.uuid)]
    assert [hit["id"] for hit in body["tickets"]] == [str(ticket.uuid)]
    assert body["total"] == 3
    assert api_for(mallory).get("/api/search?q=zebra").json()["total"] == 0


@pytest.mark.parametrize("query", ["", "?q=", "?q=x&limit=0", "?q=x&limit=51", "?q=x&limit=many", f"?q={'x' * 201}"])
def test_bad_queries_are_400(api_for: ApiFor, alice: Membership, query: str) -> None:
    assert api_for(alice).get(f"/api/search{query}").status_code == 400


def test_pages_and_commands_are_those_of_the_role(alice: Membership, rita: Membership) -> None:
    assert [hit.title for hit in find_pages(alice, "go to acc", 5)] == ["Accounts"]
    assert "New account" in [hit.title for hit in find_commands(alice, "new", 9)]
    assert find_commands(rita, "new account", 9) == []
    assert find_pages(alice, "ccounts", 5) == []  # not the beginning of a word


def test_it_costs_the_same_for_any_number_of_rows(alice: Membership) -> None:
    costs = []
    for _ in range(3):
        account = AccountFactory(organization=alice.organization)
        ContactFactory(account=account, name=f"Account {account.number}")
        with CaptureQueriesContext(connection) as queries:
            search_everything(alice, "account", limit=50)
        costs.append(len(queries))

    assert costs[0] == costs[1] == costs[2] <= 10


def test_the_page_shows_hostile_text_as_text(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="<script>alert(1)</script>")
    client = client_for(alice)

    for part in ("", "&part=dialog"):
        content = client.get(f"{reverse('csplatform:search')}?q=%3Cscript{part}").content.decode()
        assert "<script>alert" not in content
        assert "&lt;script&gt;alert(1)" in content


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "\x00", "  ", "ñ", "😀", "a" * 300])
def test_odd_words_match_themselves_alone(client_for: ClientFor, alice: Membership, text: str) -> None:
    AccountFactory(organization=alice.organization, name="Plain")

    response = client_for(alice).get(reverse("csplatform:search"), {"q": text})

    assert response.status_code == 200
    assert "Plain" not in response.content.decode()
