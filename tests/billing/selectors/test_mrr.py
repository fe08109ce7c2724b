"""MRR read back from the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Account
from billing.selectors import mrr as selectors
from billing.selectors.mrr import RevenuePoint
from billing.services.mrr import post_arr_changes
from csplatform.models import Organization
from csplatform.periods import Window
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def accounts(organization: Organization) -> list[Account]:
    """Acme: 12 lakh from 10 Sep, 24 from 5 Oct, gone on 10 Nov. Zenith: 6 lakh from 20 Oct."""
    acme, zenith = AccountFactory.create_batch(2, organization=organization)
    changes = [
        (acme.pk, date(2026, 9, 10), Decimal(1200000)),
        (acme.pk, date(2026, 10, 5), Decimal(2400000)),
        (acme.pk, date(2026, 11, 10), Decimal(0)),
        (zenith.pk, date(2026, 10, 20), Decimal(600000)),
    ]
    post_arr_changes(organization=organization, changes=changes, cause="test")
    elsewhere = AccountFactory(organization=OrganizationFactory())
    post_arr_changes(
        organization=elsewhere.organization, changes=[(elsewhere.pk, date(2026, 9, 1), Decimal(999))], cause="test"
    )
    return [acme, zenith]


def test_mrr_and_arr_at_the_close_of_a_day(organization: Organization, accounts: list[Account]) -> None:
    acme, zenith = accounts

    assert selectors.mrr_at(organization, date(2026, 9, 9)) == 0
    assert selectors.mrr_at(organization, date(2026, 9, 10)) == 100000
    assert selectors.mrr_at(organization, date(2026, 10, 20)) == 250000
    assert selectors.arr_at(organization, date(2026, 11, 20)) == 600000
    assert selectors.arr_at(organization, date(2026, 11, 1), accounts=[acme.pk]) == 2400000
    open_ones = organization.accounts.filter(pk=zenith.pk)
    assert selectors.arr_at(organization, date(2026, 11, 1), accounts=open_ones) == 600000


def test_change_of_arr_between_two_closes(organization: Organization, accounts: list[Account]) -> None:
    acme, zenith = accounts
    since, until = date(2026, 10, 5), date(2026, 11, 20)  # the expansion of 5 October is in the opening already

    assert selectors.arr_change(organization, since=since, until=until) == -1800000
    assert selectors.arr_change_by_account(organization, since=since, until=until) == {
        acme.pk: Decimal(-2400000),
        zenith.pk: Decimal(600000),
    }


def test_months_close_on_their_last_day_and_the_current_one_today(
    organization: Organization, accounts: list[Account], django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(3):
        points = selectors.mrr_by_month(organization, until=date(2026, 11, 5), months=4)

    assert points == [
        RevenuePoint(month=date(2026, 8, 1), mrr=Decimal(0), arr=Decimal(0)),
        RevenuePoint(month=date(2026, 9, 1), mrr=Decimal(100000), arr=Decimal(1200000)),
        RevenuePoint(month=date(2026, 10, 1), mrr=Decimal(250000), arr=Decimal(3000000)),
        RevenuePoint(month=date(2026, 11, 1), mrr=Decimal(250000), arr=Decimal(3000000)),
    ]


def test_a_bridge_from_opening_to_closing(organization: Organization, accounts: list[Account]) -> None:
    bridge = selectors.mrr_bridge(organization, Window(date(2026, 10, 1), date(2026, 11, 20)))

    # 1,00,000 + 50,000 new + 1,00,000 expansion - 2,00,000 churn = 50,000
    assert (bridge.opening, bridge.new, bridge.expansion, bridge.contraction, bridge.churn) == (
        100000,
        50000,
        100000,
        0,
        -200000,
    )
    assert bridge.closing == 50000
    assert bridge.net_revenue_change == -100000
