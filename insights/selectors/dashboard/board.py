"""All figures of the account-management dashboard, from which its page and its contract are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.enums import Band
from accounts.models import Activity
from accounts.selectors.support import (
    OpenTicket,
    SupportStats,
    open_tickets,
    pressing_tickets,
    support_stats,
    with_critical,
)
from accounts.selectors.usage import ProductAdoption, UsageInsight, product_adoption, usage_insights
from accounts.selectors.usage_rows import usage_on
from insights.selectors.dashboard.accounts import (
    MOST_SHOWN,
    PortfolioRow,
    RiskRow,
    at_risk_accounts,
    portfolio_accounts,
    portfolio_rows,
    products_held,
    products_of,
    risk_rows,
)
from insights.selectors.dashboard.advocacy import (
    MOST_CANDIDATES,
    AdvocateCount,
    CandidateRow,
    ReferralCounts,
    ReferralRow,
    advocate_count,
    candidate_rows,
    ready_advocates,
    referral_counts,
    referral_rows,
)
from insights.selectors.dashboard.health import PortfolioHealth, portfolio_health
from insights.selectors.dashboard.revenue import PortfolioRevenue, portfolio_revenue
from insights.selectors.dashboard.shown import shown
from insights.selectors.dashboard.view import PortfolioView
from insights.selectors.dashboard.work import (
    FollowUpRow,
    RenewalRow,
    due_terms,
    follow_up_rows,
    recent_activities,
    renewal_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioBoard:
    """The sixteen blocks as figures and rows, not yet in words."""

    revenue: PortfolioRevenue
    health: PortfolioHealth
    advocates: AdvocateCount
    at_risk: Sequence[RiskRow]
    renewals: Sequence[RenewalRow]
    adoption: Sequence[ProductAdoption]
    usage: Sequence[UsageInsight]
    follow_ups: Sequence[FollowUpRow]
    referrals: ReferralCounts
    pipeline: Sequence[ReferralRow]
    candidates: Sequence[CandidateRow]
    support: SupportStats
    tickets: Sequence[OpenTicket]
    portfolio: Sequence[PortfolioRow]
    activities: Sequence[Activity]


def portfolio_board(
    view: PortfolioView,
    *,
    band: Band | None = None,
    skip: int = 0,
    most: int = MOST_SHOWN,
    health: PortfolioHealth | None = None,
) -> PortfolioBoard:
    """In a constant number of queries, whatever the number of accounts.

    A band narrows the two lists of accounts and nothing else; `skip` and `most` choose a page of the portfolio.
    `health` is that of the view, where the caller has asked for it.
    """
    organization, customers, day = view.organization, view.customers, view.day
    ready, health = ready_advocates(view), health or portfolio_health(view)
    risks, terms = at_risk_accounts(view, band=band), due_terms(view)
    accounts = portfolio_accounts(view, band=band, skip=skip, most=most)
    likeliest = [each.account_id for each in ready[:MOST_CANDIDATES]]
    known = shown(view, [*risks, *accounts], others=[*likeliest, *(term.account_id for term in terms)])
    seen = usage_on(organization, accounts=customers, as_of=day)
    tickets = open_tickets(organization, accounts=customers, as_of=day)
    return PortfolioBoard(
        revenue=portfolio_revenue(view),
        health=health,
        advocates=advocate_count(view, ready),
        at_risk=risk_rows(view, risks, known, critical=with_critical(tickets)),
        renewals=renewal_rows(view, terms, known),
        adoption=product_adoption(organization, accounts=customers, as_of=day, seen=seen, total=health.customers),
        usage=usage_insights(organization, accounts=customers, as_of=day, seen=seen),
        follow_ups=follow_up_rows(view),
        referrals=referral_counts(view),
        pipeline=referral_rows(view),
        candidates=candidate_rows(view, ready, known),
        support=support_stats(organization, accounts=customers, window=view.window, as_of=day, seen=tickets),
        tickets=pressing_tickets(tickets),
        portfolio=portfolio_rows(accounts, known, products_of(seen, accounts)),
        activities=recent_activities(view),
    )


def portfolio_page(view: PortfolioView, *, band: Band | None, skip: int, most: int) -> list[PortfolioRow]:
    """A page of the portfolio alone."""
    accounts = portfolio_accounts(view, band=band, skip=skip, most=most)
    return portfolio_rows(accounts, shown(view, accounts), products_held(view, accounts))
