"""ARR has one source: where another room knows it, what people, files and merges say is refused or kept out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import arr_sources
from accounts.exceptions import InvalidAccount
from accounts.models import Account
from accounts.services.account import create_account, update_account
from accounts.services.import_accounts import settle_arr
from accounts.services.merge import merge_accounts
from csplatform.models import Membership, Organization

pytestmark = pytest.mark.django_db
SUBSCRIBED = Decimal("120000.00")


@pytest.fixture
def subscribed(monkeypatch: pytest.MonkeyPatch, organization: Organization) -> Iterator[Account]:
    """An account whose ARR somebody else knows."""
    account = create_account(organization=organization, by=None, name="Acme", arr=SUBSCRIBED)

    def source(_: Organization, account_ids: Collection[int]) -> Mapping[int, Decimal]:
        return {account.pk: SUBSCRIBED} if account.pk in account_ids else {}

    monkeypatch.setattr(arr_sources, "_sources", [source])
    return account


def test_another_arr_is_refused_and_nothing_is_written(subscribed: Account, amir: Membership) -> None:
    with pytest.raises(InvalidAccount) as refusal:
        update_account(account=subscribed, by=amir.user, name="Renamed", arr=Decimal(130000))

    assert refusal.value.errors == {
        "arr": ["It comes from the account's subscriptions (₹1,20,000 a year). Change those instead."]
    }
    stored = Account.objects.get(pk=subscribed.pk)
    assert (stored.name, stored.arr) == ("Acme", SUBSCRIBED)


@pytest.mark.parametrize("arr", [None, Decimal(0)])
def test_it_cannot_be_emptied_either(subscribed: Account, amir: Membership, arr: Decimal | None) -> None:
    with pytest.raises(InvalidAccount):
        update_account(account=subscribed, by=amir.user, arr=arr)


def test_the_same_arr_and_other_facts_are_welcome(subscribed: Account, amir: Membership) -> None:
    stored = update_account(account=subscribed, by=amir.user, arr=Decimal("120000"), region="Pune")

    assert (stored.arr, stored.region) == (SUBSCRIBED, "Pune")


def test_a_file_keeps_theirs_and_says_so(subscribed: Account, organization: Organization) -> None:
    other = create_account(organization=organization, by=None, name="Beta", arr=Decimal(60000))
    reported = {each.pk: [(date(2026, 11, 1), Decimal(99000))] for each in (subscribed, other)}

    notices = settle_arr(organization=organization, reported=reported, by=None, cause="file", now=timezone.now())

    assert notices == ["Acme has subscriptions, so its ARR stays at ₹1,20,000."]
    arrs = organization.accounts.order_by("number").values_list("arr", flat=True)
    assert list(arrs) == [SUBSCRIBED, Decimal("99000.00")]


def test_a_merge_pays_what_the_subscriptions_come_to(subscribed: Account, organization: Organization) -> None:
    """The duplicate's imported figure was about the same customer, so it is not added."""
    other = create_account(organization=organization, by=None, name="Acme Ltd", arr=Decimal(60000))

    with pytest.raises(InvalidAccount, match="₹1,20,000 a year"):
        merge_accounts(into=other, others=[subscribed], by=None, arr=Decimal(180000))

    assert merge_accounts(into=other, others=[subscribed], by=None).arr == SUBSCRIBED
