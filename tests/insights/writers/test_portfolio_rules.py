"""What the rules say about all accounts together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from insights.enums import FocusArea
from insights.facts import GroupFact, PortfolioFacts
from insights.writers.base import PortfolioText, Wishes
from insights.writers.rules import RulesWriter
from tests.factories.insights import NamedAccountFactFactory, PortfolioFactsFactory

NOTHING = Decimal(0)


def write(facts: PortfolioFacts, wishes: Wishes | None = None) -> PortfolioText:
    return RulesWriter().write_portfolio(facts, wishes or Wishes())


def empty_portfolio() -> PortfolioFacts:
    return PortfolioFactsFactory(
        accounts=0,
        scored=0,
        total_arr=NOTHING,
        average_score=NOTHING,
        arr_change_30d=NOTHING,
        arr_change_90d=NOTHING,
        buckets=(),
        at_risk=GroupFact(name="At risk", accounts=0, arr=NOTHING),
        segments=(),
        factors=(),
        worst=(),
        fallers=(),
        plays=(),
    )


def test_the_summary_counts_pays_and_moves() -> None:
    # 50 of 200 lakh is a quarter.
    assert write(PortfolioFactsFactory()).summary == (
        "10 accounts pay ₹2Cr a year; the average health score is 68.4. "
        "3 accounts are At Risk or Critical, with ₹50L a year, 25% of the whole. "
        "Annual revenue shrank by ₹5L in 30 days and is up ₹15L over 90."
    )


def test_findings_name_accounts_causes_and_figures() -> None:
    assert write(PortfolioFactsFactory()).key_findings == (
        "All revenue at risk, ₹50L a year, sits in Acme Cloud (38.2), Beta Retail (51) and Gamma Media (44.4).",
        "Low feature adoption touches 4 accounts (40%) that pay ₹60L a year.",
        "Beta Retail fell furthest, from 70.5 to 51 in 30 days.",
        "SMB is the weakest segment: 61 on average over 6 accounts, 11.5 points below Enterprise.",
    )


def test_a_renewal_at_risk_leads_the_risks_and_is_told_once() -> None:
    renewing = NamedAccountFactFactory(
        number=7,
        name="Delta Bank",
        arr=Decimal(2_000_000),
        score=Decimal("48.0"),
        renews_on=date(2026, 12, 4),
        factors=("Renewal at risk", "Negative NPS score", "Critical health score"),
    )
    facts = PortfolioFactsFactory(
        renewals_at_risk=(renewing,),
        renewing_at_risk=GroupFact(name="Renewal at risk", accounts=1, arr=renewing.arr),
        worst=(renewing, NamedAccountFactFactory(number=8, name="Acme Cloud")),
    )

    assert write(facts).top_risks == (
        "Delta Bank: ₹20L a year renews on 4 Dec at a score of 48 (renewal at risk and negative NPS score).",
        "Acme Cloud: ₹10L a year at a score of 45.",
    )


def test_opportunities_start_with_the_playbook_that_answers_most_revenue() -> None:
    facts = PortfolioFactsFactory(expansion=(NamedAccountFactFactory(name="Sigma", arr=Decimal(900_000)),))

    assert write(facts).opportunities == (
        "Feature Adoption Campaign (playbook 2) is the best answer for 4 accounts with ₹60L a year.",
        "Healthy and using at least 90% of the seats: talk growth with Sigma (₹9L).",
    )


def test_a_focus_comes_first_and_hides_nothing() -> None:
    plain = write(PortfolioFactsFactory())

    focused = write(PortfolioFactsFactory(), Wishes(focus=(FocusArea.REVENUE,)))

    assert focused.key_findings[0] == "Annual revenue shrank by ₹5L in 30 days and is up ₹15L over 90."
    assert focused.key_findings[1:] == plain.key_findings[:3]


def test_without_recommendations_there_are_no_opportunities() -> None:
    assert write(PortfolioFactsFactory(), Wishes(include_recommendations=False)).opportunities == ()


def test_an_empty_portfolio_gets_a_whole_text() -> None:
    text = write(empty_portfolio())

    assert text.summary.startswith("There are no open accounts yet.")
    assert len(set(text.key_findings)) == len(text.key_findings) == 3
    assert (text.top_risks, text.opportunities) == ((), ())


def test_a_quiet_portfolio_still_gets_three_findings() -> None:
    facts = PortfolioFactsFactory(
        accounts=1,
        scored=1,
        arr_change_30d=NOTHING,
        arr_change_90d=NOTHING,
        buckets=(GroupFact(name="Healthy", accounts=1, arr=Decimal(900_000)),),
        total_arr=Decimal(900_000),
        at_risk=GroupFact(name="At risk", accounts=0, arr=NOTHING),
        segments=(GroupFact(name="SMB", accounts=1, arr=Decimal(900_000), average_score=Decimal(85)),),
        factors=(),
        worst=(),
        fallers=(),
        plays=(),
    )

    text = write(facts)

    assert text.summary == (
        "One account pays ₹9L a year; the average health score is 68.4. No account is At Risk or Critical. "
        "Annual revenue has not changed in 90 days."
    )
    assert text.key_findings == (
        "Healthy: 1 account (100%) with ₹9L a year.",
        "SMB: 1 account and 100% of annual revenue.",
        "No risk factor applies to any account.",
    )
