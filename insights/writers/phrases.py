"""Small turns of phrase that the rules are built from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from csplatform.formatting import MONTHS, counted, date_text, number, percent, trimmed
from health.enums import RiskFactor
from insights.facts import AccountFacts, SignalFact

RATES = frozenset({"adoption_pct", "login_rate"})
PLURAL = frozenset({"daily_active_users", "tickets_open"})
SHORT_DATES_WITHIN_DAYS = 300
IN_A_SENTENCE: dict[str, str] = {
    RiskFactor.CRITICAL_SCORE: "a critical health score",
    RiskFactor.BELOW_TARGET_SCORE: "a health score below target",
    RiskFactor.MANY_TICKETS: "a high support ticket volume",
    RiskFactor.NEGATIVE_NPS: "a negative NPS",
    RiskFactor.DECLINING_TREND: "a declining health trend",
    RiskFactor.RENEWAL_AT_RISK: "a renewal at risk",
    RiskFactor.ESCALATION_OPEN: "an open support escalation",
}


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def day(when: date, *, as_of: date) -> str:
    """``12 Oct``; with its year where that is not plain."""
    if abs((as_of - when).days) <= SHORT_DATES_WITHIN_DAYS:
        return f"{when.day} {MONTHS[when.month - 1]}"
    return date_text(when)


def figure(signal: SignalFact, value: Decimal) -> str:
    """A signal's value as people say it: rates with two decimals, counts whole."""
    return number(value, 2 if signal.key in RATES else 0)


def points(value: Decimal) -> str:
    return f"{trimmed(value)} {'point' if value == 1 else 'points'}"


def accounts(count: int) -> str:
    return counted(count, "account")


def lower_first(text: str) -> str:
    """For use inside a sentence; names in capitals (NPS) stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def coverage(facts: AccountFacts) -> str:
    """The share of the scorecard's weight that has data: ``85%``."""
    return percent((facts.coverage or Decimal(0)) * 100)


def factor(name: str) -> str:
    """A risk factor as part of a sentence."""
    return IN_A_SENTENCE.get(name) or lower_first(name)


def moved(signal: SignalFact, *, as_of: date) -> str:
    """``Feature adoption fell from 0.62 to 0.31 since 12 Oct``."""
    if signal.value is None or signal.before is None or signal.before_on is None:
        raise ValueError(f"{signal.key} has no two ends to speak of")
    verb = "rose" if signal.value > signal.before else "fell"
    return (
        f"{signal.label} {verb} from {figure(signal, signal.before)} to {figure(signal, signal.value)} "
        f"since {day(signal.before_on, as_of=as_of)}"
    )


def from_to(signal: SignalFact) -> str:
    """``feature adoption (0.62 to 0.31)``."""
    if signal.value is None or signal.before is None:
        raise ValueError(f"{signal.key} has no two ends to speak of")
    return f"{lower_first(signal.label)} ({figure(signal, signal.before)} to {figure(signal, signal.value)})"


def is_or_are(signal: SignalFact) -> str:
    return "are" if signal.key in PLURAL else "is"


def standing(signal: SignalFact) -> str:
    """``feature adoption at 0.31 gives 7.8 of 25 points``."""
    if signal.value is None or signal.points is None:
        raise ValueError(f"{signal.key} is not reported")
    of_target = f" of a target of {number(signal.target)}" if signal.target is not None else ""
    gives = "give" if signal.key in PLURAL else "gives"
    return (
        f"{lower_first(signal.label)} at {figure(signal, signal.value)}{of_target} "
        f"{gives} {trimmed(signal.points)} of {trimmed(signal.max_points)} points"
    )
