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
from playbooks.relevance import Match, best_matches, relevance
from playbooks.selectors.open_risks import AccountRisks, account_risks, open_risks, severities


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


def recommendations_for_account(
    organization: Organization, account: Account, *, today: date
) -> list[Match[Playbook]]:
    """At most five of the built-in playbooks, best first, for the account's open risks."""
    return answers_to(organization, account_risks(organization, account, today=today))


def answers_to(organization: Organization, factors: Sequence[FactorRow]) -> list[Match[Playbook]]:
    """The same for factors that are already at hand."""
    return _recommend(organization, severities(factors))


def recommendations_for_factors(organization: Organization, names: Iterable[str]) -> list[Match[Playbook]]:
    """The same for risk factors given by name; names we do not know match nothing."""
    known = [RiskFactor(name) for name in dict.fromkeys(names) if name in RiskFactor.values]
    return _recommend(organization, {factor.value: factor.severity for factor in known})


def _recommend(organization: Organization, wanted: dict[str, int]) -> list[Match[Playbook]]:
    if not wanted:
        return []
    return best_matches(severities=wanted, playbooks=organization.playbooks.builtin().with_steps())


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
    counts: Counter[int] = Counter()
    money: dict[int, Decimal] = {}

    @cache
    def best(factors: tuple[tuple[str, int], ...]) -> Playbook | None:
        found = best_matches(severities=dict(factors), playbooks=library, limit=1)
        return found[0].playbook if found else None

    for item in risks:
        playbook = best(tuple(item.severities.items()))
        if playbook is not None:
            counts[playbook.number] += 1
            money[playbook.number] = money.get(playbook.number, ZERO) + item.arr
    reached = [
        Reach(playbook=playbook, accounts=counts[playbook.number], arr=money[playbook.number])
        for playbook in library
        if counts[playbook.number]
    ]
    return sorted(reached, key=lambda reach: (-reach.arr, reach.playbook.number))
