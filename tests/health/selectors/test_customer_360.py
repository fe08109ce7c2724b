"""The customer-360 card over live records: each measure from the rows it is named for, and nothing made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from csplatform.models import Membership, Organization
from health.receivers import give_scorecard
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD
from health.selectors.customer_360 import customer_360, customer_360_rows, customer_360_values
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.billing import RenewalFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(
        organization=alice.organization, owner=alice.user, seats=80, segment="Mid-Market", arr=Decimal(1000)
    )


def values(account: Account) -> dict[str, float | None]:
    return customer_360_values(account, CUSTOMER_360_SCORECARD, today=TODAY)


def test_usage_is_the_mean_of_thirty_days(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY, login_rate=0.5, session_minutes=20, daily_active_users=60)
    DailyMetricsFactory(
        account=account, date=TODAY - timedelta(days=29), login_rate=0.7, session_minutes=None, daily_active_users=20
    )
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=30), login_rate=0)

    found = values(account)

    assert found["login_rate"] == pytest.approx(0.6)
    assert (found["adoption_pct"], found["session_minutes"], found["active_share"]) == (78, 20, 0.5)


def test_support_is_read_from_the_tickets_of_ninety_days(account: Account) -> None:
    def ticket(days: int, **facts: Any) -> None:
        TicketFactory(account=account, opened_at=NOW - timedelta(days=days), **facts)

    ticket(5, priority="critical")
    ticket(20, status="resolved", resolved_at=NOW - timedelta(days=19), csat=5, priority="low")
    ticket(30, status="closed", resolved_at=NOW - timedelta(days=28), csat=2, priority="critical")
    ticket(200, status="closed", resolved_at=NOW - timedelta(days=199), csat=1)

    found = values(account)

    assert (found["tickets_opened"], found["grave_tickets"]) == (3, 1)
    assert (found["resolution_hours"], found["csat"]) == (36, 3.5)  # one day and two


def test_engagement_is_measured_against_the_cadence(account: Account) -> None:
    contact = ContactFactory(account=account)
    held = EngagementFactory(account=account, completed_at=NOW - timedelta(days=10), outcome="positive")
    held.contacts.add(contact, through_defaults={"organization": account.organization})
    EngagementFactory(account=account, completed_at=NOW - timedelta(days=40), outcome="negative")
    EngagementFactory(account=account, completed_at=NOW - timedelta(days=91))
    FollowUpFactory(account=account, due_at=NOW - timedelta(days=5), completed_at=NOW - timedelta(days=6))
    FollowUpFactory(account=account, due_at=NOW - timedelta(days=5))

    found = values(account)

    # Mid-market wants to be heard every 30 days: three times in 90
    assert found["contact_share"] == pytest.approx(2 / 3)
    assert (found["tasks_in_time"], found["good_outcomes"], found["people_met"]) == (0.5, 0.5, 1)


def test_business_is_contract_payment_growth_and_renewal(account: Account) -> None:
    AccountFactory(organization=account.organization, arr=Decimal(3000))
    RenewalFactory(account=account, due_on=TODAY + timedelta(days=40), probability=Decimal(70))

    found = values(account)

    assert (found["arr_to_average"], found["renewal_pct"], found["average_delay"]) == (0.5, 70, None)


def test_what_the_organisation_keeps_nothing_of_is_not_known(account: Account) -> None:
    found = values(account)

    assert {key for key, value in found.items() if value is not None} == {"arr_to_average", "arr_change_pct"}
    assert customer_360(account, today=TODAY).score is None


def test_other_organisations_records_do_not_count(account: Account) -> None:
    other = AccountFactory(organization=OrganizationFactory(), arr=Decimal(9000))
    TicketFactory(account=other)
    EngagementFactory(account=other)

    assert {key for key, value in values(account).items() if value is not None} == {
        "arr_to_average",
        "arr_change_pct",
    }


def test_a_new_organisation_has_it_beside_its_primary_one(organization: Organization) -> None:
    assert customer_360_rows(organization) is CUSTOMER_360_SCORECARD

    give_scorecard(organization)

    cards = organization.scorecards.order_by("key").values_list("key", "status", "is_primary")
    assert list(cards) == [("customer_360", "published", False), ("signals", "published", True)]
    assert list(customer_360_rows(organization)) == list(CUSTOMER_360_SCORECARD)


def test_the_tab_shows_it_and_a_page_shows_the_curves(client_for: Any, rita: Membership, account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY)
    client = client_for(rita)

    tab = client.get(reverse("health:account_health", args=[account.number])).content.decode()
    page = client.get(reverse("health:scorecards")).content.decode()

    assert "Customer 360" in tab
    assert "not known" in tab
    assert "120 hours to 8 hours" in page
    assert "the account’s seats" in page
    assert "Contacts of those the cadence asks for" in page
