"""What the account-management dashboard says of a portfolio: today, and as of a day that is past."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.enums import Band
from accounts.models import Account
from accounts.services.account import archive_account, churn_account, create_account, update_account
from csplatform.models import Membership
from health.services.override import set_override
from insights.selectors.dashboard.health import portfolio_health
from insights.selectors.dashboard.revenue import portfolio_revenue
from insights.selectors.dashboard.view import PortfolioView, portfolio_view
from tests.factories.csplatform import TeamFactory

pytestmark = pytest.mark.django_db


def at(day: date) -> time_machine.travel:
    """Noon of a day, by the clock on the wall."""
    return time_machine.travel(datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC), tick=False)


def viewed(member: Membership, **asked: object) -> PortfolioView:
    return portfolio_view(member, now=timezone.now(), **asked)  # type: ignore[arg-type]


def scored(member: Membership, name: str, score: str | None, arr: str = "0", **facts: object) -> Account:
    account = create_account(
        organization=member.organization,
        by=member.user,
        name=name,
        arr=Decimal(arr),
        **facts,  # type: ignore[arg-type]
    )
    if score is not None:
        set_override(account=account, score=Decimal(score), reason="A test says so", by=member.user)
    return account


def test_the_average_is_weighted_by_what_accounts_pay(mona: Membership) -> None:
    with at(date(2026, 11, 20)):
        scored(mona, "Large", "90", arr="1200000")  # 1,00,000 a month
        scored(mona, "Small", "30", arr="240000")  # 20,000 a month
        scored(mona, "Free", "60")  # pays nothing: weighs one rupee
        scored(mona, "Unknown", None, arr="9999999")
        churn_account(account=scored(mona, "Gone", "10", arr="500000"), by=mona.user)

        health = portfolio_health(viewed(mona))

    # (90 x 100000 + 30 x 20000 + 60 x 1) / 120001 = 9600060 / 120001 = 79.99983...
    assert health.average == Decimal("79.999833")
    assert health.bands == {Band.HEALTHY: 1, Band.WATCHLIST: 1, Band.AT_RISK: 0, Band.CRITICAL: 1}
    assert (health.unknown, health.at_risk) == (1, 1)


def test_a_past_day_shows_what_that_day_showed(mona: Membership) -> None:
    with at(date(2026, 11, 10)):
        kept = scored(mona, "Kept", "85", arr="1200000")
        lost = scored(mona, "Lost", "45", arr="600000")
        archived = scored(mona, "Archived", "70", arr="120000")
        then_health, then_revenue = portfolio_health(viewed(mona)), portfolio_revenue(viewed(mona))
    with at(date(2026, 11, 18)):
        set_override(account=kept, score=Decimal(20), reason="They complained", by=mona.user)
        update_account(account=kept, by=mona.user, arr=Decimal(2400000))
        churn_account(account=lost, by=mona.user)
        archive_account(account=archived, by=mona.user)
        scored(mona, "Newer", "95", arr="240000")

        back_health = portfolio_health(viewed(mona, as_of=date(2026, 11, 10)))
        back_revenue = portfolio_revenue(viewed(mona, as_of=date(2026, 11, 10)))
        now_health, now_revenue = portfolio_health(viewed(mona)), portfolio_revenue(viewed(mona))

    assert back_health == then_health
    assert back_revenue == then_revenue
    assert (back_health.bands[Band.HEALTHY], back_health.bands[Band.AT_RISK]) == (1, 1)
    assert back_revenue.mrr == Decimal(160000)  # (12 + 6 + 1.2) lakh a year
    # Meanwhile one doubled, one left, one was archived and one came.
    assert now_health.bands == {Band.HEALTHY: 1, Band.WATCHLIST: 0, Band.AT_RISK: 0, Band.CRITICAL: 1}
    assert now_revenue.mrr == Decimal(220000)


def test_today_by_history_is_today_by_the_live_tables(mona: Membership) -> None:
    """What answers for a past day has to say the same of today, or one of the two roads is wrong."""
    with at(date(2026, 11, 10)):
        scored(mona, "Kept", "85", arr="1200000")
        churn_account(account=scored(mona, "Lost", "45", arr="600000"), by=mona.user)
        archive_account(account=scored(mona, "Archived", "70", arr="120000"), by=mona.user)
        live = viewed(mona)
    with at(date(2026, 11, 11)):
        past = viewed(mona, as_of=date(2026, 11, 10))

        assert not past.is_live
        assert portfolio_health(past) == portfolio_health(live)
        assert portfolio_revenue(past) == portfolio_revenue(live)


def test_churn_counts_accounts_that_paid_ninety_days_ago_only(mona: Membership) -> None:
    with at(date(2026, 6, 1)):
        long_with_us = [scored(mona, name, None, arr="1200000") for name in ("One", "Two", "Three")]
    with at(date(2026, 10, 1)):
        newcomer = scored(mona, "Newcomer", None, arr="600000")
    with at(date(2026, 11, 18)):
        churn_account(account=long_with_us[0], by=mona.user)
        churn_account(account=newcomer, by=mona.user)
        update_account(account=long_with_us[1], by=mona.user, arr=Decimal(600000))  # a contraction is no churn
    with at(date(2026, 11, 20)):
        revenue = portfolio_revenue(viewed(mona))

    # 1 of the 3 lakh a month of 22 August left: 33.33 %. The newcomer was not there then.
    assert round(revenue.churn_rate, 2) == Decimal("33.33")
    # 30 days: churn 1,00,000 + 50,000, contraction 50,000.
    assert revenue.net_revenue_change == Decimal(-200000)
    assert revenue.churned_in_window == Decimal(150000)
    assert revenue.mrr == Decimal(150000)
    assert revenue.months[-1].mrr == revenue.mrr


def test_user_and_source_narrow_every_figure(mona: Membership, alice: Membership, bob: Membership) -> None:
    team = TeamFactory(organization=mona.organization)
    for member in (alice, bob):
        team.team_members.create(organization=mona.organization, membership=member)
    with at(date(2026, 11, 20)):
        scored(mona, "Of Alice", "90", arr="1200000", owner=alice.user, lead_source="Referral")
        scored(mona, "Of Bob", "50", arr="600000", owner=bob.user, lead_source="Website")
        scored(mona, "Nobody's", "20", arr="120000")

        def mrr(**asked: str) -> Decimal:
            return portfolio_revenue(viewed(alice, **asked)).mrr

        assert mrr() == Decimal(160000)
        assert mrr(scope="my_accounts") == Decimal(100000)
        assert mrr(scope="team_accounts") == Decimal(150000)
        assert mrr(source="Website") == Decimal(50000)
        assert mrr(source="Nowhere") == Decimal(0)
        assert portfolio_health(viewed(alice, scope="my_accounts")).average == Decimal(90)


def test_an_empty_organisation_has_no_average(mona: Membership) -> None:
    view = viewed(mona)

    assert portfolio_health(view).average is None
    assert (portfolio_revenue(view).mrr, portfolio_revenue(view).churn_rate) == (0, 0)
    assert portfolio_revenue(view).growth_pct == 0


@pytest.mark.parametrize("accounts", [1, 3])
@pytest.mark.parametrize("as_of", [None, date(2026, 11, 19)])
def test_it_costs_the_same_for_any_number_of_accounts(
    mona: Membership, accounts: int, as_of: date | None, django_assert_num_queries
) -> None:
    with at(date(2026, 11, 18)):
        for at_number in range(accounts):
            scored(mona, f"Account {at_number}", "50", arr="120000")
    with at(date(2026, 11, 20)):
        view = viewed(mona, as_of=as_of)
        with django_assert_num_queries(5):
            portfolio_health(view)
            portfolio_revenue(view)
