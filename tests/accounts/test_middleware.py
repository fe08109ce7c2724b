"""The addresses of a merged account lead to the one it became."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import create_account
from accounts.services.merge import merge_accounts
from csplatform.models import Membership

pytestmark = [pytest.mark.django_db]
ClientFor = Callable[[Membership], Client]
ApiFor = Callable[..., APIClient]


@pytest.fixture
def duplicate(mona: Membership) -> Account:
    """Account 2, merged into account 1."""
    acme = create_account(organization=mona.organization, by=mona.user, name="Acme")
    other = create_account(organization=mona.organization, by=mona.user, name="Acme Ltd")
    merge_accounts(into=acme, others=[other], by=mona.user)
    return other


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/dashboard/accounts/{}", "/dashboard/accounts/1"),
        ("/dashboard/accounts/{}/health?days=90", "/dashboard/accounts/1/health?days=90"),
        ("/dashboard/accounts/{}/health/metrics", "/dashboard/accounts/1/health/metrics"),
        ("/dashboard/accounts/{}/edit", "/dashboard/accounts/1/edit"),
    ],
)
def test_pages_lead_to_the_survivors_by_number_and_by_uuid(
    duplicate: Account, mona: Membership, client_for: ClientFor, path: str, there: str
) -> None:
    for key in (duplicate.number, duplicate.uuid):
        response = client_for(mona).get(path.format(key))

        assert (response.status_code, response["Location"]) == (302, there)


@pytest.mark.parametrize(
    ("method", "path", "there"),
    [
        ("get", "/accounts/2", "/accounts/1"),
        ("get", "/api/accounts/2/health", "/api/accounts/1/health"),
        ("post", "/insights/account/2", "/insights/account/1"),
        ("post", "/actions/recommend?account_id=2", "/actions/recommend?account_id=1"),
    ],
)
def test_the_api_leads_there_too_with_the_same_method(
    duplicate: Account, mona: Membership, api_for: ApiFor, method: str, path: str, there: str
) -> None:
    response = getattr(api_for(mona), method)(path)

    assert (response.status_code, response["Location"]) == (307, there)
    assert getattr(api_for(mona), method)(there, {}, format="json").status_code == 200


@pytest.mark.parametrize("action", ["edit", "churn", "archive", "restore"])
def test_a_form_still_open_on_a_merged_account_changes_nothing_and_its_sender_is_told(
    duplicate: Account, mona: Membership, client_for: ClientFor, action: str
) -> None:
    client = client_for(mona)

    response = client.post(f"/dashboard/accounts/2/{action}", {"name": "Other", "status": "active"}, follow=True)

    assert response.redirect_chain == [("/dashboard/accounts/1", 303)]
    assert [str(message) for message in response.context["messages"]] == [
        "Acme Ltd was merged into Acme meanwhile; nothing was changed."
    ]
    duplicate.refresh_from_db()
    assert (duplicate.name, duplicate.is_archived) == ("Acme Ltd", True)


def test_strangers_find_neither(duplicate: Account, mallory: Membership, client_for: ClientFor) -> None:
    assert client_for(mallory).get(f"/dashboard/accounts/{duplicate.uuid}").status_code == 404
