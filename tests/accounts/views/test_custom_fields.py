"""Custom fields: their settings, and their place in the account's form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
URL = "/dashboard/settings/custom-fields"
NASTY = "<script>alert('x')</script> \"q\" & \U0001f600"


def test_an_admin_defines_changes_archives_and_brings_back(amir: Membership, client_for: ClientFor) -> None:
    client = client_for(amir)

    client.post(f"{URL}/new", {"name": NASTY, "kind": "choice", "choices": "Gold\nSilver"})
    field = amir.organization.custom_fields.get()
    page = client.get(URL).content.decode()
    client.post(f"{URL}/{field.uuid}", {"name": "Tier", "choices": "Gold\nSilver\nBronze", "is_required": "on"})
    client.post(f"{URL}/{field.uuid}/archive")
    field.refresh_from_db()
    assert (field.name, field.choices, field.is_required, field.is_archived) == (
        "Tier",
        ["Gold", "Silver", "Bronze"],
        True,
        True,
    )
    client.post(f"{URL}/{field.uuid}/restore")
    field.refresh_from_db()
    assert not field.is_archived
    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)


def test_a_refusal_stands_at_its_field(amir: Membership, client_for: ClientFor) -> None:
    response = client_for(amir).post(f"{URL}/new", {"name": "Tier", "kind": "choice"})

    assert (response.status_code, response.context["form"].errors) == (
        422,
        {"choices": ["Give at least one choice."]},
    )


def test_others_may_look_only(mona: Membership, alice: Membership, rita: Membership, client_for: ClientFor) -> None:
    for member in (mona, alice, rita):
        client = client_for(member)
        assert client.get(URL).status_code == 200
        assert client.post(f"{URL}/new", {"name": "Tier", "kind": "text"}).status_code == 403

    assert not mona.organization.custom_fields.exists()


def test_the_accounts_form_asks_every_kind_and_keeps_what_is_typed(amir: Membership, client_for: ClientFor) -> None:
    organization, client = amir.organization, client_for(amir)
    for name, kind in (
        ("Note", "text"),
        ("Load", "number"),
        ("Live", "date"),
        ("VIP", "boolean"),
        ("Tier", "choice"),
        ("Stack", "multi_choice"),
        ("Wiki", "url"),
    ):
        create_custom_field(organization=organization, by=None, name=name, kind=kind, choices=["Gold", "Silver"])
    typed = {
        "cf_note": NASTY,
        "cf_load": "12,50,000.5",
        "cf_live": "2026-11-20",
        "cf_vip": "false",
        "cf_tier": "Gold",
        "cf_stack": ["Silver", "Gold"],
        "cf_wiki": "https://wiki.example",
    }

    response = client.post(reverse("accounts:account_create"), {"name": "Acme", "status": "active", **typed})

    account = organization.accounts.get()
    assert response.status_code == 302
    assert account.custom_fields == {
        "note": NASTY,
        "load": 1250000.5,
        "live": "2026-11-20",
        "vip": False,
        "tier": "Gold",
        "stack": ["Gold", "Silver"],
        "wiki": "https://wiki.example",
    }
    edit = reverse("accounts:account_edit", args=[account.number])
    page = client.get(edit).content.decode()
    assert "<script>alert" not in page
    assert 'value="2026-11-20"' in page
    wrong = client.post(edit, {"name": "Acme", "status": "active", **typed, "cf_load": "much", "cf_wiki": "x:y"})
    assert sorted(wrong.context["form"].errors) == ["cf_load", "cf_wiki"]
    assert "Takes a number." in wrong.content.decode()
    client.post(edit, {"name": "Acme", "status": "active"})
    account.refresh_from_db()
    assert account.custom_fields == {}


def test_the_form_sets_parent_term_and_primary_contact(amir: Membership, client_for: ClientFor) -> None:
    organization, client = amir.organization, client_for(amir)
    parent, account = (
        AccountFactory(organization=organization, name="Group"),
        AccountFactory(organization=organization),
    )
    priya, ravi = ContactFactory(account=account, is_primary=True), ContactFactory(account=account)
    edit = reverse("accounts:account_edit", args=[account.number])
    facts = {"name": account.name, "status": "active", "contract_term_months": "24", "primary_contact": ravi.uuid}

    wrong = client.post(edit, {**facts, "parent": "Nobody"})
    assert wrong.context["form"].errors == {"parent": ["There is no account in use with this number or name."]}
    client.post(edit, {**facts, "parent": "gROUP"})

    account.refresh_from_db()
    assert (account.parent, account.contract_term_months) == (parent, 24)
    assert list(account.contacts.primary()) == [ravi]
    circle = client.post(
        reverse("accounts:account_edit", args=[parent.number]),
        {"name": "Group", "status": "active", "parent": str(account.number)},
    )
    assert list(circle.context["form"].errors) == ["parent"]
    client.post(edit, {**facts, "primary_contact": ""})
    assert not account.contacts.primary().exists()
    assert priya.history.count() == 2
