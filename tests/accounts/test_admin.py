"""The admin site writes accounts through the services."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.services.account import create_account
from accounts.services.merge import merge_accounts
from billing.selectors.mrr import arr_at
from csplatform.models import Membership
from csplatform.periods import today
from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.django_db]
ClientFor = Callable[[Membership], Client]
FACTS = {"name": "Acme", "status": "active", "arr": "120000"}


@pytest.fixture
def site(client_for: ClientFor, amir: Membership) -> Client:
    amir.user.is_superuser = amir.user.is_staff = True
    amir.user.save()
    return client_for(amir)


def test_an_account_added_in_the_admin_has_its_number_and_ledger(site: Client, amir: Membership) -> None:
    response = site.post(reverse("admin:accounts_account_add"), FACTS | {"organization": amir.organization_id})

    account = amir.organization.accounts.get()
    assert response.status_code == 302
    assert (account.number, account.name_key, account.history.get().history_user) == (1, "acme", amir.user)
    assert arr_at(amir.organization, today(amir.organization)) == Decimal("120000.00")


def test_a_change_in_the_admin_posts_to_the_ledger(site: Client, amir: Membership) -> None:
    site.post(reverse("admin:accounts_account_add"), FACTS | {"organization": amir.organization_id})
    account = amir.organization.accounts.get()

    site.post(reverse("admin:accounts_account_change", args=[account.pk]), FACTS | {"arr": "240000"})

    account.refresh_from_db()
    assert account.arr == 240000
    assert arr_at(amir.organization, today(amir.organization)) == Decimal("240000.00")


def test_a_refusal_is_told_and_changes_nothing(site: Client, amir: Membership) -> None:
    AccountFactory(organization=amir.organization, name="Acme")
    other = AccountFactory(organization=amir.organization, name="Zenith")

    response = site.post(reverse("admin:accounts_account_change", args=[other.pk]), FACTS, follow=True)

    other.refresh_from_db()
    assert other.name == "Zenith"
    assert "There is another account called" in response.content.decode()


def test_the_lists_open(site: Client, amir: Membership) -> None:
    account = AccountFactory(organization=amir.organization)

    for name in ("accounts_account", "accounts_tag", "accounts_accounttag", "billing_mrrmovement"):
        assert site.get(f"{reverse(f'admin:{name}_changelist')}?q=a").status_code == 200
    assert site.get(reverse("admin:accounts_account_history", args=[account.pk])).status_code == 200


def test_archiving_and_restoring_from_the_list(site: Client, amir: Membership) -> None:
    account = AccountFactory(organization=amir.organization)
    url = reverse("admin:accounts_account_changelist")

    site.post(url, {"action": "archive", "_selected_action": account.pk})
    assert Account.objects.get(pk=account.pk).is_archived

    site.post(url, {"action": "restore", "_selected_action": account.pk})
    assert not Account.objects.get(pk=account.pk).is_archived


def test_a_merged_account_is_not_restored_from_the_list(site: Client, amir: Membership) -> None:
    acme = create_account(organization=amir.organization, by=amir.user, name="Acme")
    other = create_account(organization=amir.organization, by=amir.user, name="Acme Ltd")
    merge_accounts(into=acme, others=[other], by=amir.user)

    response = site.post(
        reverse("admin:accounts_account_changelist"),
        {"action": "restore", "_selected_action": other.pk},
        follow=True,
    )

    other.refresh_from_db()
    assert (response.status_code, other.is_archived) == (200, True)
    assert [str(message).partition(":")[0] for message in response.context["messages"]] == ["Acme Ltd"]
