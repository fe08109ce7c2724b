"""Narrowing accounts."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from accounts.enums import AccountStatus
from accounts.permissions import can_assign_owners, can_edit_account, editable_accounts
from csplatform.models import Membership, Organization, TeamMember
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import TeamFactory

pytestmark = [pytest.mark.django_db]


def test_open_accounts_are_neither_archived_nor_churned(organization: Organization) -> None:
    active = AccountFactory(organization=organization)
    AccountFactory(organization=organization, archived_at=timezone.now())
    churned = AccountFactory(organization=organization, status=AccountStatus.CHURNED)

    assert list(organization.accounts.open()) == [active]
    assert list(organization.accounts.unarchived()) == [active, churned]


def test_scopes_follow_owner_and_teams(alice: Membership, bob: Membership, rita: Membership) -> None:
    organization = alice.organization
    team = TeamFactory(organization=organization)
    for member in (alice, bob):
        TeamMember.objects.create(organization=organization, team=team, membership=member)
    hers = AccountFactory(organization=organization, owner=alice.user)
    his = AccountFactory(organization=organization, owner=bob.user)
    nobodys = AccountFactory(organization=organization)
    teams = AccountFactory(organization=organization, team=team)

    def scope(member: Membership, name: str) -> set[object]:
        return set(organization.accounts.for_member_scope(member, name))

    assert scope(alice, "all") == {hers, his, nobodys, teams}
    assert scope(alice, "my_accounts") == {hers}
    assert scope(alice, "team_accounts") == {hers, his}
    assert scope(rita, "team_accounts") == set()


def test_who_may_edit_which_account(
    alice: Membership, bob: Membership, mona: Membership, farah: Membership, rita: Membership, mallory: Membership
) -> None:
    organization = alice.organization
    team = TeamFactory(organization=organization)
    TeamMember.objects.create(organization=organization, team=team, membership=bob)
    hers = AccountFactory(organization=organization, owner=alice.user)
    teams = AccountFactory(organization=organization, team=team)

    assert can_edit_account(alice, hers)
    assert not can_edit_account(alice, teams)
    assert can_edit_account(bob, teams)
    assert not can_edit_account(bob, hers)  # a colleague without a common team
    assert can_edit_account(mona, hers)
    assert not can_edit_account(farah, hers)
    assert not can_edit_account(rita, hers)
    assert not can_edit_account(mallory, hers)
    assert set(editable_accounts(mona)) == {hers, teams}
    assert can_assign_owners(mona)
    assert not can_assign_owners(alice)


def test_teammates_may_edit_each_others_accounts(alice: Membership, bob: Membership) -> None:
    team = TeamFactory(organization=alice.organization)
    hers = AccountFactory(organization=alice.organization, owner=alice.user)
    for member in (alice, bob):
        TeamMember.objects.create(organization=alice.organization, team=team, membership=member)

    assert can_edit_account(bob, hers)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("acm", ["Acme", "Äcme 50%"][:1]),
        ("ÄCME", ["Äcme 50%"]),
        ("50%", ["Äcme 50%"]),
        ("2", ["Zenith"]),  # its number
        ("CRM-7", ["Zenith"]),
        ("crm", []),  # ids are whole
        ("٣", []),  # a digit, but not of ours
        ("9" * 30, []),
        ("", ["Acme", "Zenith", "Äcme 50%"]),
    ],
)
def test_search(organization: Organization, text: str, names: list[str]) -> None:
    AccountFactory(organization=organization, name="Acme")
    AccountFactory(organization=organization, name="Zenith", external_id="CRM-7")
    AccountFactory(organization=organization, name="Äcme 50%")

    assert sorted(organization.accounts.search(text).values_list("name", flat=True)) == names


def test_renewals_ahead_include_today_and_the_last_day(organization: Organization) -> None:
    today = date(2026, 11, 20)
    for end in [date(2026, 11, 19), today, date(2027, 2, 18), date(2027, 2, 19), None]:
        AccountFactory(organization=organization, contract_end=end)

    # 20 November and 90 days is 18 February.
    ends = organization.accounts.renewing_within(90, today=today).values_list("contract_end", flat=True)
    assert sorted(ends) == [today, date(2027, 2, 18)]
    assert organization.accounts.renewal_overdue(today=today).count() == 1
