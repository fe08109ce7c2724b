"""What holds for every recommendation, whatever the risks and the library."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from health.enums import RiskFactor
from playbooks.relevance import MOST_RECOMMENDED, Candidate, best_matches, relevance

FACTORS = st.sampled_from([factor.value for factor in RiskFactor])
SEVERITIES = st.dictionaries(FACTORS, st.integers(1, 3), max_size=8)
LIBRARIES = st.lists(st.tuples(st.integers(0, 2), st.lists(FACTORS, max_size=5, unique=True)), max_size=12).map(
    lambda rows: [
        Candidate(number=number, priority_rank=rank, factors=tuple(factors))
        for number, (rank, factors) in enumerate(rows, start=1)
    ]
)


@given(severities=SEVERITIES, library=LIBRARIES, seed=st.integers(0, 9))
def test_the_same_risks_give_the_same_list_in_whatever_order_they_come(
    severities: dict[str, int], library: list[Candidate], seed: int
) -> None:
    found = best_matches(severities=severities, candidates=library)
    shuffled, turned = list(library), list(severities.items())
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(turned)

    assert best_matches(severities=dict(turned), candidates=shuffled) == found


@given(severities=SEVERITIES, library=LIBRARIES)
def test_at_most_five_and_only_matches(severities: dict[str, int], library: list[Candidate]) -> None:
    found = best_matches(severities=severities, candidates=library)
    by_number = {each.number: each for each in library}

    assert len(found) == min(MOST_RECOMMENDED, sum(not set(each.factors).isdisjoint(severities) for each in library))
    for match in found:
        assert match.factors
        assert set(match.factors) == set(by_number[match.number].factors) & set(severities)
        assert 0 <= match.relevance <= 1


@given(severities=SEVERITIES, library=LIBRARIES)
def test_nobody_left_out_would_have_come_before_somebody_listed(
    severities: dict[str, int], library: list[Candidate]
) -> None:
    def place(candidate: Candidate) -> tuple[object, int, int]:
        return (
            -relevance(severities=severities, answers=candidate.factors),
            candidate.priority_rank,
            candidate.number,
        )

    by_number = {each.number: each for each in library}
    listed = [place(by_number[match.number]) for match in best_matches(severities=severities, candidates=library)]
    left_out = [
        place(each) for each in library if not set(each.factors).isdisjoint(severities) and place(each) not in listed
    ]

    assert listed == sorted(listed)
    assert all(each > listed[-1] for each in left_out)
