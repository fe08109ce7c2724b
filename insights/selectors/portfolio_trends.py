"""How the portfolio's revenue came to be what it is."""

from __future__ import annotations

from datetime import date

from billing.selectors.mrr import RevenuePoint, mrr_by_month
from csplatform.models import Organization
from insights.selectors.portfolio_summary import ledger_accounts

REVENUE_MONTHS = 12


def revenue_by_month(organization: Organization, *, today: date) -> list[RevenuePoint]:
    """ARR at the close of each of the last twelve months; the last point is today's total."""
    return mrr_by_month(organization, until=today, months=REVENUE_MONTHS, accounts=ledger_accounts(organization))
