"""What adds up in the contract's sample adds up in ours, whatever the book of business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.enums import AccountStatus, TicketPriority, TicketStatus
from accounts.services.account import create_account
from csplatform.enums import Role
from csplatform.formatting import lakh_number, rupees_compact
from csplatform.periods import AccountPeriod
from csplatform.tenancy import every_organization
from insights.selectors.dashboard.board import portfolio_board
from insights.selectors.dashboard.contract import contract_body
from insights.selectors.dashboard.view import portfolio_view
from tests.contracts import violations
from tests.factories.csplatform import MembershipFactory, OrganizationFactory
from tests.factories.tickets import TicketFactory
from tests.insights.worlds import NOON, at

DAYS_OF_HISTORY = 200
tickets = st.lists(
    st.tuples(st.sampled_from(TicketPriority.values), st.sampled_from(TicketStatus.values)), max_size=3
)
accounts = st.lists(
    st.fixed_dictionaries(
        {
            "mrr": st.integers(0, 900_000),
            "score": st.none() | st.decimals(0, 100, places=1),
            "risk": st.integers(0, 100),
            "status": st.sampled_from(AccountStatus.values),
            "since": st.integers(0, DAYS_OF_HISTORY),
            "tickets": tickets,
        }
    ),
    max_size=5,
)


def made(member: Any, number: int, facts: dict[str, Any]) -> None:
    """An account with this past; those that churned did so today."""
    came = (NOON - timedelta(days=facts["since"])).date()
    with at(came):
        account = create_account(
            organization=member.organization, by=None, name=f"Account {number}", arr=Decimal(facts["mrr"] * 12)
        )
    with at(NOON.date()):
        known = {"health_score": facts["score"], "churn_risk_score": facts["risk"], "status": facts["status"]}
        member.organization.accounts.filter(pk=account.pk).update(**known)
        for priority, status in facts["tickets"]:
            is_over = status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
            opened_at = datetime(2026, 11, 1, 6, tzinfo=UTC)
            TicketFactory(
                account=account,
                priority=priority,
                status=status,
                opened_at=opened_at,
                resolved_at=opened_at if is_over else None,
            )


class Identities(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(accounts, st.sampled_from([each for each in AccountPeriod if each != AccountPeriod.CUSTOM]))
    def test_they_hold_for_any_book(self, book: list[dict[str, Any]], period: str) -> None:
        with every_organization(write=True, why="a test arranges"):
            member = MembershipFactory(organization=OrganizationFactory(), role=Role.ADMIN)
            for number, facts in enumerate(book):
                made(member, number, facts)
            with at(NOON.date()):
                view = portfolio_view(member, now=NOON, period=period)
                board = portfolio_board(view)
                body = contract_body(view, board)

        assert violations("account-management", body) == []
        # At risk is the two lower bands; bands and unknown scores are all customers.
        distribution = body["healthDistribution"]
        assert body["kpis"]["atRiskAccounts"]["value"] == sum(distribution["chart"]["data"][2:])
        customers = [facts for facts in book if facts["status"] != AccountStatus.CHURNED]
        assert sum(distribution["chart"]["data"]) + board.health.unknown == len(customers)
        assert len(body["atRiskAccounts"]) == board.health.at_risk
        assert len(body["portfolio"]) == len(customers)
        # The legend is the chart, of tickets too; their chart adds up to what is open.
        for donut in (distribution, body["ticketPriority"]):
            assert [row["value"] for row in donut["legend"]] == donut["chart"]["data"]
        assert sum(body["ticketPriority"]["chart"]["data"]) == body["supportStats"]["openTickets"]
        # The last point of the line is the KPI, and so is the first tile; ARR is twelve times MRR.
        revenue = board.revenue
        assert body["mrrTrend"]["chart"]["datasets"]["existingMRR"][-1] == lakh_number(revenue.mrr)
        assert body["mrrTrend"]["summary"]["existingMRR"] == body["kpis"]["totalMRR"]["value"]
        assert revenue.mrr == sum(facts["mrr"] for facts in book)
        for row, printed in zip(board.at_risk, body["atRiskAccounts"], strict=True):
            assert printed["arr"] == rupees_compact(row.mrr * 12)
        # Collected is never more than there is, and the riskiest money comes first.
        assert all(paid <= point.mrr for paid, point in zip(revenue.collected, revenue.months, strict=True))
        stakes = [row.mrr * row.account.churn_risk_score for row in board.at_risk]
        assert stakes == sorted(stakes, reverse=True)
