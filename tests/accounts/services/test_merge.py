"""Merging duplicates: everything moves, no past figure changes, nothing is half done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.enums import AccountStatus
from accounts.exceptions import AccountArchived, AccountChangedMeanwhile, AccountMerged, MergeRefused
from accounts.models import Account
from accounts.services.account import churn_account, create_account, remove_alias, restore_account, update_account
from accounts.services.merge import merge_accounts
from billing.enums import MovementKind
from billing.selectors.ledger import ledger_problems
from billing.selectors.mrr import arr_at, mrr_at, mrr_bridge
from billing.services.mrr import post_arr_changes
from csplatform.enums import JobStatus
from csplatform.models import Membership, Organization
from csplatform.periods import Window
from csplatform.tenancy import every_organization
from health.models import DailyMetrics
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.csplatform import JobFactory, OrganizationFactory
from tests.factories.health import DailyMetricsFactory

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
DAY_1, DAY_2, DAY_3 = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


def make(member: Membership, name: str, **facts: Any) -> Account:
    return create_account(organization=member.organization, by=member.user, name=name, **facts)


def pay(account: Account, *figures: tuple[date, int | str]) -> Account:
    """Let an account pay so much a year from days on, as an import does."""
    changes = [(account.pk, day, Decimal(arr)) for day, arr in figures]
    post_arr_changes(organization=account.organization, changes=changes, cause="test")
    Account.objects.filter(pk=account.pk).update(arr=changes[-1][2])
    account.refresh_from_db()
    return account


def by_kind(account: Account) -> dict[tuple[date, str], Decimal]:
    sums: dict[tuple[date, str], Decimal] = {}
    for row in account.mrr_movements.all():
        sums[row.date, row.kind] = sums.get((row.date, row.kind), Decimal(0)) + row.amount
    return {key: amount for key, amount in sums.items() if amount}


# -- the accounts themselves ------------------------------------------------------------------------


def test_the_others_are_archived_point_to_the_survivor_and_leave_their_names_to_it(mona: Membership) -> None:
    acme, limited, cloud = make(mona, "Acme"), make(mona, "Acme Ltd", external_id="E-2"), make(mona, "Acme Cloud")

    merge_accounts(into=acme, others=[cloud, limited], by=mona.user)

    merged = list(mona.organization.accounts.archived().order_by("number"))
    assert [(each.name, each.merged_into, each.external_id) for each in merged] == [
        ("Acme Ltd", acme, ""),
        ("Acme Cloud", acme, ""),
    ]
    assert list(acme.aliases.values_list("kind", "text", "origin")) == [
        ("name", "Acme Cloud", "merge"),
        ("name", "Acme Ltd", "merge"),
    ]
    acme.refresh_from_db()
    assert acme.external_id == "E-2"  # it had none of its own
    assert [(each.history.first().history_change_reason, each.history.first().history_user) for each in merged] == [
        ("Merged into account 1", mona.user)
    ] * 2
    assert acme.history.first().history_change_reason == "Merged with Acme Ltd (#2), Acme Cloud (#3)"


def test_the_survivors_facts_win_and_its_gaps_are_filled_from_the_first_that_knows(
    mona: Membership, alice: Membership
) -> None:
    acme = make(mona, "Acme", external_id="E-1", region="North", contract_start=date(2026, 6, 1))
    one = make(mona, "One", external_id="E-2", region="South", industry="Steel", contract_end=date(2026, 5, 31))
    two = make(mona, "Two", industry="Coal", owner=alice.user, seats=40, contract_end=date(2027, 5, 31))

    acme = merge_accounts(into=acme, others=[one, two], by=mona.user)

    assert (acme.external_id, acme.region, acme.industry, acme.owner, acme.seats) == (
        "E-1",
        "North",
        "Steel",
        alice.user,
        40,
    )
    # One's end lies before the survivor's start: Two's is the first that fits.
    assert (acme.contract_start, acme.contract_end) == (date(2026, 6, 1), date(2027, 5, 31))
    assert list(acme.aliases.filter(kind="external_id").values_list("key", flat=True)) == ["E-2"]


def test_tags_come_together(mona: Membership) -> None:
    acme, other = make(mona, "Acme", tags=["vip", "north"]), make(mona, "Acme Ltd", tags=["vip", "steel"])

    acme = merge_accounts(into=acme, others=[other], by=mona.user)

    assert [tag.name for tag in acme.tags.all()] == ["north", "steel", "vip"]


def test_what_was_merged_before_points_to_the_last_survivor(mona: Membership) -> None:
    first, second, third = make(mona, "First"), make(mona, "Second"), make(mona, "Third")
    merge_accounts(into=second, others=[first], by=mona.user)

    merge_accounts(into=third, others=[second], by=mona.user)

    first.refresh_from_db()
    assert first.merged_into == third
    assert set(third.aliases.values_list("text", flat=True)) == {"First", "Second"}


def test_a_merged_account_cannot_be_restored(mona: Membership) -> None:
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    merge_accounts(into=acme, others=[other], by=mona.user)

    with pytest.raises(AccountMerged):
        restore_account(account=other, by=mona.user)

    other.refresh_from_db()
    assert other.is_archived


def test_a_name_is_free_again_once_its_alias_is_removed(mona: Membership) -> None:
    acme = merge_accounts(into=make(mona, "Acme"), others=[make(mona, "Acme Ltd", external_id="E")], by=mona.user)
    acme = update_account(account=acme, by=mona.user, external_id="")

    remove_alias(account=acme, alias=acme.aliases.get(), by=mona.user)

    assert make(mona, "Acme Ltd", external_id="E").number == 3


# -- money ------------------------------------------------------------------------------------------


def test_past_mrr_stays_and_a_duplicates_start_was_no_new_customer(mona: Membership) -> None:
    organization = mona.organization
    acme = pay(AccountFactory(organization=organization, name="Acme"), (DAY_1, 120000), (DAY_3, 60000))
    other = pay(
        AccountFactory(organization=organization, name="Acme Ltd"), (DAY_2, 24000), (DAY_3, 0), (TODAY, 12000)
    )
    days = [DAY_1 + timedelta(days=each) for each in range(20)]
    before = [(mrr_at(organization, day), arr_at(organization, day)) for day in days]

    acme = merge_accounts(into=acme, others=[other], by=mona.user)

    assert [(mrr_at(organization, day), arr_at(organization, day)) for day in days] == before
    # 10,000 a month; then 2,000 more; then 5,000 and 2,000 less at once; today 1,000 more.
    assert by_kind(acme) == {
        (DAY_1, "new"): Decimal("10000.00"),
        (DAY_2, "expansion"): Decimal("2000.00"),
        (DAY_3, "contraction"): Decimal("-7000.00"),
        (TODAY, "expansion"): Decimal("1000.00"),
    }
    assert by_kind(other) == {}
    assert acme.arr == Decimal("72000.00")
    assert list(ledger_problems(organization)) == []


def test_another_arr_is_booked_on_the_day_of_the_merge(mona: Membership) -> None:
    organization = mona.organization
    acme = pay(AccountFactory(organization=organization, name="Acme"), (DAY_1, 120000))
    other = pay(AccountFactory(organization=organization, name="Acme Ltd"), (DAY_2, 120000))

    acme = merge_accounts(into=acme, others=[other], by=mona.user, arr=Decimal("120000"))

    bridge = mrr_bridge(organization, Window(TODAY, TODAY))
    assert (bridge.opening, bridge.contraction, bridge.closing) == (20000, -10000, 10000)
    assert mrr_at(organization, TODAY - timedelta(days=1)) == Decimal("20000.00")
    assert acme.arr == Decimal("120000.00")
    assert list(ledger_problems(organization)) == []


def test_two_roundings_become_one_today_only(mona: Membership) -> None:
    """100 a year is 8.33 a month, twice 16.66; 200 a year is 16.67."""
    organization = mona.organization
    acme = pay(AccountFactory(organization=organization, name="Acme"), (DAY_1, 100))
    other = pay(AccountFactory(organization=organization, name="Acme Ltd"), (DAY_1, 100))

    merge_accounts(into=acme, others=[other], by=mona.user)

    assert mrr_at(organization, TODAY - timedelta(days=1)) == Decimal("16.66")
    assert mrr_at(organization, TODAY) == Decimal("16.67")
    assert list(ledger_problems(organization)) == []


def test_a_churned_duplicate_brings_its_past(mona: Membership) -> None:
    organization = mona.organization
    acme = pay(AccountFactory(organization=organization, name="Acme"), (DAY_2, 120000))
    other = pay(AccountFactory(organization=organization, name="Acme Ltd"), (DAY_1, 24000))
    churn_account(account=other, by=mona.user, on=DAY_3)

    acme = merge_accounts(into=acme, others=[other], by=mona.user)

    assert by_kind(acme) == {
        (DAY_1, "new"): Decimal("2000.00"),
        (DAY_2, "expansion"): Decimal("10000.00"),
        (DAY_3, "contraction"): Decimal("-2000.00"),
    }
    assert (acme.status, acme.arr) == (AccountStatus.ACTIVE, Decimal("120000.00"))


class Ledgers(TestCase):
    """Whatever three accounts paid and when, a merge leaves the organisation's past alone."""

    payments = st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4).map(lambda n: n * 10_007)),
        max_size=6,
        unique_by=lambda p: p[0],
    )

    @settings(max_examples=40, deadline=None)
    @given(st.tuples(payments, payments, payments), st.none() | st.integers(0, 90_000))
    def test_no_past_day_changes(self, paid: Sequence[list[tuple[int, int]]], arr: int | None) -> None:
        with every_organization(write=True, why="a test arranges"):
            organization = OrganizationFactory()
            accounts = [AccountFactory(organization=organization) for _ in paid]
            stranger = pay(AccountFactory(organization=organization), (DAY_2, 70_000))
            for account, figures in zip(accounts, paid, strict=True):
                if figures:
                    pay(account, *((DAY_1 + timedelta(days=day), figure) for day, figure in sorted(figures)))
            days = [DAY_1 + timedelta(days=day) for day in range(19)]
            before = [(mrr_at(organization, day), arr_at(organization, day)) for day in days]

            survivor = merge_accounts(
                into=accounts[0], others=accounts[1:], by=None, arr=None if arr is None else Decimal(arr), now=NOW
            )

            assert [(mrr_at(organization, day), arr_at(organization, day)) for day in days] == before
            assert list(ledger_problems(organization)) == []
            kinds = [kind for _, kind in by_kind(survivor)]
            assert kinds.count(MovementKind.NEW) <= 1
            assert by_kind(accounts[1]) == by_kind(accounts[2]) == {}
            assert mrr_at(organization, TODAY, accounts=[stranger.pk]) == Decimal("5833.33")


# -- metrics ----------------------------------------------------------------------------------------


def test_days_move_and_on_a_common_day_the_survivors_row_wins_with_its_gaps_filled(mona: Membership) -> None:
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    DailyMetricsFactory(account=acme, date=DAY_2, daily_active_users=10, nps=None, health_score=None)
    common = DailyMetricsFactory(account=other, date=DAY_2, daily_active_users=99, nps=40.0)
    DailyMetricsFactory(account=other, date=DAY_1, daily_active_users=5)

    merge_accounts(into=acme, others=[other], by=mona.user)

    rows = acme.daily_metrics.order_by("date").values_list("date", "daily_active_users", "nps")
    assert list(rows) == [(DAY_1, 5, 55.0), (DAY_2, 10, 40.0)]
    assert list(other.daily_metrics.values_list("pk", "daily_active_users")) == [(common.pk, 99)]


def test_of_several_duplicates_the_lowest_number_goes_first(mona: Membership) -> None:
    acme, one, two = make(mona, "Acme"), make(mona, "One"), make(mona, "Two")
    DailyMetricsFactory(account=two, date=DAY_1, daily_active_users=2)
    DailyMetricsFactory(account=one, date=DAY_1, daily_active_users=1)

    merge_accounts(into=acme, others=[two, one], by=mona.user)

    assert acme.daily_metrics.get().daily_active_users == 1


def test_the_survivor_is_scored_by_the_newest_row_of_all(mona: Membership) -> None:
    """The factory's row scores 85.3 against a target of 100 users."""
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    DailyMetricsFactory(account=other, date=DAY_3)

    acme = merge_accounts(into=acme, others=[other], by=mona.user)

    assert acme.health_score == Decimal("85.3")
    assert acme.health_snapshots.count() == 1


def test_a_duplicates_snapshots_stay_with_it(mona: Membership) -> None:
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    DailyMetricsFactory(account=other, date=DAY_3)
    recompute_health(organization=mona.organization, today=DAY_3, account_ids=[other.pk])

    merge_accounts(into=acme, others=[other], by=mona.user)

    assert list(other.health_snapshots.values_list("date", flat=True)) == [DAY_3]
    assert list(acme.health_snapshots.values_list("date", flat=True)) == [TODAY]


# -- refusals, and all or nothing -------------------------------------------------------------------


def test_what_cannot_become_one_is_refused(mona: Membership) -> None:
    acme, other, gone = make(mona, "Acme"), make(mona, "Acme Ltd"), make(mona, "Gone")
    churn_account(account=gone, by=mona.user)

    with pytest.raises(MergeRefused, match="at least two"):
        merge_accounts(into=acme, others=[acme], by=mona.user)
    with pytest.raises(MergeRefused, match="has churned"):
        merge_accounts(into=gone, others=[acme], by=mona.user)
    JobFactory(organization=mona.organization, kind="import", lane="import", status=JobStatus.RUNNING)
    with pytest.raises(MergeRefused, match="import is running"):
        merge_accounts(into=acme, others=[other], by=mona.user)

    assert mona.organization.accounts.archived().count() == 0


def test_an_account_of_another_organisation_is_not_merged(mona: Membership, mallory: Membership) -> None:
    acme, theirs = make(mona, "Acme"), make(mallory, "Acme")

    with pytest.raises(MergeRefused):
        merge_accounts(into=acme, others=[theirs], by=mona.user)

    theirs.refresh_from_db()
    assert not theirs.is_archived


def test_the_second_of_two_merges_is_refused(mona: Membership) -> None:
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    merge_accounts(into=acme, others=[other], by=mona.user)

    with pytest.raises(AccountArchived):
        merge_accounts(into=other, others=[acme], by=mona.user)


def test_an_account_saved_since_it_was_looked_at_stops_the_merge(mona: Membership) -> None:
    acme, other = make(mona, "Acme"), make(mona, "Acme Ltd")
    seen = [acme.updated_at, other.updated_at]
    update_account(account=other, by=mona.user, region="South")

    with pytest.raises(AccountChangedMeanwhile):
        merge_accounts(into=acme, others=[other], by=mona.user, seen_at=seen)

    other.refresh_from_db()
    assert other.merged_into is None


def test_a_merge_that_ends_in_the_middle_leaves_nothing(mona: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = mona.organization
    acme = pay(AccountFactory(organization=organization, name="Acme"), (DAY_1, 120000))
    other = pay(AccountFactory(organization=organization, name="Acme Ltd"), (DAY_2, 24000))
    DailyMetricsFactory(account=other, date=DAY_1)
    before = _everything(organization)

    def killed(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("health.services.merge.recompute_health", killed)  # the last thing of all
    with pytest.raises(SystemExit):
        merge_accounts(into=acme, others=[other], by=mona.user)

    assert _everything(organization) == before


def _everything(organization: Organization) -> list[list[dict[str, Any]]]:
    tables = [
        organization.accounts.order_by("pk"),
        organization.account_aliases.all(),
        organization.mrr_movements.order_by("pk"),
        DailyMetrics.objects.filter(organization=organization).order_by("pk"),
        Account.history.filter(organization=organization).order_by("pk"),
    ]
    return [list(rows.values()) for rows in tables]


@pytest.mark.parametrize("others", [1, 4])
def test_a_merge_costs_a_few_statements_an_account(
    mona: Membership, others: int, django_assert_max_num_queries: Any
) -> None:
    acme = make(mona, "Acme", arr=Decimal(1000))
    duplicates = [make(mona, f"Acme {each}", arr=Decimal(1000)) for each in range(others)]
    for account in (acme, *duplicates):
        for day in range(5):
            DailyMetricsFactory(account=account, date=DAY_1 + timedelta(days=day))

    with django_assert_max_num_queries(107 + 2 * others):
        merge_accounts(into=acme, others=duplicates, by=mona.user)


# -- people, groups and own facts -------------------------------------------------------------------


def test_the_people_move_and_nobody_is_there_twice(mona: Membership) -> None:
    acme, limited = make(mona, "Acme"), make(mona, "Acme Ltd")
    ContactFactory(account=acme, name="Priya", email="priya@acme.example", is_primary=True)
    ContactFactory(account=limited, name="Priya S", email="priya@acme.example", title="CTO", is_primary=True)
    ContactFactory(account=limited, name="Ravi", email="", is_primary=False)
    ContactFactory(account=limited, name="Gone", email="priya@acme.example", left_on=TODAY)

    merge_accounts(into=acme, others=[limited], by=mona.user)

    assert list(acme.contacts.order_by("name").values_list("name", "title", "is_primary")) == [
        ("Gone", "", False),
        ("Priya", "CTO", True),
        ("Ravi", "", False),
    ]
    assert [each.name for each in limited.contacts.all()] == ["Priya S"]
    moved = acme.contacts.get(name="Ravi").history.first()
    assert (moved.history_user, moved.history_change_reason) == (mona.user, "Merged into Acme")


def test_the_merged_accounts_primary_contact_stays_one_where_the_survivor_has_none(mona: Membership) -> None:
    acme, limited, cloud = make(mona, "Acme"), make(mona, "Acme Ltd"), make(mona, "Acme Cloud")
    for account in (limited, cloud):
        ContactFactory(account=account, name=f"At {account}", is_primary=True)

    merge_accounts(into=acme, others=[cloud, limited], by=mona.user)

    assert [each.name for each in acme.contacts.primary()] == ["At Acme Ltd"]


def test_subsidiaries_move_and_no_circle_comes_of_it(mona: Membership) -> None:
    group, limited = make(mona, "Group"), make(mona, "Acme Ltd")
    middle = make(mona, "Middle", parent=limited)
    acme = make(mona, "Acme", parent=middle)
    other = make(mona, "Other", parent=limited)

    merge_accounts(into=acme, others=[limited], by=mona.user)

    parents = {each.name: each.parent for each in mona.organization.accounts.all()}
    assert parents == {"Group": None, "Acme": None, "Acme Ltd": None, "Middle": acme, "Other": acme}
    assert other.history.first().history_change_reason == "Parent merged into Acme"
    assert group.history.count() == 1


def test_own_facts_are_filled_from_the_others(mona: Membership) -> None:
    acme, limited = make(mona, "Acme"), make(mona, "Acme Ltd")
    Account.objects.filter(pk=acme.pk).update(custom_fields={"tier": "Gold"})
    Account.objects.filter(pk=limited.pk).update(custom_fields={"tier": "Silver", "vip": True})

    survivor = merge_accounts(into=acme, others=[limited], by=mona.user)

    assert survivor.custom_fields == {"tier": "Gold", "vip": True}
