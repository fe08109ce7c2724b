"""The merge page: who may open it, what it promises, and that it does just that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from accounts.services.account import create_account, update_account
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

URL = "/dashboard/accounts/merge"
pytestmark = [pytest.mark.django_db]
ClientFor = Callable[[Membership], Client]


@pytest.fixture
def pair(mona: Membership) -> tuple[Account, Account]:
    """Accounts 1 and 2, with one common day."""
    acme = create_account(
        organization=mona.organization, by=mona.user, name="Acme", region="North", arr=Decimal(1000)
    )
    other = create_account(organization=mona.organization, by=mona.user, name="Acme Ltd", arr=Decimal(500), seats=9)
    DailyMetricsFactory(account=acme, date=date(2026, 11, 2))
    DailyMetricsFactory(account=other, date=date(2026, 11, 1))
    DailyMetricsFactory(account=other, date=date(2026, 11, 2))
    return acme, other


def confirm(client: Client, **changes: Any) -> dict[str, Any]:
    """What the preview's form would send."""
    form = client.get(f"{URL}?selected=1&selected=2").context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_the_preview_says_what_moves_and_which_facts_win(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    acme, other = pair

    response = client_for(mona).get(f"{URL}?selected=2&selected=1")

    preview = response.context["preview"]
    assert (preview.survivor, preview.others, preview.arr) == (acme, [other], Decimal("1500.00"))
    assert [(row.label, row.values, row.result) for row in preview.differing] == [
        ("Name", ["Acme", "Acme Ltd"], "Acme"),
        ("Region", ["North", ""], "North"),
        ("Seats", ["", "9"], "9"),
    ]
    moving = preview.moving[0]
    assert (moving.metric_days, moving.conflicts, moving.movements) == (1, [date(2026, 11, 2)], 1)
    assert "2 Nov 2026" in response.content.decode()
    assert mona.organization.accounts.archived().count() == 0


def test_another_survivor_can_be_chosen(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    preview = client_for(mona).get(f"{URL}?selected=1&selected=2&survivor=2").context["preview"]

    assert (preview.survivor, preview.others) == (pair[1], [pair[0]])


def test_confirming_merges_and_leads_to_the_one_account(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    acme, other = pair
    client = client_for(mona)

    response = client.post(URL, confirm(client, arr="1,200"))

    assert (response.status_code, response["Location"]) == (302, "/dashboard/accounts/1")
    acme.refresh_from_db()
    other.refresh_from_db()
    assert (acme.arr, acme.seats, other.merged_into) == (Decimal("1200.00"), 9, acme)
    assert acme.daily_metrics.count() == 2


def test_a_selection_of_the_list_leads_to_its_preview(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    response = client_for(mona).post(URL, {"selected": ["1", "2"], "owner": ""})

    assert response["Location"] == f"{URL}?selected=1&selected=2"
    assert "Merge…" in client_for(mona).get("/dashboard/accounts").content.decode()


def test_a_change_since_the_preview_stops_the_merge_and_shows_it_again(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    client = client_for(mona)
    body = confirm(client)
    update_account(account=pair[1], by=mona.user, region="South")

    response = client.post(URL, body)

    assert response.status_code == 422
    assert "Somebody else changed this account" in response.content.decode()
    assert mona.organization.accounts.archived().count() == 0


def test_an_account_is_found_and_added(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor
) -> None:
    AccountFactory(organization=mona.organization, name="Acme Cloud")

    response = client_for(mona).get(f"{URL}?selected=1&add=acme")

    assert [(str(account), url) for account, url in response.context["candidates"]] == [
        ("Acme Cloud", f"{URL}?selected=1&selected=3&survivor=1"),
        ("Acme Ltd", f"{URL}?selected=1&selected=2&survivor=1"),
    ]


@pytest.mark.parametrize("who", ["alice", "farah", "rita"])
def test_only_those_who_may_edit_every_account_get_there(
    pair: tuple[Account, Account], mona: Membership, client_for: ClientFor, who: str, request: pytest.FixtureRequest
) -> None:
    body = confirm(client_for(mona))
    client = client_for(request.getfixturevalue(who))

    assert client.get(URL).status_code == 403
    assert client.post(URL, body).status_code == 403
    assert mona.organization.accounts.archived().count() == 0


def test_another_organisation_neither_sees_nor_merges_them(
    pair: tuple[Account, Account], mona: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    body = confirm(client_for(mona))
    client = client_for(mallory)

    assert client.get(f"{URL}?selected=1&selected=2&add=Acme").context["chosen"] == []
    assert client.post(URL, body).status_code == 422
    assert mona.organization.accounts.archived().count() == 0


@pytest.mark.parametrize("others", [1, 3])
def test_the_preview_costs_the_same_for_any_number(
    mona: Membership, client_for: ClientFor, others: int, django_assert_max_num_queries: Any
) -> None:
    for each in range(others + 1):
        account = AccountFactory(organization=mona.organization, name=f"Acme {each}", owner=mona.user)
        DailyMetricsFactory(account=account, date=date(2026, 11, 1))
    query = "&".join(f"selected={each + 1}" for each in range(others + 1))
    client = client_for(mona)
    client.get("/dashboard/accounts")

    with django_assert_max_num_queries(24):
        response = client.get(f"{URL}?{query}")

    assert len(response.context["preview"].others) == others


# -- former names, on the edit page -----------------------------------------------------------------


def test_former_names_are_listed_and_removed_on_the_edit_page(mona: Membership, client_for: ClientFor) -> None:
    account = create_account(organization=mona.organization, by=mona.user, name="Acme")
    update_account(account=account, by=mona.user, name="Zenith")
    client = client_for(mona)

    assert [str(each) for each in client.get("/dashboard/accounts/1/edit").context["aliases"]] == ["Acme"]
    response = client.post(f"/dashboard/accounts/1/aliases/{account.aliases.get().pk}/remove")

    assert (response.status_code, response["Location"]) == (302, "/dashboard/accounts/1/edit")
    assert account.aliases.count() == 0


def test_a_colleagues_account_keeps_its_former_names(
    mona: Membership, bob: Membership, client_for: ClientFor
) -> None:
    account = create_account(organization=mona.organization, by=mona.user, name="Acme", owner=mona.user)
    update_account(account=account, by=mona.user, name="Zenith")

    response = client_for(bob).post(f"/dashboard/accounts/1/aliases/{account.aliases.get().pk}/remove")

    assert response.status_code == 403
    assert account.aliases.count() == 1
