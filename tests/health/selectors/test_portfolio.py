"""Health across the portfolio counts open accounts, and finds those that moved."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.enums import AccountStatus, Band
from accounts.models import Account
from csplatform.models import Organization
from health.selectors.portfolio import at_risk_accounts, health_distribution, health_movers
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def scored(organization: Organization, score: str | None, **facts: object) -> Account:
    return AccountFactory(organization=organization, health_score=None if score is None else Decimal(score), **facts)


def test_open_accounts_are_counted_by_band(organization: Organization) -> None:
    for score, arr in [("80.0", 100), ("79.9", 200), ("60.0", 300), ("59.9", 400), ("39.9", 500), (None, 600)]:
        scored(organization, score, arr=arr)
    scored(organization, "10.0", status=AccountStatus.CHURNED)
    scored(OrganizationFactory(), "10.0")

    distribution = health_distribution(organization.accounts.all())

    assert [(share.band, share.accounts, share.arr) for share in distribution.bands] == [
        (Band.HEALTHY, 1, 100),
        (Band.WATCHLIST, 2, 500),
        (Band.AT_RISK, 1, 400),
        (Band.CRITICAL, 1, 500),
        (None, 1, 600),
    ]
    assert (distribution.total, distribution.at_risk, distribution.arr_at_risk) == (6, 2, 900)
    # (80 + 79.9 + 60 + 59.9 + 39.9) / 5, the unknown one left out
    assert distribution.average == Decimal("63.94")


def test_an_empty_organisation_has_no_average(organization: Organization) -> None:
    distribution = health_distribution(organization.accounts.all())

    assert (distribution.total, distribution.average, distribution.arr_at_risk) == (0, None, 0)
    assert {share.share_pct for share in distribution.bands} == {0}


def test_the_largest_moves_come_first(organization: Organization) -> None:
    names = {}
    for name, now, before in [
        ("up", "70.0", 60),
        ("most up", "70.0", 40),
        ("down", "50.0", 55),
        ("same", "50.0", 50),
    ]:
        names[name] = scored(organization, now, name=name)
        DailyMetricsFactory(account=names[name], date=TODAY - timedelta(days=40), health_score=Decimal(before))
    scored(organization, "90.0", name="new")

    movers = health_movers(organization.accounts.all(), today=TODAY)

    assert [(account.name, account.score_change) for account in movers.risers] == [("most up", 30), ("up", 10)]
    assert [(account.name, account.score_change) for account in movers.fallers] == [("down", -5)]


def test_accounts_at_risk_come_by_the_arr_that_is_at_risk(organization: Organization) -> None:
    scored(organization, "30.0", name="small", arr=100)
    scored(organization, "59.9", name="large", arr=900)
    scored(organization, "30.0", name="unpriced", arr=None)
    scored(organization, "60.0", name="watched", arr=5000)
    scored(organization, None, name="unknown", arr=5000)

    accounts = at_risk_accounts(organization.accounts.all(), today=TODAY)

    assert [account.name for account in accounts] == ["large", "small", "unpriced"]
