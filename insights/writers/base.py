"""What a writer promises: facts in, words of a settled shape out, whatever stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from insights.enums import FocusArea, InsightSource
from insights.facts import AccountFacts, PortfolioFacts

ACTIONS_PER_ACCOUNT = 3
LEAST_FINDINGS, MOST_FINDINGS = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the reader asked for.

    `focus` moves what it names to the front, it never hides the rest. Without recommendations the text only
    describes: no actions, no opportunities.
    """

    include_recommendations: bool = True
    focus: tuple[FocusArea, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to do about an account: three of them, all different."""

    title: str
    description: str
    priority: str
    estimated_impact: str
    playbook_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountText:
    """What is said about one account."""

    summary: str
    health_analysis: str
    risk_factors: tuple[str, ...]
    recommended_actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioText:
    """What is said about all accounts."""

    summary: str
    key_findings: tuple[str, ...]
    top_risks: tuple[str, ...]
    opportunities: tuple[str, ...]


class Writer(Protocol):
    """Turns facts into words. A writer that fails raises; it never answers with half a text."""

    source: InsightSource

    def write_account(self, facts: AccountFacts, wishes: Wishes) -> AccountText: ...

    def write_portfolio(self, facts: PortfolioFacts, wishes: Wishes) -> PortfolioText: ...
