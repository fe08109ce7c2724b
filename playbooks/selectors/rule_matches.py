"""For which accounts the automation rules hold now, and why: all rules at once, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min

from accounts.bands import band
from accounts.enums import AccountStatus, Band
from csplatform.formatting import counted, date_text, trimmed
from csplatform.models import Organization
from csplatform.money import ZERO
from health.risk_factors import FactorRow, describe_factor
from health.selectors.risk_factors import current_risk_factors
from playbooks.enums import Trigger
from playbooks.models import AutomationRule

WORSE_OR_SAME: Mapping[str, tuple[Band, ...]] = {
    Band.WATCHLIST: (Band.WATCHLIST, Band.AT_RISK, Band.CRITICAL),
    Band.AT_RISK: (Band.AT_RISK, Band.CRITICAL),
    Band.CRITICAL: (Band.CRITICAL,),
}

Matches = dict[int, str]
"""By account why the rule holds for it, the largest revenue first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    pk: int
    arr: Decimal
    owner: int | None
    segment: str
    status: str
    score: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the rules look at, read once."""

    accounts: Sequence[_Account]
    factors: Mapping[int, Sequence[FactorRow]]
    term_ends: Mapping[int, date]
    late_since: Mapping[int, date]
    today: date


def rule_matches(organization: Organization, rules: Sequence[AutomationRule], *, today: date) -> dict[int, Matches]:
    """Of each rule, by key, the open accounts for which it holds. It reads facts that no rule changes."""
    facts = _facts(organization, {Trigger(rule.trigger) for rule in rules}, today=today)
    return {rule.pk: dict(_matching(rule, facts)) for rule in rules}


def _matching(rule: AutomationRule, facts: _Facts) -> Iterator[tuple[int, str]]:
    for account in facts.accounts:
        if _is_meant(rule, account) and (why := _why(rule, account, facts)):
            yield account.pk, why


def _is_meant(rule: AutomationRule, account: _Account) -> bool:
    return (
        (not rule.segment or account.segment == rule.segment)
        and (rule.owner_id is None or account.owner == rule.owner_id)
        and (rule.arr_from is None or account.arr >= rule.arr_from)
        and (rule.arr_to is None or account.arr <= rule.arr_to)
    )


def _why(rule: AutomationRule, account: _Account, facts: _Facts) -> str:
    """What holds, in words; empty where it does not."""
    match Trigger(rule.trigger):
        case Trigger.BAND:
            now = band(account.score)
            if account.score is None or now is None or now not in WORSE_OR_SAME[rule.band]:
                return ""
            return f"Health is {trimmed(account.score)}, {now.label}"
        case Trigger.RISK_FACTOR:
            rows = facts.factors.get(account.pk, ())
            return next((describe_factor(row) for row in rows if row["name"] == rule.risk_factor), "")
        case Trigger.RENEWAL:
            ends_on = facts.term_ends.get(account.pk)
            if ends_on is None or (ends_on - facts.today).days > (rule.days or 0):
                return ""
            return f"Its term ends on {date_text(ends_on)}"
        case Trigger.ONBOARDING:
            return "It is being onboarded" if account.status == AccountStatus.ONBOARDING else ""
        case Trigger.LATE_INVOICE:
            since = facts.late_since.get(account.pk)
            late = (facts.today - since).days if since else 0
            return f"An invoice is {counted(late, 'day')} late" if since and late >= (rule.days or 0) else ""


def _facts(organization: Organization, triggers: set[Trigger], *, today: date) -> _Facts:
    rows = organization.accounts.open().order_by("pk")
    accounts = [
        _Account(pk=pk, arr=arr or ZERO, owner=owner, segment=segment, status=status, score=score)
        for pk, arr, owner, segment, status, score in rows.values_list(
            "pk", "arr", "owner", "segment", "status", "health_score"
        )
    ]
    accounts.sort(key=lambda each: (-each.arr, each.pk))
    factors: Mapping[int, Sequence[FactorRow]] = {}
    ends: Mapping[int, date] = {}
    late: Mapping[int, date] = {}
    if Trigger.RISK_FACTOR in triggers:
        factors = current_risk_factors(organization, organization.accounts.open(), today=today)
    if Trigger.RENEWAL in triggers:
        terms = organization.renewals.open().filter(due_on__gte=today).order_by().values_list("account")
        ends = dict(terms.annotate(soonest=Min("due_on")))
    if Trigger.LATE_INVOICE in triggers:
        bills = organization.invoices.overdue(today).order_by().values_list("account")
        late = dict(bills.annotate(oldest=Min("due_date")))
    return _Facts(accounts=accounts, factors=factors, term_ends=ends, late_since=late, today=today)
