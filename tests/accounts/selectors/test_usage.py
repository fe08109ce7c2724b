"""How widely products are used, and what accounts use of what they pay for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.enums import AdoptionLevel, Utilization
from accounts.models import Account, Product
from accounts.selectors.usage import (
    adoption_level,
    product_adoption,
    usage_in_words,
    usage_insights,
    utilization,
)
from accounts.selectors.usage_rows import usage_on
from accounts.services.product import copy_catalogue
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def entitle(product: Product, accounts: list[Account], *, ends_on: date | None = None) -> None:
    for account in accounts:
        account.entitlements.create(
            organization=account.organization, product=product, starts_on=date(2026, 1, 1), ends_on=ends_on
        )


def measure(account: Account, product: Product, day: date = TODAY, **facts: Any) -> None:
    account.product_usage.create(organization=account.organization, product=product, used_on=day, **facts)


@pytest.mark.parametrize(
    ("rate", "accounts", "level"),
    [
        # The six rows of the sample, of 147 accounts.
        (87, 145, AdoptionLevel.HIGH),
        (65, 89, AdoptionLevel.HIGH),
        (None, 94, AdoptionLevel.MEDIUM),  # 64 % have it, and without a rate Medium is the most
        (59, 76, AdoptionLevel.HIGH),
        (None, 42, AdoptionLevel.MEDIUM),  # 28.6 %
        (None, 34, AdoptionLevel.LOW),  # 23.1 %
        (55, 1, AdoptionLevel.HIGH),
        ("54.9", 1, AdoptionLevel.MEDIUM),
        (30, 1, AdoptionLevel.MEDIUM),
        ("29.9", 140, AdoptionLevel.LOW),
    ],
)
def test_levels_are_those_of_the_sample(rate: object, accounts: int, level: AdoptionLevel) -> None:
    known = None if rate is None else Decimal(str(rate))

    assert adoption_level(known, accounts=accounts, total=147) is level


def test_adoption_is_over_those_entitled_and_active_in_thirty_days(organization: Organization) -> None:
    copy_catalogue(organization=organization)
    vms, databases = organization.products.get(key="cloud_instances"), organization.products.get(key="databases")
    accounts = AccountFactory.create_batch(4, organization=organization)
    entitle(vms, accounts)
    entitle(databases, accounts[:2])
    measure(accounts[0], vms, active_users=3)
    measure(accounts[1], vms, day=TODAY - timedelta(days=29), usage={"vms": 2})
    measure(accounts[2], vms, day=TODAY - timedelta(days=30), active_users=9)  # the 31st day back
    measure(accounts[3], vms, active_users=0, usage={"vms": 0})

    found = {
        each.product.key: each
        for each in product_adoption(organization, accounts=organization.accounts.open(), as_of=TODAY)
    }

    assert [each.name for each in organization.products.all()] == [each.product.name for each in found.values()]
    assert (found["cloud_instances"].accounts, found["cloud_instances"].rate_pct) == (4, Decimal(50))
    assert (found["databases"].accounts, found["databases"].rate_pct) == (2, None)
    assert found["databases"].level is AdoptionLevel.MEDIUM
    assert (found["kubernetes"].accounts, found["kubernetes"].level) == (0, AdoptionLevel.LOW)


def test_products_without_a_row_of_their_own_count_under_other_services(organization: Organization) -> None:
    copy_catalogue(organization=organization)
    other = organization.products.get(key="other_services")
    backup = ProductFactory(organization=organization, name="Backup", parent=other)
    retired = organization.products.get(key="kubernetes")
    Product.objects.filter(pk=retired.pk).update(is_active=False)
    accounts = AccountFactory.create_batch(3, organization=organization)
    entitle(other, accounts[:1])
    entitle(backup, accounts[:2])
    entitle(retired, accounts[2:])

    rows = product_adoption(organization, accounts=organization.accounts.open(), as_of=TODAY)

    assert [each.product.name for each in rows][-1] == "Other Services"
    assert rows[-1].accounts == 3
    assert "Backup" not in [each.product.name for each in rows]


def test_entitlement_is_by_day(organization: Organization) -> None:
    copy_catalogue(organization=organization)
    vms = organization.products.get(key="cloud_instances")
    entitle(vms, [AccountFactory(organization=organization)], ends_on=date(2026, 10, 31))

    def entitled(day: date) -> int:
        return product_adoption(organization, accounts=organization.accounts.open(), as_of=day)[0].accounts

    assert [
        entitled(date(2025, 12, 31)),
        entitled(date(2026, 1, 1)),
        entitled(date(2026, 10, 31)),
        entitled(TODAY),
    ] == [
        0,
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("used", "growth", "kind"),
    [
        ("100.1", 20, Utilization.OVERPAID),
        (150, "19.9", Utilization.OVER_UTILIZED),
        (150, None, Utilization.OVER_UTILIZED),
        (100, 90, Utilization.HEALTHY),
        (30, None, Utilization.HEALTHY),
        ("29.9", None, Utilization.LOW),
        (0, None, Utilization.LOW),
    ],
)
def test_utilisation_goes_by_share_and_growth(used: object, growth: object, kind: Utilization) -> None:
    grown = None if growth is None else Decimal(str(growth))

    assert utilization(Decimal(str(used)), grown) is kind


def test_insights_say_what_to_do_most_telling_first(organization: Organization) -> None:
    """Maya uses 438 GB of 400 and 283 a month ago (+55 %), Sapthagiri 49 of 40 VMs, Sterling half, Tool a tenth."""
    product = ProductFactory(organization=organization)
    maya, sapthagiri, sterling, tool, unknown = (
        AccountFactory(organization=organization, name=name)
        for name in ("Maya", "Sapthagiri", "Sterling", "Tool", "Unknown")
    )
    measure(maya, product, usage={"storage_gb": 438}, plan={"storage_gb": 400})
    measure(maya, product, day=TODAY - timedelta(days=31), usage={"storage_gb": 283}, plan={"storage_gb": 400})
    measure(sapthagiri, product, usage={"vms": 49, "storage_gb": 826, "bandwidth_tb": 21}, plan={"vms": 40})
    measure(sterling, product, usage={"vms": 5, "bandwidth_tb": 1.3}, plan={"vms": 10})
    measure(tool, product, usage={"vms": 1}, plan={"vms": 10})
    measure(unknown, product, usage={"vms": 1})

    found = usage_insights(organization, accounts=organization.accounts.open(), as_of=TODAY)

    assert [(each.account_name, each.key_usage, each.utilization.value, each.action) for each in found] == [
        ("Maya", "+ 55% MoM | 438 GB", "Overpaid usage", "Schedule expansion call"),
        ("Sapthagiri", "49 VMs | 826 GB | 21 TB", "Over-utilized", "Recommend upgrade to higher-tier"),
        ("Tool", "1 VM", "Low usage", "Plan activation, or a smaller plan before renewal"),
        ("Sterling", "5 VMs | 1.3 TB", "Healthy", "All good"),
    ]
    assert [each.css_class for each in found] == ["active", "", "inactive", "info"]


def test_unknown_units_are_words() -> None:
    assert usage_in_words({"gpu_hours": 3, "vms": 1}) == "1 VM | 3 gpu hours"
    assert usage_in_words({}) == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_the_cost_does_not_grow_with_accounts(
    organization: Organization, rows: int, django_assert_num_queries: Any
) -> None:
    product = ProductFactory(organization=organization)
    for account in AccountFactory.create_batch(rows, organization=organization):
        entitle(product, [account])
        measure(account, product, usage={"vms": 1}, plan={"vms": 1})
    accounts = organization.accounts.open()

    with django_assert_num_queries(6):  # catalogue, held, measured; accounts; names and the month before
        seen = usage_on(organization, accounts=accounts, as_of=TODAY)
        product_adoption(organization, accounts=accounts, as_of=TODAY, seen=seen)
        assert len(usage_insights(organization, accounts=accounts, as_of=TODAY, seen=seen)) == rows


def test_of_accounts_with_equal_shares_those_first_by_name_are_shown(organization: Organization) -> None:
    """Five use a tenth of their plan, one uses over it: three are shown, the two of the five that come first by name
    whatever the order in which they were made."""
    product = ProductFactory(organization=organization)
    for name in ("Delta", "Alpha", "Echo", "Bravo", "Charlie"):
        measure(AccountFactory(organization=organization, name=name), product, usage={"vms": 1}, plan={"vms": 10})
    measure(AccountFactory(organization=organization, name="Zulu"), product, usage={"vms": 11}, plan={"vms": 10})

    found = usage_insights(organization, accounts=organization.accounts.open(), as_of=TODAY, most=3)

    assert [each.account_name for each in found] == ["Zulu", "Alpha", "Bravo"]
