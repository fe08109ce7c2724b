"""A churn risk is explained by parts that come to it exactly, with the reasons in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from csplatform.models import Organization
from health.models import HealthSnapshot
from health.scoring.churn_risk import FACTORS, risk_of
from health.selectors.arr_at_risk import expected_arr_at_risk, headline_arr_at_risk
from health.selectors.churn_explanation import churn_explanation, explained_risk
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

TODAY = date(2026, 11, 20)
D = Decimal


@given(st.fixed_dictionaries({factor.key: st.none() | st.floats(0, 1) for factor in FACTORS}))
def test_the_parts_come_to_the_risk_exactly(troubles: dict[str, float | None]) -> None:
    known = [(factor, troubles[factor.key]) for factor in FACTORS if troubles[factor.key] is not None]
    if not known:
        return
    weight = sum(factor.weight for factor, _ in known)
    risk = D(str(100 * sum((trouble or 0) * factor.weight for factor, trouble in known) / weight))
    parts = [
        {"factor": factor.key, "points": (trouble or 0) * factor.weight, "max_points": factor.weight, "values": {}}
        for factor, trouble in known
    ]
    snapshot = HealthSnapshot(date=TODAY, churn_risk=risk.quantize(D("0.1")), churn_parts=parts)

    found = explained_risk(snapshot)

    assert found is not None
    assert sum((part.adds or D(0) for part in found.parts), D(0)) == found.risk
    assert sum((part.most or D(0) for part in found.parts), D(0)) == 100
    assert all(part.adds <= part.most for part in found.parts if part.adds is not None and part.most is not None)


def test_reasons_are_said_in_words_the_weightiest_factor_first() -> None:
    snapshot = HealthSnapshot(
        date=TODAY,
        churn_risk=D("42.0"),
        churn_parts=[
            {"factor": "health", "points": 9, "max_points": 30, "values": {"score_change": -6, "score": 80}},
            {"factor": "engagement", "points": 5, "max_points": 20, "values": {"cadences_silent": 1.5}},
            {"factor": "support", "points": 0, "max_points": 15, "values": {}},
            {
                "factor": "contract",
                "points": 20,
                "max_points": 25,
                "values": {"days_to_term_end": 40, "overdue_months": 2.5, "average_delay": 1},
            },
            {"factor": "competition", "points": 8, "max_points": 10, "values": {"days_since_competitor": 30}},
        ],
    )

    found = explained_risk(snapshot)

    assert found is not None
    assert found.reasons == (
        "the term ends on 30 Dec 2026",
        "overdue invoices come to 2.5 months of revenue",
        "pays 1 day late on average",
        "the score fell by 6 points in 30 days",
        "the score is 80",
        "a competitor was mentioned on 21 Oct 2026",
        "nobody in touch for 1.5 times as long as agreed",
    )


@pytest.mark.django_db
def test_what_the_account_shows_is_what_is_explained(organization: Organization) -> None:
    account = AccountFactory(organization=organization, contract_end=None, seats=None)
    TicketFactory(account=account, priority="critical", opened_at="2026-11-18T09:00:00Z")
    recompute_health(organization=organization, today=TODAY)
    account.refresh_from_db()

    found = churn_explanation(account, today=TODAY)

    # Support is all that is known: one of two grave tickets is half of it.
    assert found is not None
    assert (found.risk, account.churn_risk_score, found.since) == (50, 50, TODAY)
    support = next(part for part in found.parts if part.key == "support")
    assert (support.adds, support.most, support.reasons) == (50, 100, ("1 open ticket critical, escalated or late",))
    assert [part.key for part in found.parts if part.is_missing] == [
        "health",
        "engagement",
        "contract",
        "competition",
    ]
    assert risk_of({"grave_tickets": 1})["churn_risk"] == 50


@pytest.mark.django_db
def test_an_account_never_scored_has_no_explanation(organization: Organization) -> None:
    assert churn_explanation(AccountFactory(organization=organization), today=TODAY) is None


@pytest.mark.django_db
def test_arr_at_risk_is_weighed_by_risk_and_taken_by_band(organization: Organization) -> None:
    def account(arr: str, risk: int, health: str | None, **facts: object) -> Account:
        return AccountFactory(
            organization=organization, arr=D(arr), churn_risk_score=risk, health_score=health and D(health), **facts
        )

    account("1000.00", 33, "59.9")
    account("200.50", 10, "60")
    account("500.00", 100, None)
    account("900.00", 100, "10", status="churned", churned_on=TODAY)
    account("0", 50, "10")
    AccountFactory(organization=OrganizationFactory(), arr=D(7000), churn_risk_score=100, health_score=D(1))

    # 330 + 20.05 + 500
    assert expected_arr_at_risk(organization.accounts.all()) == D("850.05")
    assert headline_arr_at_risk(organization.accounts.all()) == D("1000.00")
    assert expected_arr_at_risk(OrganizationFactory().accounts.all()) == 0


@pytest.mark.django_db
def test_the_health_tab_shows_it(client_for, rita) -> None:
    account = AccountFactory(organization=rita.organization, contract_end=None, seats=None)
    DailyMetricsFactory(account=account, date=TODAY)
    TicketFactory(account=account, priority="critical", opened_at="2026-11-18T09:00:00Z")
    recompute_health(organization=rita.organization, today=TODAY)

    text = client_for(rita).get(f"/dashboard/accounts/{account.number}/health").content.decode()

    assert "Why this churn risk" in text
    assert "1 open ticket critical, escalated or late" in text
    assert "not counted, so the others weigh more" in text
