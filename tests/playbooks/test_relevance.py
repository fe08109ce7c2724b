"""The relevance formula, worked by hand."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from health.enums import RiskFactor
from playbooks.enums import Priority
from playbooks.library import LIBRARY
from playbooks.relevance import Candidate, best_matches, relevance


def play(number: int, factors: tuple[str, ...], priority: Priority = Priority.HIGH) -> Candidate:
    return Candidate(number=number, priority_rank=priority.rank, factors=factors)


def test_relevance_weighs_answered_severity_seven_to_three_against_fit() -> None:
    # Answers severity 3 of 5 and two thirds of nothing else: 0.7 × 3/5 + 0.3 × 1/2 = 0.42 + 0.15 = 0.57.
    found = relevance(severities={"Negative NPS": 3, "Few logins": 2}, answers=["Negative NPS", "Tickets"])

    assert found == Decimal("0.57")


def test_a_playbook_made_for_exactly_this_trouble_scores_one() -> None:
    assert relevance(severities={"A": 2, "B": 3}, answers=["B", "A"]) == Decimal("1.00")


def test_relevance_rounds_halves_up() -> None:
    # 0.7 × 2/4 + 0.3 × 1/4 = 0.35 + 0.075 = 0.425, which binary floats would round down.
    assert relevance(severities={"A": 2, "B": 2}, answers=["A", "C", "D", "E"]) == Decimal("0.43")


@pytest.mark.parametrize(
    ("severities", "answers"), [({}, ["A"]), ({"A": 1}, []), ({"A": 1}, ["B"]), ({"A": 0}, ["A"])]
)
def test_without_a_match_relevance_is_zero(severities: dict[str, int], answers: list[str]) -> None:
    assert relevance(severities=severities, answers=answers) == Decimal("0.00")


def test_only_playbooks_with_a_match_are_recommended() -> None:
    found = best_matches(severities={"A": 1}, candidates=[play(1, ("B",)), play(2, ("A",))])

    assert [match.number for match in found] == [2]


def test_at_most_five_are_recommended() -> None:
    found = best_matches(severities={"A": 1}, candidates=[play(n, ("A",)) for n in range(1, 9)])

    assert [match.number for match in found] == [1, 2, 3, 4, 5]


def test_ties_go_to_the_higher_priority_then_to_the_lower_number() -> None:
    plays = [play(1, ("A",), Priority.LOW), play(2, ("A",), Priority.MEDIUM), play(3, ("A",)), play(4, ("A",))]
    random.Random(7).shuffle(plays)

    found = best_matches(severities={"A": 1}, candidates=plays)

    assert [match.number for match in found] == [3, 4, 2, 1]


def test_matching_factors_keep_the_playbooks_order() -> None:
    found = best_matches(severities={"B": 1, "A": 1, "X": 3}, candidates=[play(1, ("A", "B", "C"))])

    assert found[0].factors == ("A", "B")


def test_an_account_with_a_critical_score_and_many_tickets_gets_the_technical_health_check_first() -> None:
    factors = [RiskFactor.CRITICAL_SCORE, RiskFactor.MANY_TICKETS]

    found = best_matches(
        severities={factor: factor.severity for factor in factors},
        candidates=[play(n, tuple(item.risk_factors), item.priority) for n, item in enumerate(LIBRARY, start=1)],
    )

    # Severities 3 + 2 = 5. Number 3 answers both, two of its three factors: 0.7 × 5/5 + 0.3 × 2/3 = 0.90.
    # 7 answers the score, one of two: 0.7 × 3/5 + 0.3 × 1/2 = 0.57. 1 and 9 likewise, one of five: 0.42 + 0.06
    # = 0.48, both High, so the lower number first. 4 answers the tickets, one of three: 0.28 + 0.10 = 0.38.
    assert [(match.number, match.relevance) for match in found] == [
        (3, Decimal("0.90")),
        (7, Decimal("0.57")),
        (1, Decimal("0.48")),
        (9, Decimal("0.48")),
        (4, Decimal("0.38")),
    ]
