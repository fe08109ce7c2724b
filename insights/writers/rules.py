"""The writer that needs nobody: the same facts always give the same sentences, and each names its figures."""

from __future__ import annotations

from insights.enums import InsightSource
from insights.facts import AccountFacts, PortfolioFacts
from insights.writers.account_rules import write_account
from insights.writers.base import AccountText, PortfolioText, Wishes
from insights.writers.portfolio_rules import write_portfolio


class RulesWriter:
    """Writes by plain rules; never fails, never guesses, works on an empty portfolio."""

    source = InsightSource.RULES

    def write_account(self, facts: AccountFacts, wishes: Wishes) -> AccountText:
        return write_account(facts, wishes)

    def write_portfolio(self, facts: PortfolioFacts, wishes: Wishes) -> PortfolioText:
        return write_portfolio(facts, wishes)
