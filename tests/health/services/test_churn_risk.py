"""A recompute gathers what tells of leaving, and writes the risk onto accounts and snapshots."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from csplatform.models import Organization
from health.models import HealthSnapshot
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.billing import RenewalFactory, SubscriptionFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.documents import customer, issued, paid, tax_profile
from tests.factories.engagements import EngagementFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def moment(days_ago: int) -> datetime:
    return datetime(2026, 11, 20, 6, tzinfo=UTC) - timedelta(days=days_ago)


def scored(account: Account, today: date = TODAY) -> dict[str, dict[str, Any]]:
    """The parts of the account's risk after a recompute, by factor."""
    recompute_health(organization=account.organization, today=today)
    account.refresh_from_db()
    snapshot = HealthSnapshot.objects.filter(account=account).latest("date")
    assert snapshot.churn_risk is None or int(snapshot.churn_risk) == account.churn_risk_score
    return {part["factor"]: part for part in snapshot.churn_parts}


@pytest.fixture
def account(organization: Organization) -> Account:
    """Nothing but an account, three years old."""
    account = AccountFactory(organization=organization, contract_end=None, segment="SMB", seats=None)
    Account.objects.filter(pk=account.pk).update(created_at=moment(1000))
    return account


def test_an_account_of_which_only_the_score_is_known_has_the_rest_of_100(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY)

    parts = scored(account)

    # Health 85.3: 100 - 85.3 = 14.7, shown as 14
    assert account.churn_risk_score == 14
    assert list(parts) == ["health_score"]
    assert parts["health_score"]["points"] == pytest.approx(14.7)


def test_an_account_of_which_nothing_is_known_keeps_its_risk(account: Account) -> None:
    assert scored(account) == {}
    assert account.churn_risk_score == 0


def test_a_fallen_score_raises_the_risk(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=35), health_score=90)
    DailyMetricsFactory(account=account, date=TODAY, nps=-100, login_rate=0, adoption_pct=46)

    parts = scored(account)

    # 25 + 11.5 + 16 + 0 + 0 = 52.5: 37.5 fewer is all of a fall of 20, so the factor is full, and the only one.
    assert account.churn_risk_score == 100
    assert parts["health"]["points"] == 30
    assert parts["health"]["values"] == {"score_change": -37.5, "score": 52.5}


def test_silence_beyond_the_cadence_a_drop_and_bad_outcomes_count(account: Account) -> None:
    # SMB wants to be heard every 60 days; the last contact was 90 days ago: 1.5 cadences, a quarter of the way to 3.
    for days in (90, 120, 150):
        EngagementFactory(account=account, completed_at=moment(days))

    parts = scored(account)

    # Nothing in 90 days after three in the 90 before: a drop of all, half of the factor.
    # 1 - 0.75 x 0.5 = 0.625 of 20
    assert parts["engagement"]["values"] == {"cadences_silent": 1.5, "engagement_drop": 1.0}
    assert parts["engagement"]["points"] == 12.5
    assert parts["competition"]["points"] == 0
    # 12.5 of the 30 that could be judged
    assert account.churn_risk_score == 41


def test_a_bad_outcome_and_a_competitor_are_remembered_for_ninety_days(account: Account) -> None:
    EngagementFactory(account=account, completed_at=moment(10), outcome="negative")
    EngagementFactory(account=account, completed_at=moment(60), mentions_competitor=True)
    EngagementFactory(account=account, completed_at=moment(95), mentions_competitor=True, outcome="negative")
    EngagementFactory(
        account=account, completed_at=None, scheduled_at=moment(-3), mentions_competitor=True, outcome="negative"
    )

    parts = scored(account)

    assert parts["engagement"]["values"] == {"negative_outcomes": 1.0}
    assert parts["engagement"]["points"] == 10
    assert parts["competition"]["values"] == {"days_since_competitor": 60.0}
    assert parts["competition"]["points"] == 5


def test_open_tickets_that_are_critical_escalated_or_late_count_once_each(account: Account) -> None:
    TicketFactory(account=account, priority="critical", is_escalated=True, opened_at=moment(5), due_at=moment(2))
    TicketFactory(account=account, priority="low", opened_at=moment(5), due_at=moment(-2))
    TicketFactory(account=account, priority="critical", status="resolved", opened_at=moment(9), resolved_at=moment(1))

    parts = scored(account)

    assert parts["support"]["values"] == {"grave_tickets": 1.0}
    assert parts["support"]["points"] == 7.5


def test_the_nearest_term_counts_and_notice_fills_the_factor(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(contract_end=TODAY + timedelta(days=90))
    RenewalFactory(account=account, due_on=TODAY + timedelta(days=60))
    parts = scored(account)
    # Half of 120 days, half of the factor
    assert (parts["contract"]["points"], parts["contract"]["values"]) == (6.25, {"days_to_term_end": 60.0})

    account.renewals.update(status="prepared_lost")
    parts = scored(account)

    assert parts["contract"]["points"] == 25
    assert parts["contract"]["values"]["notice_given"] == 1


def test_a_subscription_cancelled_for_a_later_day_is_notice(account: Account) -> None:
    SubscriptionFactory(
        account=account, starts_on=TODAY - timedelta(days=300), cancelled_on=TODAY + timedelta(days=20)
    )

    assert scored(account)["contract"]["values"] == {"notice_given": 1.0}


def test_what_is_overdue_counts_in_months_of_revenue(organization: Organization) -> None:
    tax_profile(organization)
    debtor = customer(organization)
    issued(debtor, "1000", on=date(2026, 9, 1), due=date(2026, 10, 1))
    payer = customer(organization, name="Prompt Ltd")
    paid(issued(payer, "1000", on=date(2026, 9, 1), due=date(2026, 10, 1)), "1180", on=date(2026, 9, 20))

    late = scored(debtor)["contract"]
    prompt = scored(payer)["contract"]

    # Pays nothing a month, so that whatever is owed is too much; fifty days late is 40 of the 50 from 10 to 60.
    assert (late["points"], late["values"]) == (25, {"overdue_months": None, "average_delay": 50.0})
    assert (prompt["points"], prompt["values"]) == (0, {})


def test_a_day_without_news_writes_no_snapshot(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY)
    scored(account)

    scored(account, TODAY + timedelta(days=1))

    assert HealthSnapshot.objects.filter(account=account).count() == 1


def test_other_organisations_records_do_not_count(account: Account) -> None:
    other = AccountFactory(organization=OrganizationFactory())
    TicketFactory(account=other, priority="critical", opened_at=moment(5))
    EngagementFactory(account=other, completed_at=moment(5), mentions_competitor=True)
    RenewalFactory(account=other, due_on=TODAY)

    assert scored(account) == {}


def test_any_number_of_accounts_costs_the_same_queries(organization: Organization, connection_queries: Any) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            debtor = customer(organization, name=f"Debtor {organization.accounts.count():03}")
            issued(debtor, "1000", on=date(2026, 9, 1), due=date(2026, 10, 1))
            DailyMetricsFactory(account=debtor, date=TODAY)
            EngagementFactory(account=debtor, completed_at=moment(10))
            TicketFactory(account=debtor, priority="critical", opened_at=moment(5))
            RenewalFactory(account=debtor, due_on=TODAY + timedelta(days=9))

    tax_profile(organization)
    fill(1)
    recompute_health(organization=organization, today=TODAY)
    one = connection_queries(lambda: recompute_health(organization=organization, today=TODAY + timedelta(days=1)))
    fill(3)
    recompute_health(organization=organization, today=TODAY + timedelta(days=1))
    four = connection_queries(lambda: recompute_health(organization=organization, today=TODAY + timedelta(days=2)))

    assert one == four


@pytest.fixture
def connection_queries() -> Any:
    from django.db import connection

    def count(work: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            work()
        return len(queries)

    return count
