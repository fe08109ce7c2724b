"""What the rules say about all accounts together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from csplatform.formatting import number, percent, rupees_compact, share_pct, trimmed
from health.enums import RiskFactor
from insights.enums import FocusArea
from insights.facts import GroupFact, NamedAccountFact, PortfolioFacts
from insights.writers import phrases
from insights.writers.base import LEAST_FINDINGS, MOST_FINDINGS, PortfolioText, Wishes

MOST_RISKS = 5
NOTABLE_GAP = Decimal(3)
"""Segments closer together than this many points are alike."""
MOST_OPPORTUNITIES = 4
AREA_OF_FACTOR: dict[str, FocusArea] = {
    RiskFactor.LOW_ENGAGEMENT: FocusArea.ENGAGEMENT,
    RiskFactor.INFREQUENT_LOGINS: FocusArea.ENGAGEMENT,
    RiskFactor.NO_RECENT_ENGAGEMENT: FocusArea.ENGAGEMENT,
    RiskFactor.LOW_ADOPTION: FocusArea.ADOPTION,
    RiskFactor.MANY_TICKETS: FocusArea.SUPPORT,
    RiskFactor.ESCALATION_OPEN: FocusArea.SUPPORT,
    RiskFactor.NEGATIVE_NPS: FocusArea.SENTIMENT,
    RiskFactor.RENEWAL_AT_RISK: FocusArea.RENEWALS,
    RiskFactor.OVERDUE_INVOICES: FocusArea.REVENUE,
    RiskFactor.LOW_DATA_QUALITY: FocusArea.DATA,
}
SCORE_FACTORS = frozenset({RiskFactor.CRITICAL_SCORE.value, RiskFactor.BELOW_TARGET_SCORE.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Something to say and what it is about, so that a reader's focus can bring it forward."""

    text: str
    area: FocusArea


def write_portfolio(facts: PortfolioFacts, wishes: Wishes) -> PortfolioText:
    """The whole text about the portfolio."""
    findings = _focused(_findings(facts), wishes)[:MOST_FINDINGS]
    for spare in _spare_findings(facts):
        if len(findings) >= LEAST_FINDINGS:
            break
        findings.append(spare)
    opportunities = _focused(_opportunities(facts), wishes) if wishes.include_recommendations else []
    return PortfolioText(
        summary=_summary(facts),
        key_findings=tuple(findings),
        top_risks=tuple(_focused(_risks(facts), wishes)[:MOST_RISKS]),
        opportunities=tuple(opportunities[:MOST_OPPORTUNITIES]),
    )


def _summary(facts: PortfolioFacts) -> str:
    if not facts.accounts:
        return (
            "There are no open accounts yet. Import a CSV of accounts and daily metrics, and the first text "
            "appears here."
        )
    first = f"{phrases.accounts(facts.accounts)} pay {rupees_compact(facts.total_arr)} a year"
    if facts.accounts == 1:
        first = f"One account pays {rupees_compact(facts.total_arr)} a year"
    health = (
        f"; the average health score is {trimmed(facts.average_score)}"
        + ("" if facts.scored == facts.accounts else f" over the {number(facts.scored)} that can be scored")
        if facts.scored
        else "; none can be scored yet"
    )
    sentences = [f"{first}{health}."]
    if facts.at_risk.accounts:
        share = percent(share_pct(facts.at_risk.arr, facts.total_arr))
        verb = "is" if facts.at_risk.accounts == 1 else "are"
        sentences.append(
            f"{phrases.accounts(facts.at_risk.accounts)} {verb} At Risk or Critical, with "
            f"{rupees_compact(facts.at_risk.arr)} a year, {share} of the whole."
        )
    elif facts.scored:
        sentences.append("No account is At Risk or Critical.")
    sentences.append(_revenue(facts))
    return " ".join(sentences)


def _revenue(facts: PortfolioFacts) -> str:
    change, quarter = facts.arr_change_30d, facts.arr_change_90d
    if not change and not quarter:
        return "Annual revenue has not changed in 90 days."
    month = (
        f"{'grew' if change > 0 else 'shrank'} by {rupees_compact(abs(change))} in 30 days"
        if change
        else "did not change in 30 days"
    )
    longer = f"{'up' if quarter > 0 else 'down'} {rupees_compact(abs(quarter))}" if quarter else "level"
    return f"Annual revenue {month} and is {longer} over 90."


# Key findings: what a reader should take away


def _findings(facts: PortfolioFacts) -> Iterator[Sentence]:
    if not facts.accounts:
        return
    if facts.at_risk.accounts:
        yield Sentence(text=_concentration(facts), area=FocusArea.HEALTH)
    if facts.factors:
        yield _commonest_factor(facts, facts.factors[0])
    if facts.fallers:
        yield Sentence(text=_largest_fall(facts, facts.fallers[0]), area=FocusArea.HEALTH)
    if weakest := _weakest_segment(facts):
        yield weakest
    if facts.renewals_at_risk:
        yield Sentence(text=_renewals(facts), area=FocusArea.RENEWALS)
    if facts.arr_change_30d or facts.arr_change_90d:
        yield Sentence(text=_revenue(facts), area=FocusArea.REVENUE)
    if len(facts.factors) > 1:
        yield _commonest_factor(facts, facts.factors[1])
    if facts.risers:
        yield Sentence(text=_largest_rise(facts.risers[0]), area=FocusArea.HEALTH)
    if facts.scored < facts.accounts:
        unknown = facts.accounts - facts.scored
        yield Sentence(
            text=f"{phrases.accounts(unknown)} cannot be scored: too few of their signals are reported.",
            area=FocusArea.DATA,
        )


def _concentration(facts: PortfolioFacts) -> str:
    """Whether the risk sits in few accounts or in many."""
    largest = facts.worst[:3]
    arr = sum((account.arr for account in largest), Decimal(0))
    names = phrases.listed([f"{account.name} ({_score(account)})" for account in largest])
    if not largest or not facts.at_risk.arr:
        return f"{phrases.accounts(facts.at_risk.accounts)} stand below 60 points."
    if facts.at_risk.accounts <= len(largest):
        return f"All revenue at risk, {rupees_compact(facts.at_risk.arr)} a year, sits in {names}."
    share = percent(share_pct(arr, facts.at_risk.arr))
    return f"{names} carry {share} of the {rupees_compact(facts.at_risk.arr)} a year at risk."


def _commonest_factor(facts: PortfolioFacts, factor: GroupFact) -> Sentence:
    share = percent(share_pct(factor.accounts, facts.accounts))
    text = (
        f"{factor.name} touches {phrases.accounts(factor.accounts)} ({share}) "
        f"that pay {rupees_compact(factor.arr)} a year."
    )
    return Sentence(text=text, area=AREA_OF_FACTOR.get(factor.name, FocusArea.HEALTH))


def _largest_fall(facts: PortfolioFacts, account: NamedAccountFact) -> str:
    others = [f"{other.name} ({trimmed(other.score_change or 0)})" for other in facts.fallers[1:3]]
    rest = f", before {phrases.listed(others)}" if others else ""
    return f"{account.name} fell furthest, {_from_to(account)}{rest}."


def _largest_rise(account: NamedAccountFact) -> str:
    return f"{account.name} recovered most, {_from_to(account)}."


def _weakest_segment(facts: PortfolioFacts) -> Sentence | None:
    scored = [segment for segment in facts.segments if segment.average_score is not None]
    if len(scored) < 2:
        return None
    weakest = min(scored, key=lambda segment: segment.average_score or 0)
    strongest = max(scored, key=lambda segment: segment.average_score or 0)
    gap = (strongest.average_score or Decimal(0)) - (weakest.average_score or Decimal(0))
    if gap < NOTABLE_GAP:
        return None
    text = (
        f"{weakest.name} is the weakest segment: {trimmed(weakest.average_score or 0)} on average over "
        f"{phrases.accounts(weakest.accounts)}, {phrases.points(gap)} below {strongest.name}."
    )
    return Sentence(text=text, area=FocusArea.HEALTH)


def _renewals(facts: PortfolioFacts) -> str:
    first, count = facts.renewals_at_risk[0], facts.renewing_at_risk.accounts
    verb = "renews" if count == 1 else "renew"
    return (
        f"{phrases.accounts(count)} with {rupees_compact(facts.renewing_at_risk.arr)} a year {verb} within 90 days "
        "at a score below 60; "
        f"{'it is' if count == 1 else 'first comes'} {first.name}, {_renewal_day(facts, first)}."
    )


def _spare_findings(facts: PortfolioFacts) -> Iterator[str]:
    """Said when little else is: the shape of the portfolio, and what data would add."""
    if not facts.accounts:
        yield "Nothing has been imported yet; the sample file on the import page shows the columns."
        yield "Health needs at least two of the five daily signals for an account before it is scored."
        yield "Revenue trends start with the first import: every later change of ARR is kept with its date."
        return
    for bucket in facts.buckets:
        share = percent(share_pct(bucket.accounts, facts.accounts))
        count = phrases.accounts(bucket.accounts)
        yield f"{bucket.name}: {count} ({share}) with {rupees_compact(bucket.arr)} a year."
    for segment in facts.segments:
        share = percent(share_pct(segment.arr, facts.total_arr))
        yield f"{segment.name}: {phrases.accounts(segment.accounts)} and {share} of annual revenue."
    if not facts.factors:
        yield "No risk factor applies to any account."
    yield _revenue(facts)
    yield "More days of metrics will show who is moving: trends compare 30, 60 and 90 days."


# Risks and opportunities: named accounts, and what to do


def _risks(facts: PortfolioFacts) -> Iterator[Sentence]:
    named: set[int] = set()
    for account in sorted(facts.renewals_at_risk, key=lambda account: -account.arr)[:2]:
        named.add(account.number)
        yield Sentence(
            text=(
                f"{account.name}: {rupees_compact(account.arr)} a year renews {_renewal_day(facts, account)} at a "
                f"score of {_score(account)}{_because(account)}."
            ),
            area=FocusArea.RENEWALS,
        )
    for account in facts.worst:
        if account.number in named:
            continue
        moved = f", {_from_to(account)}" if account.score_change and account.score_change <= -1 else ""
        yield Sentence(
            text=(
                f"{account.name}: {rupees_compact(account.arr)} a year at a score of {_score(account)}"
                f"{moved}{_because(account)}."
            ),
            area=AREA_OF_FACTOR.get(account.factors[0], FocusArea.HEALTH) if account.factors else FocusArea.HEALTH,
        )


def _opportunities(facts: PortfolioFacts) -> Iterator[Sentence]:
    for play in facts.plays[:2]:
        count = phrases.accounts(play.accounts)
        yield Sentence(
            text=(
                f"{play.title} (playbook {play.number}) is the best answer for {count} with "
                f"{rupees_compact(play.arr)} a year."
            ),
            area=FocusArea.HEALTH,
        )
    if facts.expansion:
        names = phrases.listed([f"{account.name} ({rupees_compact(account.arr)})" for account in facts.expansion[:3]])
        yield Sentence(
            text=f"Healthy and using at least 90% of the seats: talk growth with {names}.", area=FocusArea.REVENUE
        )
    if facts.advocates:
        names = phrases.listed([account.name for account in facts.advocates[:3]])
        yield Sentence(
            text=f"Healthy, with an NPS of 50 or more: ask {names} for a reference.", area=FocusArea.SENTIMENT
        )
    for account in facts.risers[:1]:
        yield Sentence(
            text=f"{account.name} is on the way up, {_from_to(account)}: find out what worked and repeat it.",
            area=FocusArea.HEALTH,
        )
    if facts.scored < facts.accounts:
        unknown = phrases.accounts(facts.accounts - facts.scored)
        yield Sentence(text=f"Reporting more signals for {unknown} would bring them into view.", area=FocusArea.DATA)


# Turns of phrase about a named account


def _score(account: NamedAccountFact) -> str:
    return "unknown" if account.score is None else trimmed(account.score)


def _from_to(account: NamedAccountFact) -> str:
    if account.score is None or account.score_before is None:
        return f"now at {_score(account)}"
    return f"from {trimmed(account.score_before)} to {trimmed(account.score)} in 30 days"


def _renewal_day(facts: PortfolioFacts, account: NamedAccountFact) -> str:
    return "" if account.renews_on is None else f"on {phrases.day(account.renews_on, as_of=facts.as_of)}"


def _because(account: NamedAccountFact) -> str:
    """The two gravest factors, those that only repeat the score left out."""
    told = [name.lower().replace("nps", "NPS") for name in account.factors if name not in SCORE_FACTORS]
    return f" ({phrases.listed(told[:2])})" if told else ""


def _focused(sentences: Iterator[Sentence], wishes: Wishes) -> list[str]:
    found = sorted(sentences, key=lambda sentence: sentence.area not in wishes.focus)
    return [sentence.text for sentence in found]
