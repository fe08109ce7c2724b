"""The pages that write one account, met by the whole cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import AccountStatus
from accounts.models import Account
from billing.selectors.mrr import arr_at
from csplatform.models import Membership
from csplatform.periods import today
from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.django_db]
ClientFor = Callable[[Membership], Client]
NEW = "/dashboard/accounts/new"


def facts(**changes: Any) -> dict[str, Any]:
    return {"name": "Acme", "status": "active"} | changes


def test_a_csm_makes_an_account_of_her_own(client_for: ClientFor, alice: Membership) -> None:
    response = client_for(alice).post(
        NEW, facts(name=" Acme ", arr="₹12,50,000.50", tags="vip, north", contract_end="2027-03-31", seats="40")
    )

    account = alice.organization.accounts.get()
    assert response.status_code == 302
    assert response["Location"] == account.get_absolute_url()
    assert (account.name, account.owner, account.arr, account.seats, account.contract_end) == (
        "Acme",
        alice.user,
        Decimal("1250000.50"),
        40,
        date(2027, 3, 31),
    )
    assert [tag.name for tag in account.tags.all()] == ["north", "vip"]
    assert arr_at(alice.organization, today(alice.organization)) == Decimal("1250000.50")


def test_a_manager_chooses_the_owner(client_for: ClientFor, mona: Membership, alice: Membership) -> None:
    client_for(mona).post(NEW, facts(owner=str(alice.uuid)))
    client_for(mona).post(NEW, facts(name="Zenith", owner=""))

    owners = dict(mona.organization.accounts.values_list("name", "owner"))
    assert owners == {"Acme": alice.user.pk, "Zenith": None}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "ACME cloud"}),  # taken
        ("arr", {"arr": "-1"}),
        ("arr", {"arr": "a lot"}),
        ("arr", {"arr": "1.234"}),
        ("seats", {"seats": "-1"}),
        ("segment", {"segment": "Startup"}),
        ("contract_end", {"contract_start": "2026-02-01", "contract_end": "2026-01-31"}),
        ("tags", {"tags": "t" * 61}),
    ],
)
def test_errors_stand_at_their_field_and_nothing_is_written(
    client_for: ClientFor, alice: Membership, field: str, changes: dict[str, str]
) -> None:
    AccountFactory(organization=alice.organization, name="Acme Cloud")

    response = client_for(alice).post(NEW, facts(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert alice.organization.accounts.count() == 1


def test_editing_keeps_what_the_form_shows(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user, name="Acme", region="North")
    client = client_for(alice)
    url = reverse("accounts:account_edit", args=[account.number])

    shown = client.get(url).context["form"].initial
    posted = {name: value for name, value in shown.items() if value is not None}
    response = client.post(url, posted | {"industry": "Retail"})

    stored = Account.objects.get(pk=account.pk)
    assert response.status_code == 302
    assert (stored.region, stored.industry, stored.owner) == ("North", "Retail", alice.user)


def test_the_second_of_two_editors_sees_why_nothing_was_saved(
    client_for: ClientFor, alice: Membership, mona: Membership
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user, name="Acme")
    url = reverse("accounts:account_edit", args=[account.number])
    seen_at = account.updated_at.isoformat()
    client_for(mona).post(url, facts(region="South", owner=str(alice.uuid), seen_at=seen_at))

    response = client_for(alice).post(url, facts(region="North", seen_at=seen_at))

    account.refresh_from_db()
    assert account.region == "South"
    assert b"Somebody else changed this account" in response.content


def test_an_account_is_found_by_number_or_uuid(client_for: ClientFor, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization)

    for key in (account.number, account.uuid):
        assert client_for(mona).get(f"/dashboard/accounts/{key}/edit").status_code == 200
    assert client_for(mona).get(f"/dashboard/accounts/{'9' * 18}/edit").status_code == 404


@pytest.mark.parametrize("page", ["account_edit", "account_churn"])
def test_who_may_open_which_form(
    client_for: ClientFor,
    alice: Membership,
    bob: Membership,
    mona: Membership,
    farah: Membership,
    rita: Membership,
    mallory: Membership,
    page: str,
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    url = reverse(f"accounts:{page}", args=[account.number])

    answers = {
        member.user.name: client_for(member).get(url).status_code
        for member in (alice, bob, mona, farah, rita, mallory)
    }

    assert answers == {"Alice": 200, "Bob": 403, "Mona": 200, "Farah": 403, "Rita": 403, "Mallory": 404}
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("action", ["account_edit", "account_churn", "account_archive", "account_restore"])
def test_refused_writes_change_nothing(
    client_for: ClientFor, alice: Membership, bob: Membership, rita: Membership, mallory: Membership, action: str
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user, name="Acme", arr=100)
    url = reverse(f"accounts:{action}", args=[account.number])
    body = facts(name="Mine now", on="2026-01-01")

    assert [client_for(member).post(url, body).status_code for member in (bob, rita, mallory)] == [403, 403, 404]

    account.refresh_from_db()
    assert (account.name, account.status, account.arr, account.archived_at) == ("Acme", "active", 100, None)


def test_churning_from_its_page(client_for: ClientFor, alice: Membership) -> None:
    client_for(alice).post(NEW, facts(arr="120000"))
    account = alice.organization.accounts.get()
    day = today(alice.organization)

    response = client_for(alice).post(
        reverse("accounts:account_churn", args=[account.number]), {"on": day.isoformat(), "reason": "Price"}
    )

    account.refresh_from_db()
    assert response.status_code == 302
    assert (account.status, account.churned_on, account.arr, account.churn_reason) == (
        AccountStatus.CHURNED,
        day,
        0,
        "Price",
    )


def test_archiving_and_restoring(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    client_for(alice).post(reverse("accounts:account_archive", args=[account.number]))
    assert not alice.organization.accounts.unarchived().exists()
    edit = client_for(alice).get(reverse("accounts:account_edit", args=[account.number])).content.decode()
    assert reverse("accounts:account_restore", args=[account.number]) in edit

    client_for(alice).post(reverse("accounts:account_restore", args=[account.number]))
    assert alice.organization.accounts.unarchived().get() == account
