"""Contacts over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
NASTY = "<script>alert('x')</script> \"q\" & \U0001f600 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"


@pytest.fixture
def acme(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)


def test_a_contact_is_created_read_changed_and_deleted(acme: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)

    made = api.post("/api/contacts", {"account_id": acme.number, "name": "Priya", "email": "P@Acme.Example"})

    contact = acme.contacts.get()
    assert made.status_code == 201
    assert made.json() == {
        "id": str(contact.uuid),
        "account_id": str(acme.uuid),
        "account_name": "Acme",
        "name": "Priya",
        "email": "p@acme.example",
        "phone": None,
        "title": None,
        "role": None,
        "is_primary": False,
        "left_on": None,
        "created_at": made.json()["created_at"],
        "updated_at": made.json()["updated_at"],
    }
    url = f"/api/contacts/{contact.uuid}"
    changed = api.put(url, {**made.json(), "title": "CTO", "role": "champion", "is_primary": True})
    assert (changed.status_code, changed.json()["title"], changed.json()["is_primary"]) == (200, "CTO", True)
    assert api.get(url).json() == changed.json()
    assert api.put(url, {"role": None, "email": None}).json()["email"] is None
    assert api.delete(url).status_code == 204
    assert api.delete(url).status_code == 404


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"email": "nobody"}, "email"),
        ({"role": "boss"}, "role"),
        ({"left_on": "yesterday"}, "left_on"),
        ({"left_on": "2999-01-01"}, "left_on"),
        ({"is_primary": "perhaps"}, "is_primary"),
        ({"is_primary": True, "left_on": "2024-01-01"}, "is_primary"),
        ({"account_id": "nothing"}, "account_id"),
        ({"account_id": None}, "account_id"),
        ({"phone": "1" * 41}, "phone"),
        ({"title": "x" * 10_000}, "title"),
    ],
)
def test_a_bad_value_is_a_400_at_its_field(
    acme: Account, alice: Membership, api_for: ApiFor, facts: dict[str, Any], field: str
) -> None:
    answer = api_for(alice).post("/api/contacts", {"account_id": str(acme.uuid), "name": "Priya"} | facts)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not acme.contacts.exists()


def test_a_strangers_account_is_a_400_and_a_colleagues_a_403(
    acme: Account, bob: Membership, rita: Membership, mallory: Membership, api_for: ApiFor
) -> None:
    contact = ContactFactory(account=acme)
    body = {"account_id": str(acme.uuid), "name": "Priya"}

    assert api_for(mallory).post("/api/contacts", body).status_code == 400
    for member in (bob, rita):
        api = api_for(member)
        assert api.post("/api/contacts", body).status_code == 403
        assert api.put(f"/api/contacts/{contact.uuid}", {"name": "X"}).status_code == 403
        assert api.delete(f"/api/contacts/{contact.uuid}").status_code == 403
        assert api.get(f"/api/contacts/{contact.uuid}").status_code == 200
    assert [each.name for each in acme.contacts.all()] == [contact.name]


def test_a_contact_stays_with_its_account(acme: Account, alice: Membership, api_for: ApiFor) -> None:
    other = AccountFactory(organization=alice.organization, owner=alice.user)
    contact = ContactFactory(account=acme)

    answer = api_for(alice).put(f"/api/contacts/{contact.uuid}", {"account_id": str(other.uuid)})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["account_id"]


def test_a_stale_write_is_a_412(acme: Account, alice: Membership, api_for: ApiFor) -> None:
    contact, api = ContactFactory(account=acme), api_for(alice)
    url = f"/api/contacts/{contact.uuid}"
    tag = api.get(url)
    seen = api.put(url, {"title": "CTO"})["ETag"]

    stale = api.put(url, {"title": "CEO"}, headers={"If-Match": '"1-1.0"'})

    assert (tag.status_code, stale.status_code, acme.contacts.get().title) == (200, 412, "CTO")
    assert api.put(url, {"title": "CFO"}, headers={"If-Match": seen}).status_code == 200


def test_the_list_filters_sorts_and_answers_csv(acme: Account, alice: Membership, api_for: ApiFor) -> None:
    ContactFactory(account=acme, name="Zoe", role="champion", is_primary=True)
    ContactFactory(account=acme, name="=cmd()", role="user", email="amit@acme.example")
    ContactFactory(account=acme, name="Gone", left_on="2026-01-01")
    ContactFactory(account=AccountFactory(organization=alice.organization), name="Other")
    ContactFactory(name="Elsewhere")
    api = api_for(alice)

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/api/contacts?{query}").json()["data"]]

    assert names("ordering=-name") == ["Zoe", "Other", "Gone", "=cmd()"]
    assert names(f"account_id={acme.number}&left=false") == ["=cmd()", "Zoe"]
    assert names("left=true") == ["Gone"]
    assert names("role=champion") == names("is_primary=true") == ["Zoe"]
    assert names("search=AMIT@") == ["=cmd()"]
    for bad in ("role=boss", "left=maybe", "ordering=phone", "from=now", "page=0"):
        answer = api.get(f"/api/contacts?{bad}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [bad.split("=")[0]])
    text = b"".join(api.get("/api/contacts?format=csv&search=cmd")).decode("utf-8-sig")
    assert text.splitlines()[1].split(",")[2:5] == ["Acme", "'=cmd()", "amit@acme.example"]


def test_text_comes_back_as_it_was_sent(acme: Account, alice: Membership, api_for: ApiFor) -> None:
    answer = api_for(alice).post("/api/contacts", {"account_id": str(acme.uuid), "name": NASTY, "title": NASTY})

    assert (answer.json()["name"], answer.json()["title"]) == (NASTY, NASTY)


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_the_list_costs_the_same_for_any_length(
    acme: Account, alice: Membership, api_for: ApiFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    ContactFactory.create_batch(rows, account=acme)
    api = api_for(alice)
    api.get("/api/contacts")

    with django_assert_max_num_queries(9) as queries:
        assert api.get("/api/contacts?limit=100").json()["total"] == rows

    assert sum("contact" in query["sql"] for query in queries.captured_queries) == 2
