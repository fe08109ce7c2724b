"""What to do about an account, and for which accounts a playbook was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from accounts.models import Account
from csplatform.models import Organization
from csplatform.money import ZERO
from health.enums import RiskFactor
from health.risk_factors import FactorRow
from playbooks.models import Playbook
from playbooks.relevance import best_matches, relevance
from playbooks.selectors.open_risks import AccountRisks, account_risks, open_risks, severities


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A playbook, how well it fits, and which of its factors apply."""

    playbook: Playbook
    relevance: Decimal
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """An account that a playbook answers, with the factors it answers there."""

    account: Account
    relevance: Decimal
    factors: tuple[FactorRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many accounts a playbook is the best answer for, and what they pay a year."""

    playbook: Playbook
    accounts: int
    arr: Decimal


def recommendations_for_account(organization: Organization, account: Account, *, today: date) -> list[Recommendation]:
    """At most five of the built-in playbooks, best first, for the account's open risks."""
    return answers_to(organization, account_risks(organization, account, today=today))


def answers_to(organization: Organization, factors: Sequence[FactorRow]) -> list[Recommendation]:
    """The same for factors that are already at hand."""
    return _recommend(organization, severities(factors))


def recommendations_for_factors(organization: Organization, names: Iterable[str]) -> list[Recommendation]:
    """The same for risk factors given by name; names we do not know match nothing."""
    known = [RiskFactor(name) for name in dict.fromkeys(names) if name in RiskFactor.values]
    return _recommend(organization, {factor.value: factor.severity for factor in known})


def _recommend(organization: Organization, wanted: dict[str, int]) -> list[Recommendation]:
    if not wanted:
        return []
    library = {playbook.number: playbook for playbook in organization.playbooks.builtin().with_steps()}
    candidates = [playbook.as_candidate for playbook in library.values()]
    return [
        Recommendation(playbook=library[match.number], relevance=match.relevance, factors=match.factors)
        for match in best_matches(severities=wanted, candidates=candidates)
    ]


def fits_per_playbook(organization: Organization, *, today: date) -> dict[int, int]:
    """By playbook id, how many open accounts it answers now."""
    playbooks = list(organization.playbooks.values_list("pk", "risk_factors"))
    # Thousands of accounts share a few dozen sets of factors: each set is judged once.
    sets = Counter(frozenset(risks.severities) for risks in open_risks(organization, today=today))
    return {
        pk: sum(count for names, count in sets.items() if not names.isdisjoint(answers)) for pk, answers in playbooks
    }


def accounts_answered_by(organization: Organization, playbook: Playbook, *, today: date) -> list[AccountRisks]:
    """The open accounts with a factor that the playbook answers: best fit first, then the larger revenue."""

    @cache
    def judged(factors: tuple[tuple[str, int], ...]) -> Decimal:
        return relevance(severities=dict(factors), answers=playbook.risk_factors)

    answered = [
        (judged(tuple(risks.severities.items())), risks)
        for risks in open_risks(organization, today=today)
        if not risks.severities.keys().isdisjoint(playbook.risk_factors)
    ]
    answered.sort(key=lambda pair: (-pair[0], -pair[1].arr, pair[1].account_id))
    return [risks for _, risks in answered]


def with_accounts(organization: Organization, playbook: Playbook, risks: Sequence[AccountRisks]) -> list[Fit]:
    """Some of `accounts_answered_by` with their accounts fetched, in the order given."""
    accounts = organization.accounts.for_list().in_bulk([item.account_id for item in risks])
    return [
        Fit(
            account=accounts[item.account_id],
            relevance=relevance(severities=item.severities, answers=playbook.risk_factors),
            factors=tuple(factor for factor in item.factors if factor["name"] in playbook.risk_factors),
        )
        for item in risks
    ]


def best_answers(organization: Organization, risks: Iterable[AccountRisks]) -> list[Reach]:
    """The playbooks that are the first recommendation somewhere, the largest revenue first."""
    library = list(organization.playbooks.builtin())
    candidates = [playbook.as_candidate for playbook in library]
    counts: Counter[int] = Counter()
    money: dict[int, Decimal] = {}

    @cache
    def best(factors: tuple[tuple[str, int], ...]) -> int | None:
        found = best_matches(severities=dict(factors), candidates=candidates, limit=1)
        return found[0].number if found else None

    for item in risks:
        number = best(tuple(item.severities.items()))
        if number is not None:
            counts[number] += 1
            money[number] = money.get(number, ZERO) + item.arr
    reached = [
        Reach(playbook=playbook, accounts=counts[playbook.number], arr=money[playbook.number])
        for playbook in library
        if counts[playbook.number]
    ]
    return sorted(reached, key=lambda reach: (-reach.arr, reach.playbook.number))
