"""How well playbooks answer an account's risks: arithmetic over plain values, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

SEVERITY_SHARE = Fraction(7, 10)
COVERAGE_SHARE = Fraction(3, 10)
MOST_RECOMMENDED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the arithmetic needs to know of a playbook; rank 0 is the most urgent."""

    number: int
    priority_rank: int
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A playbook, by number, that answers at least one of the factors asked about."""

    number: int
    relevance: Decimal
    factors: tuple[str, ...]
    """The playbook's own factors that are in question, in its order."""


def relevance(*, severities: Mapping[str, int], answers: Sequence[str]) -> Decimal:
    """How much of the trouble a playbook answers, 0.00 to 1.00.

    Seven tenths is the share of the severity it answers, three tenths the share of its own factors that apply:
    a playbook made for exactly this trouble beats a broad one that happens to touch it.
    """
    matching = _matching(severities, answers)
    total = sum(severities.values())
    if not matching or not total:
        return Decimal("0.00")
    answered = Fraction(sum(severities[name] for name in matching), total)
    fit = Fraction(len(matching), len(set(answers)))
    exact = SEVERITY_SHARE * answered + COVERAGE_SHARE * fit
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def best_matches(
    *, severities: Mapping[str, int], candidates: Iterable[Candidate], limit: int = MOST_RECOMMENDED
) -> list[Match]:
    """The playbooks with a match, most relevant first; ties by priority, then by number.

    `severities` holds the factors in question with their weight. Ties are judged on the rounded value, the one
    people see, so the order can be checked by eye.
    """
    judged = [
        (relevance(severities=severities, answers=candidate.factors), candidate)
        for candidate in candidates
        if _matching(severities, candidate.factors)
    ]
    judged.sort(key=lambda pair: (-pair[0], pair[1].priority_rank, pair[1].number))
    return [
        Match(number=candidate.number, relevance=score, factors=_matching(severities, candidate.factors))
        for score, candidate in judged[:limit]
    ]


def _matching(severities: Mapping[str, int], answers: Sequence[str]) -> tuple[str, ...]:
    """The playbook's own factors that are in question, in the playbook's order, each once."""
    return tuple(name for name in dict.fromkeys(answers) if name in severities)
