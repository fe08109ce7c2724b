"""The people at an account, on its tab and in its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.selectors.contacts import account_contacts
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
NASTY = "<script>alert('x')</script> \"q\" & \U0001f600 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"


@pytest.fixture
def acme(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)


def tab(account: Account) -> str:
    return reverse("accounts:account_contacts", args=[account.number])


def test_a_contact_is_added_changed_made_primary_left_and_brought_back(
    acme: Account, alice: Membership, client_for: ClientFor
) -> None:
    client = client_for(alice)

    response = client.post(f"{tab(acme)}/new", {"name": "Priya", "email": "p@acme.example", "role": "champion"})
    contact = acme.contacts.get()
    page = client.get(response["Location"]).content.decode()
    assert (response.status_code, "Priya is added." in page, "Single-threaded" in page) == (302, True, True)

    url = f"{tab(acme)}/{contact.uuid}"
    client.post(f"{url}/edit", {"name": "Priya Sharma", "title": "CTO", "seen_at": contact.updated_at.isoformat()})
    client.post(f"{url}/primary")
    contact.refresh_from_db()
    assert (contact.name, contact.title, contact.email, contact.is_primary) == ("Priya Sharma", "CTO", "", True)
    client.post(f"{url}/leave")
    contact.refresh_from_db()
    assert (contact.has_left, contact.is_primary) == (True, False)
    client.post(f"{url}/return")
    client.post(f"{url}/delete")
    assert not acme.contacts.exists()


def test_of_two_editors_the_second_sees_what_happened(
    acme: Account, alice: Membership, amir: Membership, client_for: ClientFor
) -> None:
    contact = ContactFactory(account=acme, title="CTO")
    url, seen = f"{tab(acme)}/{contact.uuid}/edit", contact.updated_at.isoformat()
    client_for(amir).post(url, {"name": "Priya", "title": "CEO", "seen_at": seen})

    second = client_for(alice).post(url, {"name": "Priya", "title": "CFO", "seen_at": seen})

    assert second.status_code == 422
    assert "Somebody else changed this contact" in second.content.decode()
    assert acme.contacts.get().title == "CEO"


@pytest.mark.parametrize("field", ["name", "title"])
def test_any_text_is_shown_as_text(acme: Account, alice: Membership, client_for: ClientFor, field: str) -> None:
    client_for(alice).post(f"{tab(acme)}/new", {"name": "Priya"} | {field: NASTY})

    page = client_for(alice).get(tab(acme)).content.decode()

    assert getattr(acme.contacts.get(), field) == NASTY
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &quot;q&quot; &amp; \U0001f600" in page


def test_ten_thousand_characters_are_refused_with_a_sentence(
    acme: Account, alice: Membership, client_for: ClientFor
) -> None:
    response = client_for(alice).post(f"{tab(acme)}/new", {"name": "x" * 10_000})

    assert response.status_code == 422
    assert "at most 255 characters" in response.content.decode()
    assert not acme.contacts.exists()


def test_who_may_not_edit_the_account_is_offered_nothing_and_refused(
    acme: Account, bob: Membership, rita: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    contact = ContactFactory(account=acme)

    for member in (bob, rita):
        client = client_for(member)
        page = client.get(tab(acme)).content.decode()
        assert contact.name in page
        assert "Add contact" not in page
        assert client.post(f"{tab(acme)}/{contact.uuid}/leave").status_code == 403
    assert client_for(mallory).get(tab(acme)).status_code == 404
    assert not acme.contacts.get().has_left


def test_a_contact_of_another_account_is_not_there(acme: Account, alice: Membership, client_for: ClientFor) -> None:
    other = ContactFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))

    assert client_for(alice).post(f"{tab(acme)}/{other.uuid}/leave").status_code == 404


def test_an_archived_accounts_people_are_only_shown(acme: Account, alice: Membership, client_for: ClientFor) -> None:
    contact = ContactFactory(account=acme)
    Account.objects.filter(pk=acme.pk).update(archived_at="2026-01-01T00:00Z")

    client = client_for(alice)
    page = client.get(tab(acme)).content.decode()

    assert (contact.name in page, "Add contact" in page, "No champion" in page) == (True, False, False)
    client.post(f"{tab(acme)}/{contact.uuid}/leave")
    assert not acme.contacts.get().has_left


@pytest.mark.parametrize(
    ("people", "codes"),
    [
        ([], ["nobody"]),
        (
            [{"role": "user"}],
            ["single_threaded", "no_decision_maker", "no_champion", "no_primary"],
        ),
        ([{"role": "champion", "is_primary": True}, {"role": "detractor"}], ["no_decision_maker"]),
        ([{"role": "champion", "is_primary": True}, {"role": "decision_maker"}], []),
        (
            [{"role": "champion", "is_primary": True}, {"role": "decision_maker", "left_on": "2026-01-01"}],
            ["single_threaded", "no_decision_maker"],
        ),
    ],
)
def test_what_is_missing_among_the_people_is_said(
    acme: Account, people: list[dict[str, Any]], codes: list[str]
) -> None:
    for facts in people:
        ContactFactory(account=acme, **facts)

    assert [warning.code for warning in account_contacts(acme).warnings] == codes


def test_of_a_churned_account_nobody_is_told_what_is_missing(alice: Membership) -> None:
    assert account_contacts(AccountFactory(organization=alice.organization, status="churned")).warnings == []


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_tab_costs_the_same_for_any_number_of_people(
    acme: Account, alice: Membership, client_for: ClientFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    ContactFactory.create_batch(rows, account=acme)
    client = client_for(alice)
    client.get(tab(acme))

    with django_assert_max_num_queries(24) as queries:
        response = client.get(tab(acme))

    assert len(response.context["contacts"].current) == rows
    assert sum("contact" in query["sql"] for query in queries.captured_queries) == 1
