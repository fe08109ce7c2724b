"""Health in groups, and what the data lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.data_gaps import data_gaps
from accounts.models import Account
from csplatform.models import Membership, Organization
from csplatform.periods import today
from health.selectors.comparison import gap_counts, health_by
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

D = Decimal
TODAY = date(2026, 11, 20)


def whole(organization: Organization, name: str, owner: Membership, **facts: Any) -> Account:
    """An account that lacks nothing."""
    given: dict[str, Any] = {
        "segment": "SMB",
        "arr": D("120000"),
        "contract_end": date(2027, 3, 31),
        "health_score": D("85.0"),
        "health_coverage": 1.0,
    }
    made: Account = AccountFactory(organization=organization, name=name, owner=owner.user, **(given | facts))
    ContactFactory(account=made)
    DailyMetricsFactory(account=made, date=TODAY)
    return made


def test_groups_are_counted_by_hand(organization: Organization, alice: Membership, mallory: Membership) -> None:
    """SMB: 85 and 45 (at risk, ₹1.2 lakh), mean 65, and one unknown. Enterprise: 30 (at risk, ₹6 lakh).

    The churned one and another organisation's count nowhere. Most ARR at risk comes first."""
    whole(organization, "One", alice)
    whole(organization, "Two", alice, health_score=D("45.0"))
    whole(organization, "Three", alice, health_score=None)
    whole(organization, "Four", alice, segment="Enterprise", health_score=D("30.0"), arr=D("600000"))
    whole(organization, "Gone", alice, status="churned", churned_on=date(2026, 1, 1))
    whole(mallory.organization, "Elsewhere", mallory)

    groups = health_by(organization.accounts.all(), "segment")

    assert [
        (each.key, each.accounts, each.average, each.at_risk, each.arr_at_risk, each.arr, each.unknown)
        for each in groups
    ] == [
        ("Enterprise", 1, D("30.0"), 1, D("600000"), D("600000"), 0),
        ("SMB", 3, D("65.0"), 1, D("120000"), D("360000"), 1),
    ]


def test_owners_are_groups_too_and_nobody_is_one(organization: Organization, alice: Membership) -> None:
    whole(organization, "One", alice)
    AccountFactory(organization=organization, name="Two", owner=None)

    groups = health_by(organization.accounts.all(), "owner")

    assert {each.key: each.accounts for each in groups} == {str(alice.user.uuid): 1, "": 1}


def test_gaps_are_ranked_by_the_money_they_are_about(organization: Organization, alice: Membership) -> None:
    """Old metrics on ₹9 lakh come before three gaps on ₹1.2 lakh; who lacks nothing is in none."""
    whole(organization, "Whole", alice)
    stale = whole(organization, "Stale", alice, arr=D("900000"))
    stale.daily_metrics.update(date=TODAY - timedelta(days=15))
    AccountFactory(organization=organization, name="Bare", owner=None, segment="", contract_end=None, arr=D("120000"))

    found = gap_counts(organization, today=TODAY)

    assert found[0].gap.key == "old_metrics"
    assert {each.gap.key: (each.accounts, each.arr) for each in found} == {
        "old_metrics": (1, D("900000")),
        "no_owner": (1, D("120000")),
        "no_renewal": (1, D("120000")),
        "no_contacts": (1, D("120000")),
        "no_segment": (1, D("120000")),
        "no_metrics": (1, D("120000")),
    }


def test_metrics_of_the_last_day_that_counts_are_not_old(organization: Organization, alice: Membership) -> None:
    """Fourteen days is what the organisation calls fresh."""
    account = whole(organization, "Edge", alice)
    account.daily_metrics.update(date=TODAY - timedelta(days=14))

    assert gap_counts(organization, today=TODAY) == []


def test_each_count_is_the_list_it_leads_to(
    organization: Organization, amir: Membership, client_for: Callable[[Membership], Client]
) -> None:
    """The figure on the health page and the rows behind its link are one and the same question."""
    whole(organization, "Whole", amir)
    AccountFactory(organization=organization, name="Bare", owner=None, segment="", contract_end=None)
    AccountFactory(organization=organization, name="Thin", owner=amir.user, health_coverage=0.5)
    browser = client_for(amir)

    counts = {each.gap.key: each.accounts for each in gap_counts(organization, today=today(organization))}

    for key in data_gaps():
        listed = browser.get(f"/dashboard/accounts?gap={key}").context["page_obj"].paginator.count
        assert listed == counts.get(key, 0), key
    assert counts["thin_metrics"] == 1


@pytest.mark.parametrize("by", ["segment", "industry", "owner", "size", "nonsense"])
def test_the_health_page_compares_and_links_to_its_rows(
    organization: Organization, alice: Membership, client_for: Callable[[Membership], Client], by: str
) -> None:
    whole(organization, "One", alice, industry="Retail", size="small")
    browser = client_for(alice)

    page = browser.get(f"/dashboard/health?by={by}")

    (group,) = page.context["groups"]
    listed = browser.get(group["url"])
    assert (page.status_code, group["group"].accounts) == (200, 1)
    assert [each.name for each in listed.context["accounts"]] == ["One"]
