"""Everything the overview of one account shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.head_facts import ScoreMove
from accounts.models import Account, Activity, CustomField, FollowUp, Goal
from accounts.selectors.account_group import AccountGroup, account_group
from accounts.selectors.contacts import AccountContacts, account_contacts
from csplatform.models import Organization
from health.risk_factors import FactorRow
from health.selectors.explanation import HealthExplanation, health_explanation
from health.selectors.history import HealthPoint
from health.selectors.scorecard import daily_rules, health_scorecards, scored_anew_until
from health.selectors.signal_words import signal_value
from health.selectors.trends import recent_change
from insights.facts import AccountFacts
from insights.selectors.account_changes import AccountChange, account_changes
from insights.selectors.account_facts import REMEMBERED_DAYS, facts_from, remembered_days
from insights.selectors.typical_actions import TypicalAction, typical_actions
from playbooks.selectors.open_risks import account_risks
from playbooks.selectors.recommendations import Recommendation, answers_to

SHOWN = 5
"""Next steps, goals and events that the overview shows; their tabs have the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of the newest day that has any, and where it came from in ninety days."""

    key: str
    label: str
    value: str
    before: str
    before_on: date | None
    line: tuple[float | None, ...]
    tone: str
    """Whether the line ends better (up) or worse (down) than it began: fewer tickets are better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """One account, seen from every room."""

    facts: AccountFacts
    factors: Sequence[FactorRow]
    recommended: Sequence[Recommendation]
    explanation: HealthExplanation | None
    score_move: ScoreMove
    history: Sequence[HealthPoint]
    measures: Sequence[Measure]
    changes: Sequence[AccountChange]
    next_steps: Sequence[FollowUp]
    open_steps: int
    goals: Sequence[Goal]
    events: Sequence[Activity]
    contacts: AccountContacts
    group: AccountGroup
    actions: Sequence[TypicalAction]


def account_overview(
    organization: Organization, account: Account, *, today: date, fields: Iterable[CustomField] | None = None
) -> AccountOverview:
    """The overview on a day, in a fixed number of queries; `fields` are the organisation's own ones if at hand."""
    scorecards = health_scorecards(organization)
    factors = account_risks(organization, account, today=today, scorecards=scorecards)
    recommended = answers_to(organization, factors)
    steps = list(account.follow_ups.open().soonest_first().select_related("assignee"))
    rules = daily_rules(organization, scorecards.of(account).rules)
    rows = remembered_days(account, rules, today=today)
    facts = facts_from(
        organization,
        account,
        today=today,
        rules=rules,
        days=rows,
        risks=factors,
        recommended=recommended,
        anew_until=scored_anew_until(account, scorecards, today=today, days=REMEMBERED_DAYS),
    )
    return AccountOverview(
        facts=facts,
        factors=sorted(factors, key=lambda factor: -factor["severity"]),
        recommended=recommended,
        explanation=health_explanation(account, today=today),
        score_move=recent_change(account, scorecards=scorecards),
        history=[HealthPoint(date=row["date"], score=row["health_score"]) for row in rows],
        measures=_measures(rows, facts),
        changes=account_changes(account, fields=fields),
        next_steps=steps[:SHOWN],
        open_steps=len(steps),
        goals=list(account.goals.active().soonest_first()[:SHOWN]),
        events=list(account.activities.select_related("actor")[:SHOWN]),
        contacts=account_contacts(account),
        group=account_group(account),
        actions=[] if account.is_archived else typical_actions(account),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPeek:
    """What somebody wants to know who only looks up an account in passing."""

    factors: Sequence[FactorRow]
    next_steps: Sequence[FollowUp]
    events: Sequence[Activity]
    contacts: AccountContacts


def account_peek(organization: Organization, account: Account, *, today: date) -> AccountPeek:
    """A quick look, in a fixed number of queries."""
    factors = account_risks(organization, account, today=today)
    return AccountPeek(
        factors=sorted(factors, key=lambda factor: -factor["severity"]),
        next_steps=list(account.follow_ups.open().soonest_first().select_related("assignee")[:3]),
        events=list(account.activities.select_related("actor")[:3]),
        contacts=account_contacts(account),
    )


def _measures(rows: list[dict[str, Any]], facts: AccountFacts) -> list[Measure]:
    """The scorecard's signals as reported; their points are the explanation's business."""
    keys = [signal.key for signal in facts.signals]
    newest = rows[-1] if rows else {}
    lines = {key: tuple(None if row[key] is None else float(row[key]) for row in rows) for key in keys}
    return [
        Measure(
            key=signal.key,
            label=signal.label,
            value=signal_value(signal.key, newest.get(signal.key)),
            before=signal_value(signal.key, _on(rows, signal.before_on, signal.key)),
            before_on=signal.before_on,
            line=lines[signal.key],
            tone=_tone(lines[signal.key], fewer_is_better=signal.fewer_is_better),
        )
        for signal in facts.signals
    ]


def _tone(line: tuple[float | None, ...], *, fewer_is_better: bool) -> str:
    known = [value for value in line if value is not None]
    if len(known) < 2 or known[-1] == known[0]:
        return "flat"
    return "up" if (known[-1] > known[0]) is not fewer_is_better else "down"


def _on(rows: list[dict[str, object]], day: date | None, key: str) -> float | None:
    value = next((row[key] for row in rows if row["date"] == day), None)
    return None if value is None else float(str(value))
