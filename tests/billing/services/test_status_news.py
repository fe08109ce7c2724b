"""What ends with an account ends in the same way however many leave at once, and by whichever door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import churn_account, update_account
from accounts.services.bulk import submit_bulk
from billing.services.subscription import ItemFacts, start_subscription
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.documents import D
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
ApiFor = Callable[..., APIClient]
Door = Callable[[APIClient, Membership, Account, str], None]


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-20T06:00Z", tick=True):
        yield


def by_service(api: APIClient, mona: Membership, account: Account, status: str) -> None:
    if status == "churned":
        churn_account(account=account, by=mona.user)
    else:
        update_account(account=account, by=mona.user, status=status)


def by_api(api: APIClient, mona: Membership, account: Account, status: str) -> None:
    body = {"ids": [str(account.uuid)], "action": "set_status", "value": status}
    answer = api.post("/api/accounts/bulk", body, format="json")
    assert answer.status_code == 200, answer.content


def in_bulk(api: APIClient, mona: Membership, account: Account, status: str) -> None:
    chosen = mona.organization.accounts.filter(pk=account.pk)
    assert submit_bulk(member=mona, action="set_status", value=status, accounts=chosen).changed == 1


def by_file(api: APIClient, mona: Membership, account: Account, status: str) -> None:
    file = SimpleUploadedFile("accounts.csv", f"name,status\n{account.name},{status}\n".encode())
    answer = api.post("/api/imports", {"file": file, "kind": "accounts"}, format="multipart")
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("door", [by_service, by_api, in_bulk, by_file])
def test_subscription_renewal_ledger_and_timeline_follow_by_every_door(
    door: Door, api_for: ApiFor, mona: Membership
) -> None:
    organization = mona.organization
    account = AccountFactory(organization=organization, name="Acme")
    items = [ItemFacts(product=ProductFactory(organization=organization), unit_price=D(1000))]
    subscription = start_subscription(
        account=account, items=items, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), by=None
    )
    assert organization.renewals.get().status == "not_started"

    door(api_for(mona), mona, account, "churned")

    account.refresh_from_db()
    subscription.refresh_from_db()
    assert (account.status, account.arr, account.churned_on) == ("churned", 0, TODAY)
    assert subscription.cancelled_on == TODAY
    assert organization.renewals.get().status == "closed"
    # 1,000 a month until yesterday, and nothing from today on.
    assert sum(organization.mrr_movements.values_list("amount", flat=True)) == 0
    lines = account.activities.filter(kind="churn", title="Status: Active → Churned")
    assert [line.actor for line in lines] == [mona.user]
    call_command("check_ledger", organization=organization.slug)


@pytest.mark.parametrize("door", [by_service, by_api, in_bulk, by_file])
def test_who_comes_back_has_the_renewal_of_their_contract(door: Door, api_for: ApiFor, mona: Membership) -> None:
    organization = mona.organization
    account = AccountFactory(
        organization=organization,
        name="Acme",
        status="churned",
        churned_on=date(2026, 6, 1),
        contract_end=date(2026, 12, 31),
    )

    door(api_for(mona), mona, account, "active")

    account.refresh_from_db()
    assert (account.status, account.churned_on) == ("active", None)
    assert organization.renewals.get().status == "not_started"
    assert account.activities.filter(kind="account", title="Status: Churned → Active", actor=mona.user).count() == 1


def test_a_file_leaves_the_contract_to_the_subscriptions_and_says_so(api_for: ApiFor, mona: Membership) -> None:
    organization = mona.organization
    items = [ItemFacts(product=ProductFactory(organization=organization), unit_price=D(1000))]
    acme, plain = (AccountFactory(organization=organization, name=name) for name in ("Acme", "Plain"))
    start_subscription(account=acme, items=items, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), by=None)
    text = (
        "name,contract_start,contract_end,region\n"
        "Acme,2026-02-01,2027-01-31,South\nPlain,2026-02-01,2027-01-31,South\n"
    )
    file = SimpleUploadedFile("accounts.csv", text.encode())

    done = api_for(mona).post("/api/imports", {"file": file, "kind": "accounts"}, format="multipart").json()

    acme.refresh_from_db()
    plain.refresh_from_db()
    assert (acme.contract_start, acme.contract_end) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (plain.contract_start, plain.contract_end) == (date(2026, 2, 1), date(2027, 1, 31))
    assert (acme.region, plain.region) == ("South", "South")
    assert done["notices"] == [
        "Acme has subscriptions, so its contract stays as they say: 1 Jan 2026 to 31 Dec 2026."
    ]
