"""One fact of an account, edited where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, name="Acme", owner=alice.user, region="West")


def url(account: Account, fact: str) -> str:
    return reverse("accounts:account_fact", args=[account.number, fact])


def test_the_form_comes_is_sent_and_gives_the_fact_back(
    acme: Account, alice: Membership, client_for: ClientFor
) -> None:
    client = client_for(alice)

    form = client.get(url(acme, "region"), headers=HTMX).content.decode()
    saved = client.post(url(acme, "region"), {"region": "<b>East</b>"}, headers=HTMX)

    acme.refresh_from_db()
    assert ('name="region"' in form, 'value="West"' in form, 'name="name"' in form) == (True, True, False)
    assert (acme.region, acme.name, acme.history.first().history_user) == ("<b>East</b>", "Acme", alice.user)
    assert "&lt;b&gt;East&lt;/b&gt;" in saved.content.decode()
    assert saved["HX-Trigger"] == '{"toast": {"text": "Region is saved.", "tone": "success"}}'
    assert 'name="region"' not in client.get(f"{url(acme, 'region')}?shown=1", headers=HTMX).content.decode()


def test_a_custom_field_is_edited_alone(acme: Account, alice: Membership, client_for: ClientFor) -> None:
    for name in ("Tier", "Other"):
        create_custom_field(organization=acme.organization, by=None, name=name, kind="choice", choices=["Gold"])
    Account.objects.filter(pk=acme.pk).update(custom_fields={"other": "Gold"})
    client = client_for(alice)

    wrong = client.post(url(acme, "cf_tier"), {"cf_tier": "Bronze"}, headers=HTMX)
    client.post(url(acme, "cf_tier"), {"cf_tier": "Gold"}, headers=HTMX)

    acme.refresh_from_db()
    assert (wrong.status_code, acme.custom_fields) == (422, {"other": "Gold", "tier": "Gold"})


def test_without_a_script_the_whole_form_opens_at_the_field(
    acme: Account, alice: Membership, client_for: ClientFor
) -> None:
    response = client_for(alice).get(url(acme, "region"))

    assert response["Location"] == f"/dashboard/accounts/{acme.number}/edit#id_region"
    assert client_for(alice).post(url(acme, "region"), {"region": "East"})["Location"] == acme.get_absolute_url()


def test_a_colleague_who_saved_meanwhile_is_not_overwritten(
    acme: Account, alice: Membership, amir: Membership, client_for: ClientFor
) -> None:
    seen = acme.updated_at.isoformat()
    client_for(amir).post(url(acme, "region"), {"region": "North", "seen_at": seen}, headers=HTMX)

    second = client_for(alice).post(url(acme, "region"), {"region": "South", "seen_at": seen}, headers=HTMX)

    acme.refresh_from_db()
    assert (second.status_code, acme.region) == (422, "North")
    assert "Somebody else changed this account" in second.content.decode()


def test_refusals_of_the_service_stand_in_the_form(acme: Account, alice: Membership, client_for: ClientFor) -> None:
    Account.objects.filter(pk=acme.pk).update(contract_end="2026-01-01")

    response = client_for(alice).post(url(acme, "contract_start"), {"contract_start": "2026-02-01"}, headers=HTMX)

    assert response.status_code == 422
    assert "The contract must not end before it starts." in response.content.decode()


@pytest.mark.parametrize(
    ("who", "fact", "status"),
    [
        ("alice", "owner", 404),
        ("alice", "health_score", 404),
        ("alice", "seen_at", 404),
        ("amir", "owner", 200),
        ("bob", "region", 403),
        ("rita", "region", 403),
        ("mallory", "region", 404),
    ],
)
def test_who_may_edit_which_fact(
    acme: Account, client_for: ClientFor, request: pytest.FixtureRequest, who: str, fact: str, status: int
) -> None:
    member: Any = request.getfixturevalue(who)

    assert client_for(member).get(url(acme, fact), headers=HTMX).status_code == status
