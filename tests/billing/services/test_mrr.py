"""The MRR ledger: netted per account and day, append-only, and always the accounts' sum."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Account
from billing.enums import MovementKind
from billing.exceptions import LedgerIsAppendOnly
from billing.selectors.mrr import arr_at, mrr_at, mrr_bridge
from billing.services.mrr import FEW, post_arr_changes
from csplatform.models import Organization
from csplatform.money import ZERO, monthly
from csplatform.periods import Window
from csplatform.tenancy import every_organization
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory

DAY_1, DAY_2, DAY_3 = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
pytestmark = [pytest.mark.django_db]


@pytest.fixture
def account(organization: Organization) -> Account:
    return AccountFactory(organization=organization)


def post(account: Account, *changes: tuple[date, int | str]) -> int:
    return post_arr_changes(
        organization=account.organization,
        changes=[(account.pk, day, Decimal(arr)) for day, arr in changes],
        cause="test",
    )


def by_kind(account: Account) -> dict[tuple[date, str], Decimal]:
    """Sums by day and kind, without those that corrections brought back to nothing."""
    sums: dict[tuple[date, str], Decimal] = {}
    for row in account.mrr_movements.all():
        sums[row.date, row.kind] = sums.get((row.date, row.kind), ZERO) + row.amount
    return {key: amount for key, amount in sums.items() if amount}


def test_a_first_payment_is_new_and_a_return_is_a_reactivation(account: Account) -> None:
    post(account, (DAY_1, 120000), (DAY_2, 0), (DAY_3, 60000))

    assert by_kind(account) == {
        (DAY_1, "new"): Decimal("10000.00"),
        (DAY_2, "churn"): Decimal("-10000.00"),
        (DAY_3, "reactivation"): Decimal("5000.00"),
    }


def test_more_is_expansion_less_is_contraction_and_the_same_is_nothing(account: Account) -> None:
    post(account, (DAY_1, 120000))

    assert post(account, (DAY_2, 240000)) == 1
    assert post(account, (DAY_3, 240000)) == 0
    assert post(account, (DAY_3, 60000)) == 1
    assert by_kind(account) == {
        (DAY_1, "new"): Decimal("10000.00"),
        (DAY_2, "expansion"): Decimal("10000.00"),
        (DAY_3, "contraction"): Decimal("-15000.00"),
    }


def test_a_day_is_netted_over_separate_posts(account: Account) -> None:
    post(account, (DAY_1, 120000))
    post(account, (DAY_2, 180000))  # up 5,000 a month …
    post(account, (DAY_2, 96000))  # … then down to 8,000: a contraction of 2,000 over the day

    assert by_kind(account)[DAY_2, "contraction"] == Decimal("-2000.00")
    assert len(by_kind(account)) == 2
    # The first reading of the day is corrected by a row of its own, not edited.
    assert list(account.mrr_movements.filter(date=DAY_2, kind="expansion").values_list("amount", flat=True)) == [
        Decimal("-5000.00"),
        Decimal("5000.00"),
    ]


def test_leaving_and_coming_back_on_one_day_is_no_movement(account: Account) -> None:
    post(account, (DAY_1, 120000))
    post(account, (DAY_2, 0))
    post(account, (DAY_2, 120000))

    assert by_kind(account) == {(DAY_1, "new"): Decimal("10000.00")}


def test_an_account_that_never_closed_a_day_paying_is_still_new(account: Account) -> None:
    post(account, (DAY_1, 120000))
    post(account, (DAY_1, 0))

    post(account, (DAY_2, 120000))

    assert by_kind(account) == {(DAY_2, "new"): Decimal("10000.00")}


def test_a_change_dated_before_the_latest_movement_is_booked_on_that_day(account: Account) -> None:
    post(account, (DAY_1, 120000), (DAY_3, 240000))

    post(account, (DAY_2, 180000))

    assert mrr_at(account.organization, DAY_2) == Decimal("10000.00")  # a closed day stays as it was
    assert mrr_at(account.organization, DAY_3) == Decimal("15000.00")
    assert by_kind(account)[DAY_3, "expansion"] == Decimal("5000.00")


def test_of_two_changes_in_one_call_the_last_counts(account: Account) -> None:
    assert post(account, (DAY_1, 120000), (DAY_1, 60000)) == 1
    assert mrr_at(account.organization, DAY_1) == Decimal("5000.00")


def test_the_ledger_is_exact_in_months_and_in_years(account: Account) -> None:
    # A twelfth of 1,00,000 is 8,333.33 and of 1,20,000 exactly 10,000: up 1,666.67 a month and 20,000 a year.
    post(account, (DAY_1, 100000), (DAY_2, 120000))

    assert mrr_at(account.organization, DAY_1) == Decimal("8333.33")
    assert mrr_at(account.organization, DAY_2) == Decimal("10000.00")
    assert arr_at(account.organization, DAY_2) - arr_at(account.organization, DAY_1) == 20000


def test_a_change_no_month_notices_still_reaches_the_arr(account: Account) -> None:
    post(account, (DAY_1, 100000))
    post(account, (DAY_2, "100000.01"))  # 8,333.334… is 8,333.33 as before

    assert mrr_at(account.organization, DAY_2) == Decimal("8333.33")
    assert arr_at(account.organization, DAY_2) == Decimal("100000.01")


def test_a_ledger_row_cannot_be_changed_or_deleted(account: Account) -> None:
    post(account, (DAY_1, 120000))
    row = account.mrr_movements.get()

    for attempt in (row.save, row.delete, account.mrr_movements.all().delete):
        with pytest.raises(LedgerIsAppendOnly):
            attempt()
    with pytest.raises(LedgerIsAppendOnly):
        account.mrr_movements.update(amount=0)

    assert account.mrr_movements.get().amount == Decimal("10000.00")


@pytest.mark.parametrize("accounts", [1, 40])
def test_posting_costs_the_same_for_any_number_of_accounts(
    organization: Organization, accounts: int, django_assert_num_queries: object
) -> None:
    keys = [account.pk for account in AccountFactory.create_batch(accounts, organization=organization)]
    changes = [(key, day, Decimal(arr)) for key in keys for day, arr in [(DAY_1, 12000), (DAY_2, 24000)]]

    # savepoint, lock, totals, insert (in a savepoint of its own), release
    with django_assert_num_queries(5):
        assert post_arr_changes(organization=organization, changes=changes, cause="import") == 2 * accounts


def test_many_movements_are_staged_and_read_back_the_same(organization: Organization) -> None:
    keys = [account.pk for account in AccountFactory.create_batch(FEW + 1, organization=organization)]
    changes = [(key, DAY_1, Decimal("100000.01")) for key in keys]

    assert post_arr_changes(organization=organization, changes=changes, cause="import") == FEW + 1
    # The day is met again: each account gets one correction of its kind, new.
    assert (
        post_arr_changes(
            organization=organization, changes=[(key, DAY_1, Decimal(50000)) for key in keys], cause="import"
        )
        == FEW + 1
    )

    assert arr_at(organization, DAY_1) == Decimal(50000) * (FEW + 1)
    assert mrr_at(organization, DAY_1) == Decimal("4166.67") * (FEW + 1)
    row = organization.mrr_movements.filter(account=keys[0]).last()
    assert (row.kind, row.amount, row.arr_amount, row.cause) == (
        "new",
        Decimal("8333.33"),
        Decimal("100000.01"),
        "import",
    )


AMOUNTS = st.one_of(st.just(Decimal(0)), st.decimals(min_value=0, max_value=9_999_999, places=2, allow_nan=False))
CHANGES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), AMOUNTS), max_size=25)


class LedgerIdentities(TestCase):
    """Whatever happens to accounts in whatever order and split over calls, the ledger keeps its identities."""

    @settings(max_examples=60, deadline=None)
    @given(calls=st.lists(CHANGES, max_size=4))
    def test_identities(self, calls: list[list[tuple[int, int, Decimal]]]) -> None:
        with every_organization(write=True, why="a test arranges"):
            organization = OrganizationFactory()
            accounts = AccountFactory.create_batch(3, organization=organization)
            arr: dict[int, Decimal] = {}
            for call in calls:
                changes = [(accounts[which].pk, DAY_1 + timedelta(days=day), amount) for which, day, amount in call]
                post_arr_changes(organization=organization, changes=changes, cause="test")
                in_time = sorted(changes, key=lambda change: change[1])
                arr |= {key: amount for key, _, amount in in_time}

            window = Window(DAY_2, DAY_1 + timedelta(days=4))
            bridge = mrr_bridge(organization, window)

            # The ledger is the accounts' sum, in months and in years, in total and one by one.
            end = DAY_1 + timedelta(days=6)
            assert mrr_at(organization, end) == sum((monthly(amount) for amount in arr.values()), ZERO)
            assert arr_at(organization, end) == sum(arr.values(), ZERO)
            for account in accounts:
                assert mrr_at(organization, end, accounts=[account.pk]) == monthly(arr.get(account.pk, ZERO))
            # Opening + movements = closing, over any window.
            assert bridge.opening == mrr_at(organization, window.opening)
            assert bridge.closing == mrr_at(organization, window.end)
            for account in accounts:
                self._assert_days_are_netted(account)

    def _assert_days_are_netted(self, account: Account) -> None:
        """Day by day: one kind at most, named as the definitions name it from the balances."""
        sums = by_kind(account)
        balance, has_paid = ZERO, False
        for day in sorted({day for day, _ in sums}):
            kinds = {kind: amount for (on, kind), amount in sums.items() if on == day}
            assert len(kinds) == 1
            ((kind, amount),) = kinds.items()
            closing = balance + amount
            match MovementKind(kind):
                case MovementKind.NEW:
                    assert balance == 0 < closing
                    assert not has_paid
                case MovementKind.REACTIVATION:
                    assert balance == 0 < closing
                    assert has_paid
                case MovementKind.EXPANSION:
                    assert 0 < balance < closing
                case MovementKind.CONTRACTION:
                    assert 0 < closing < balance
                case MovementKind.CHURN:
                    assert balance > 0 == closing
            balance, has_paid = closing, has_paid or closing > 0
