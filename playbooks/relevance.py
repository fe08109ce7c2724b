"""How well playbooks answer an account's risks: arithmetic over plain values, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

SEVERITY_SHARE = Fraction(7, 10)
COVERAGE_SHARE = Fraction(3, 10)
MOST_RECOMMENDED = 5


class Answer(Protocol):
    """What the arithmetic needs to know of a playbook, saved or not."""

    @property
    def number(self) -> int: ...

    @property
    def priority_rank(self) -> int: ...

    @property
    def risk_factors(self) -> Sequence[str]: ...


AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Generic[AnswerT]):
    """One playbook that answers at least one of the factors asked about."""

    playbook: AnswerT
    relevance: Decimal
    matching: tuple[str, ...]


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
    *, severities: Mapping[str, int], playbooks: Iterable[AnswerT], limit: int = MOST_RECOMMENDED
) -> list[Match[AnswerT]]:
    """The playbooks with a match, most relevant first; ties by priority, then by number.

    `severities` holds the factors in question with their weight. Ties are judged on the rounded value, the one
    people see, so the order can be checked by eye.
    """
    matches = [
        Match(
            playbook=playbook,
            relevance=relevance(severities=severities, answers=playbook.risk_factors),
            matching=_matching(severities, playbook.risk_factors),
        )
        for playbook in playbooks
    ]
    found = [match for match in matches if match.matching]
    found.sort(key=lambda match: (-match.relevance, match.playbook.priority_rank, match.playbook.number))
    return found[:limit]


def _matching(severities: Mapping[str, int], answers: Sequence[str]) -> tuple[str, ...]:
    """The playbook's own factors that are in question, in the playbook's order, each once."""
    return tuple(name for name in dict.fromkeys(answers) if name in severities)
