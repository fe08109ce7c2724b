"""What the accounts in view pay: MRR, what changed it, what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.enums import MovementKind
from billing.selectors.collected import collected_mrr
from billing.selectors.mrr import RevenuePoint, mrr_survey
from csplatform.money import ZERO
from csplatform.periods import last_days, last_months
from insights.selectors.dashboard.view import PortfolioView

NET_CHANGE_DAYS = 30
CHURN_DAYS = 90
CHART_MONTHS = 6
OF_EXISTING = (MovementKind.EXPANSION, MovementKind.CONTRACTION, MovementKind.CHURN)
"""What customers changed that were there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRevenue:
    """The figures of BILLING_RULES section 6 at the close of the day."""

    mrr: Decimal
    opening_mrr: Decimal
    """At the close of the day before the window."""
    net_revenue_change: Decimal
    """Expansion less contraction and churn of 30 days; new and returned business is not in it."""
    churn_rate: Decimal
    """MRR churned in 90 days of accounts that paid before them, in percent of what was paid then.

    By account, since one that only came within the 90 days is in neither part."""
    churned_in_window: Decimal
    """MRR lost to accounts that left in the chosen window, as a positive amount."""
    months: list[RevenuePoint]
    collected: list[Decimal]
    """Of the MRR of the same closings, what has been paid for by the close of the day."""

    @property
    def growth_pct(self) -> Decimal | None:
        """From the opening of the window to its close; None where nothing was paid at its opening."""
        if self.opening_mrr:
            return (self.mrr - self.opening_mrr) * 100 / self.opening_mrr
        return None if self.mrr else ZERO


def portfolio_revenue(view: PortfolioView) -> PortfolioRevenue:
    """All of it in a handful of queries, whatever the number of accounts."""
    months = [month.end for month in last_months(view.day, CHART_MONTHS)]
    thirty, ninety = last_days(view.day, NET_CHANGE_DAYS), last_days(view.day, CHURN_DAYS)
    survey = mrr_survey(
        view.organization,
        closings=[*months, view.window.opening, ninety.opening],
        flows=[thirty, view.window],
        churns=[ninety],
        accounts=view.book,
    )
    *points, opening, before_ninety = survey.closings
    last_thirty, in_window = survey.flows
    [left] = survey.left
    return PortfolioRevenue(
        mrr=points[-1].mrr,
        opening_mrr=opening.mrr,
        net_revenue_change=sum((last_thirty[kind] for kind in OF_EXISTING), ZERO),
        churn_rate=left * 100 / before_ninety.mrr if before_ninety.mrr else ZERO,
        churned_in_window=-in_window[MovementKind.CHURN],
        months=points,
        collected=collected_mrr(view.organization, months, as_of=view.day, accounts=view.book),
    )
