"""The health page shows the open portfolio, and offers a recompute to those who may."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Account
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
OVERVIEW = reverse("health:overview")
RECOMPUTE = reverse("health:recompute")


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


def at_risk(member: Membership, **facts: object) -> Account:
    account = AccountFactory(
        organization=member.organization, **{"health_score": Decimal("45.0"), "arr": Decimal(1_200_000)} | facts
    )
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=30), health_score=Decimal("52.0"))
    return account


def test_the_page_tells_bands_movers_and_arr_at_risk(client_for, rita: Membership, mallory: Membership) -> None:
    at_risk(rita, name="Falling Ltd")
    at_risk(mallory, name="Elsewhere Ltd")

    response = client_for(rita).get(OVERVIEW)

    text = response.content.decode()
    assert "Falling Ltd" in text
    assert "Elsewhere Ltd" not in text
    assert "₹12.0L" in text  # the ARR of the one account at risk
    assert "-7.0" in text  # 45 after 52
    assert [account.name for account in response.context["accounts"]] == ["Falling Ltd"]


def test_filters_in_the_address_narrow_the_list(client_for, alice: Membership) -> None:
    at_risk(alice, name="Hers", owner=alice.user, segment="SMB")
    at_risk(alice, name="Critical", health_score=Decimal("20.0"), segment="SMB")
    at_risk(alice, name="Large", segment="Enterprise")
    client = client_for(alice)

    def names(**query: object) -> list[str]:
        return [account.name for account in client.get(OVERVIEW, query).context["accounts"]]

    assert names(band="Critical") == ["Critical"]
    assert names(segment="Enterprise") == ["Large"]
    assert names(owner=alice.user.uuid) == ["Hers"]
    assert names(segment="SMB", band="At Risk") == ["Hers"]


def test_the_average_of_each_week_is_drawn(client_for, rita: Membership, mallory: Membership) -> None:
    account = at_risk(rita)
    DailyMetricsFactory(account=account, date=TODAY, health_score=Decimal("45.0"))
    DailyMetricsFactory(account__organization=rita.organization, date=TODAY, health_score=Decimal("80.0"))
    DailyMetricsFactory(account__organization=mallory.organization, date=TODAY, health_score=Decimal("10.0"))

    chart = client_for(rita).get(OVERVIEW).context["trend_chart"]

    # 52 thirty days ago; today 45 and 80
    assert (chart["labels"], chart["series"][0]["values"]) == (["21 Oct 2026", "20 Nov 2026"], [52.0, 62.5])


def test_an_empty_organisation_gets_a_kind_word(client_for, rita: Membership) -> None:
    response = client_for(rita).get(OVERVIEW)

    assert "No open accounts yet" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 4])
def test_the_page_costs_the_same_for_any_number_of_accounts(
    client_for, rita: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        at_risk(rita)
    client = client_for(rita)
    client.get(OVERVIEW)

    with django_assert_max_num_queries(31):  # on PostgreSQL, two of them to open the scope
        response = client.get(OVERVIEW)

    assert len(response.context["accounts"]) == rows


def test_managers_recompute_and_are_told(client_for, mona: Membership) -> None:
    account = DailyMetricsFactory(account__organization=mona.organization, date=TODAY).account

    response = client_for(mona).post(RECOMPUTE, follow=True)

    account.refresh_from_db()
    assert account.health_score == Decimal("85.3")
    assert [str(message) for message in response.context["messages"]] == ["Health scores recomputed for 1 account."]
    assert "last recomputed" in response.content.decode()


@pytest.mark.parametrize("name", ["alice", "farah", "rita"])
def test_others_are_neither_offered_nor_allowed_a_recompute(
    client_for, name: str, request: pytest.FixtureRequest
) -> None:
    member: Membership = request.getfixturevalue(name)
    account = DailyMetricsFactory(account__organization=member.organization, date=TODAY).account
    client = client_for(member)

    offered = RECOMPUTE in client.get(OVERVIEW).content.decode()
    response = client.post(RECOMPUTE)

    account.refresh_from_db()
    assert (offered, response.status_code, account.health_score) == (False, 403, None)
