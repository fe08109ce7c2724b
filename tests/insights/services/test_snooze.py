"""Putting accounts off, and what brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.exceptions import AccountArchived
from accounts.models import Account
from csplatform.models import Membership
from insights.models import AttentionSnooze
from insights.selectors.today.ranking import day_list
from insights.selectors.today.scope import DayScope
from insights.services.snooze import InvalidSnooze, snooze_account, wake_account
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(alice: Membership) -> Account:
    """Critical, so on the list every day."""
    return AccountFactory(
        organization=alice.organization,
        name="Acme",
        owner=alice.user,
        health_score=Decimal("30.0"),
        contract_end=date(2027, 1, 31),
    )


def is_listed(member: Membership, account: Account, *, on: date = TODAY) -> bool:
    now = NOW + (on - TODAY)
    rows = day_list(DayScope(member=member, scope="all", now=now)).rows
    return account.pk in {row.account_id for row in rows}


def test_it_is_off_until_the_day_and_only_for_who_put_it_off(
    alice: Membership, bob: Membership, account: Account
) -> None:
    snooze_account(account=account, member=alice, kind="date", until=date(2026, 11, 23))

    assert not is_listed(alice, account)
    assert not is_listed(alice, account, on=date(2026, 11, 22))
    assert is_listed(alice, account, on=date(2026, 11, 23))
    assert is_listed(bob, account)


def test_it_is_back_when_the_renewal_is_near(alice: Membership, account: Account) -> None:
    snooze_account(account=account, member=alice, kind="renewal", renewal_days=60)

    assert not is_listed(alice, account, on=date(2026, 12, 1))  # 61 days before 31 January
    assert is_listed(alice, account, on=date(2026, 12, 2))  # 60


def test_it_is_back_when_its_health_changes_band(alice: Membership, account: Account) -> None:
    snooze_account(account=account, member=alice, kind="band")
    Account.objects.filter(pk=account.pk).update(health_score=Decimal("39.9"))
    assert not is_listed(alice, account)

    Account.objects.filter(pk=account.pk).update(health_score=None)

    assert AttentionSnooze.objects.get().is_over(today=TODAY, renews_on=None, band="", has_news=False)


@pytest.mark.parametrize(("actor", "is_back"), [("alice", False), ("bob", True), (None, True)])
def test_it_is_back_when_somebody_else_does_something(
    alice: Membership, bob: Membership, account: Account, actor: str | None, is_back: bool
) -> None:
    people = {"alice": alice.user, "bob": bob.user, None: None}
    organization = alice.organization
    organization.activities.create(account=account, kind="note", title="Before", occurred_at=NOW, actor=bob.user)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        snooze_account(account=account, member=alice, kind="news")
    assert not is_listed(alice, account)

    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        organization.activities.create(
            account=account, kind="note", title="After", occurred_at=NOW, actor=people[actor]
        )

    assert is_listed(alice, account) is is_back


def test_nothing_is_forgotten(alice: Membership, account: Account) -> None:
    snooze_account(account=account, member=alice, kind="news")

    assert not is_listed(alice, account, on=TODAY + timedelta(days=89))
    assert is_listed(alice, account, on=TODAY + timedelta(days=90))


def test_asked_for_twice_it_is_put_off_once_and_another_wish_replaces_the_first(
    alice: Membership, account: Account
) -> None:
    first = snooze_account(account=account, member=alice, kind="band")
    again = snooze_account(account=account, member=alice, kind="band")
    other = snooze_account(account=account, member=alice, kind="news")

    assert again == first
    assert list(alice.organization.attention_snoozes.going()) == [other]
    assert other.words == "until something new happens"
    kinds = AttentionSnooze.history.order_by("history_id").values_list("history_type", "kind", "history_user")
    assert list(kinds) == [
        ("+", "band", alice.user.pk),
        ("~", "band", alice.user.pk),
        ("+", "news", alice.user.pk),
    ]


def test_it_can_be_taken_back_and_taking_back_twice_is_nothing(alice: Membership, account: Account) -> None:
    snooze_account(account=account, member=alice, kind="band")

    assert wake_account(account=account, member=alice) is True
    assert wake_account(account=account, member=alice) is False
    assert is_listed(alice, account)


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"kind": "later"}, "kind", "It takes date, renewal, band, news."),
        ({"kind": "date"}, "until", "It takes a day after today, up to 18 Feb 2027."),
        ({"kind": "date", "until": TODAY}, "until", "It takes a day after today, up to 18 Feb 2027."),
        ({"kind": "date", "until": date(2027, 2, 19)}, "until", "It takes a day after today, up to 18 Feb 2027."),
        ({"kind": "renewal", "renewal_days": 0}, "renewal_days", "It takes a whole number from 1 to 365."),
        ({"kind": "renewal", "renewal_days": 72}, "renewal_days", "Its renewal is that near already."),
    ],
)
def test_what_makes_no_sense_is_refused(
    alice: Membership, account: Account, facts: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidSnooze) as refusal:
        snooze_account(account=account, member=alice, **facts)

    assert refusal.value.errors == {field: [sentence]}
    assert AttentionSnooze.objects.count() == 0


def test_an_archived_account_and_one_without_a_term(alice: Membership, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(contract_end=None)
    with pytest.raises(InvalidSnooze, match="No renewal is known"):
        snooze_account(account=account, member=alice, kind="renewal", renewal_days=30)

    Account.objects.filter(pk=account.pk).update(archived_at=NOW)
    with pytest.raises(AccountArchived):
        snooze_account(account=account, member=alice, kind="band")
