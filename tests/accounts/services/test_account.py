"""Creating, changing, churning, handing over and archiving accounts."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.enums import AccountStatus
from accounts.exceptions import AccountAlreadyChurned, AccountArchived, AccountChangedMeanwhile, InvalidAccount
from accounts.models import Account
from accounts.selectors.account_group import account_group
from accounts.services import account as services
from accounts.services.account import assign_owner, churn_account, create_account, update_account
from billing.selectors.mrr import arr_at, mrr_at
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization
from csplatform.signals import member_deactivated
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import TeamFactory

TODAY = date(2026, 11, 20)
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC), tick=True) as clock:
        yield clock


def test_accounts_are_numbered_from_one_in_each_organisation(alice: Membership, mallory: Membership) -> None:
    first = create_account(organization=alice.organization, by=alice.user, name="Acme")
    second = create_account(organization=alice.organization, by=alice.user, name="Zenith")
    elsewhere = create_account(organization=mallory.organization, by=None, name="Acme")

    assert [first.number, second.number, elsewhere.number] == [1, 2, 1]


def test_creating_writes_facts_tags_history_and_the_ledger(alice: Membership) -> None:
    organization = alice.organization

    account = create_account(
        organization=organization,
        by=alice.user,
        name="  Acme  ",
        tags=["vip", " vip ", "north"],
        arr=Decimal("1200000"),
        owner=alice.user,
        segment="Enterprise",
    )

    account.refresh_from_db()
    assert (account.name, account.name_key, account.segment, account.owner) == (
        "Acme",
        "acme",
        "Enterprise",
        alice.user,
    )
    assert [tag.name for tag in account.tags.all()] == ["north", "vip"]
    history = account.history.get()
    assert (history.history_user, history.organization, history.arr) == (
        alice.user,
        organization,
        Decimal("1200000.00"),
    )
    assert mrr_at(organization, TODAY) == Decimal("100000.00")


@pytest.mark.parametrize("name", ["acme", " ACME ", "Acme\u00a0"])
def test_a_taken_name_is_refused_and_takes_no_number(alice: Membership, name: str) -> None:
    create_account(organization=alice.organization, by=alice.user, name="Acme")

    with pytest.raises(InvalidAccount) as refusal:
        create_account(organization=alice.organization, by=alice.user, name=name)

    assert list(refusal.value.errors or {}) == ["name"]
    assert alice.organization.accounts.count() == 1
    assert create_account(organization=alice.organization, by=alice.user, name="Zenith").number == 2


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("name", {"name": " \u200b "}),
        ("name", {"name": "Ac\x00me"}),
        ("name", {"name": "A" * 256}),
        ("arr", {"name": "Acme", "arr": Decimal("-1")}),
        ("arr", {"name": "Acme", "arr": Decimal("12345678901")}),
        ("status", {"name": "Acme", "status": "gone"}),
        ("segment", {"name": "Acme", "segment": "Startup"}),
        ("size", {"name": "Acme", "size": "huge"}),
        ("tags", {"name": "Acme", "tags": ["t" * 61]}),
        (
            "contract_end",
            {"name": "Acme", "contract_start": date(2026, 2, 1), "contract_end": date(2026, 1, 31)},
        ),
    ],
)
def test_what_cannot_be_is_refused_by_field(alice: Membership, field: str, facts: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_account(organization=alice.organization, by=alice.user, **facts)

    assert list(refusal.value.errors or {}) == [field]
    assert not alice.organization.accounts.exists()


@pytest.mark.parametrize("character", ["\u202e", "\u202a", "\u2067", "\u200f", "\u061c"])
def test_a_name_that_turns_the_direction_of_text_is_refused(alice: Membership, character: str) -> None:
    with pytest.raises(InvalidAccount) as refusal:
        create_account(organization=alice.organization, by=alice.user, name=f"Acme {character}dtL")

    assert refusal.value.errors == {
        "name": ["The name holds an invisible character that turns the direction of text around; remove it."]
    }
    assert not alice.organization.accounts.exists()


def test_owner_and_team_must_be_the_organisations_own(alice: Membership, mallory: Membership) -> None:
    with pytest.raises(InvalidAccount, match="owner"):
        create_account(organization=alice.organization, by=alice.user, name="Acme", owner=mallory.user)
    with pytest.raises(InvalidAccount, match="team"):
        create_account(
            organization=alice.organization,
            by=alice.user,
            name="Acme",
            team=TeamFactory(organization=mallory.organization),
        )

    assert not alice.organization.accounts.exists()


def test_an_update_that_changes_nothing_writes_nothing(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme", tags=["vip"])

    same = update_account(account=account, by=alice.user, name="Acme", tags=["vip"], region="")

    assert same.updated_at == account.updated_at
    assert account.history.count() == 1


def test_an_update_keeps_what_is_left_out_and_posts_the_new_arr(alice: Membership) -> None:
    account = create_account(
        organization=alice.organization, by=alice.user, name="Acme", arr=Decimal(120000), region="North"
    )

    changed = update_account(account=account, by=alice.user, arr=Decimal("240000"))

    assert (changed.region, changed.arr) == ("North", Decimal(240000))
    assert arr_at(alice.organization, TODAY) == Decimal("240000.00")
    assert account.history.count() == 2


def test_the_second_of_two_editors_is_told(alice: Membership, bob: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme")
    seen_at = account.updated_at
    update_account(account=account, by=bob.user, region="South", seen_at=seen_at)

    with pytest.raises(AccountChangedMeanwhile):
        update_account(account=account, by=alice.user, region="North", seen_at=seen_at)

    account.refresh_from_db()
    assert account.region == "South"


def test_churning_ends_the_arr_on_the_first_day_without_service(alice: Membership) -> None:
    organization = alice.organization
    with time_machine.travel(datetime(2026, 11, 1, 6, tzinfo=UTC)):
        account = create_account(organization=organization, by=alice.user, name="Acme", arr=Decimal(120000))

    churned = churn_account(account=account, by=alice.user, on=date(2026, 11, 18), reason="Price")

    assert (churned.status, churned.arr, churned.churned_on, churned.churn_reason) == (
        AccountStatus.CHURNED,
        0,
        date(2026, 11, 18),
        "Price",
    )
    assert mrr_at(organization, date(2026, 11, 17)) == Decimal("10000.00")
    assert mrr_at(organization, date(2026, 11, 18)) == 0
    with pytest.raises(AccountAlreadyChurned):
        churn_account(account=account, by=alice.user)


def test_churn_is_not_dated_ahead(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme", arr=Decimal(120000))

    with pytest.raises(InvalidAccount, match="ahead"):
        churn_account(account=account, by=alice.user, on=TODAY + timedelta(days=1))

    account.refresh_from_db()
    assert (account.status, account.arr) == (AccountStatus.ACTIVE, Decimal(120000))


def test_status_churned_by_an_edit_ends_the_arr_and_coming_back_forgets_the_day(alice: Membership) -> None:
    account = create_account(organization=alice.organization, by=alice.user, name="Acme", arr=Decimal(120000))

    churned = update_account(account=account, by=alice.user, status=AccountStatus.CHURNED)
    assert (churned.arr, churned.churned_on) == (0, TODAY)

    with pytest.raises(InvalidAccount, match="pays nothing"):
        update_account(account=account, by=alice.user, arr=Decimal(60000))

    back = update_account(account=account, by=alice.user, status=AccountStatus.ACTIVE, arr=Decimal(60000))
    assert (back.churned_on, back.arr) == (None, Decimal(60000))
    assert arr_at(alice.organization, TODAY) == Decimal("60000.00")


def test_owners_are_assigned_in_bulk_with_history(alice: Membership, bob: Membership, mallory: Membership) -> None:
    organization = alice.organization
    mine = AccountFactory(organization=organization, owner=alice.user)
    unowned = AccountFactory.create_batch(2, organization=organization)
    foreign = AccountFactory(organization=mallory.organization)

    moved = assign_owner(organization=organization, accounts=Account.objects.all(), owner=alice.user, by=bob.user)

    foreign.refresh_from_db()
    assert moved == 2  # one was hers already
    assert foreign.owner is None
    assert set(organization.accounts.owned_by(alice.user)) == {mine, *unowned}
    assert unowned[0].history.first().history_user == bob.user
    assert unowned[0].history.first().owner == alice.user


def test_an_owner_who_left_is_refused(alice: Membership, bob: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    bob.is_active = False
    bob.save()

    with pytest.raises(InvalidAccount, match="active member"):
        assign_owner(
            organization=alice.organization, accounts=alice.organization.accounts.all(), owner=bob.user, by=None
        )

    account.refresh_from_db()
    assert account.owner is None


def test_accounts_of_a_member_who_leaves_go_to_the_successor(alice: Membership, bob: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    member_deactivated.send(sender=Membership, member=alice, successor=bob, by=None)

    account.refresh_from_db()
    assert account.owner == bob.user


def test_archiving_hides_an_account_but_keeps_its_past(alice: Membership) -> None:
    organization = alice.organization
    account = create_account(organization=organization, by=alice.user, name="Acme", arr=Decimal(120000))

    services.archive_account(account=account, by=alice.user)

    assert not organization.accounts.unarchived().exists()
    assert mrr_at(organization, TODAY) == Decimal("10000.00")
    with pytest.raises(AccountArchived):
        update_account(account=account, by=alice.user, region="North")

    services.restore_account(account=account, by=alice.user)

    assert organization.accounts.open().get() == account


def test_a_vip_tag_is_one_row_for_the_organisation(organization: Organization) -> None:
    create_account(organization=organization, by=None, name="Acme", tags=["vip"])
    zenith = create_account(organization=organization, by=None, name="Zenith", tags=["vip", "north"])

    update_account(account=zenith, by=None, tags=["vip"])

    assert organization.account_tags.filter(name="vip").count() == 1
    assert organization.accounts.tagged("vip").count() == 2
    assert not organization.accounts.tagged("north").exists()


# -- groups -----------------------------------------------------------------------------------------


def test_a_group_is_no_circle(alice: Membership) -> None:
    top, middle, low = (AccountFactory(organization=alice.organization, name=name) for name in ("Top", "Mid", "Low"))
    update_account(account=middle, by=alice.user, parent=top)
    update_account(account=low, by=alice.user, parent=middle)

    for account, parent in ((top, low), (top, top)):
        with pytest.raises(InvalidInput) as refusal:
            update_account(account=account, by=alice.user, parent=parent)
        assert list(refusal.value.errors or {}) == ["parent"]

    top.refresh_from_db()
    assert top.parent is None


def test_a_group_has_five_levels_at_most(alice: Membership) -> None:
    chain = [AccountFactory(organization=alice.organization) for _ in range(6)]
    for parent, child in itertools.pairwise(chain[:5]):
        update_account(account=child, by=alice.user, parent=parent)

    with pytest.raises(InvalidInput):
        update_account(account=chain[5], by=alice.user, parent=chain[4])
    with pytest.raises(InvalidInput):
        update_account(account=chain[0], by=alice.user, parent=chain[5])


def test_a_strangers_account_is_no_parent(alice: Membership, mallory: Membership) -> None:
    account, theirs = (
        AccountFactory(organization=alice.organization),
        AccountFactory(organization=mallory.organization),
    )

    with pytest.raises(InvalidInput) as refusal:
        update_account(account=account, by=alice.user, parent=theirs)

    assert refusal.value.errors == {"parent": ["There is no such account."]}


def test_what_a_group_pays_is_rolled_up_over_all_levels_in_use(alice: Membership) -> None:
    def make(name: str, arr: int | None, **facts: object) -> Account:
        return AccountFactory(organization=alice.organization, name=name, arr=arr, **facts)

    top = make("Top", 100)
    middle = make("Middle", 20, parent=top)
    make("Low", 3, parent=middle)
    make("Unknown", None, parent=top)
    make("Gone", 5000, parent=top, archived_at=timezone.now())

    group = account_group(top)

    # 100 + 20 + 3 + nothing known; the archived one does not count
    assert (group.arr, group.members, [each.name for each in group.children]) == (123, 4, ["Middle", "Unknown"])
    assert [each.name for each in account_group(alice.organization.accounts.get(name="Low")).parents] == [
        "Top",
        "Middle",
    ]
    assert not account_group(AccountFactory(organization=alice.organization))
