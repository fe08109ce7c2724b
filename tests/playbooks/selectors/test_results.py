"""What came of a playbook's runs, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from csplatform.models import Membership
from playbooks.models import Playbook
from playbooks.selectors.results import playbook_results
from tests.factories.accounts import AccountFactory
from tests.factories.playbooks import PlaybookFactory, RunFactory

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)


@pytest.fixture
def playbook(alice: Membership) -> Playbook:
    return PlaybookFactory(organization=alice.organization)


def ended(playbook: Playbook, outcome: str, scores: tuple[Any, Any], mrr: tuple[int, int], **facts: Any) -> None:
    RunFactory(
        **{
            "account": AccountFactory(organization=playbook.organization),
            "playbook": playbook,
            "status": "completed",
            "outcome": outcome,
            "finished_at": LATER,
            "start_score": scores[0],
            "end_score": scores[1],
            "start_mrr": mrr[0],
            "end_mrr": mrr[1],
            **facts,
        }
    )


def test_counts_median_and_money_kept(playbook: Playbook) -> None:
    ended(playbook, "succeeded", (40, 60), (1000, 1500))  # +20, keeps 1,000 of 1,000: growth is left out
    ended(playbook, "succeeded", (50, 55), (2000, 2000))  # +5, keeps 2,000
    ended(playbook, "partly", (30, None), (500, 500))  # no score at the end
    ended(playbook, "customer_left", (20, 18), (1500, 0))  # -2, keeps nothing
    ended(playbook, "", (60, 61), (0, 0))  # +1
    ended(playbook, "", (60, 90), (900, 0), status="cancelled")  # counts in nothing but itself
    RunFactory(account=AccountFactory(organization=playbook.organization), playbook=playbook)

    results = playbook_results(playbook.runs.all())

    assert (results.runs, results.going_on, results.completed, results.cancelled) == (7, 1, 5, 1)
    assert {outcome.value: count for outcome, count in results.outcomes.items() if count} == {
        "succeeded": 2,
        "partly": 1,
        "customer_left": 1,
    }
    assert results.unjudged == 1
    # Of -2, 1, 5 and 20 the middle is (1 + 5) ÷ 2 = 3.
    assert (results.score_change, results.scored) == (Decimal(3), 4)
    # 1,000 + 2,000 + 500 + 0 + 0 of 1,000 + 2,000 + 500 + 1,500 + 0: 3,500 of 5,000 are 70 %.
    assert (results.kept_mrr, results.start_mrr, results.kept_pct) == (3500, 5000, 70)
    assert not results.is_few


def test_without_runs_nothing_is_claimed(playbook: Playbook) -> None:
    results = playbook_results(playbook.runs.all())

    assert (results.runs, results.score_change, results.kept_pct, results.is_few) == (0, None, None, True)


def test_the_page_says_when_there_are_few(playbook: Playbook, client_for: Any, alice: Membership) -> None:
    ended(playbook, "succeeded", (40, 60), (1000, 1500))

    page = client_for(alice).get(playbook.get_absolute_url()).text

    assert "Only 1 completed run: too few to say what it does." in page
    assert "<strong>+20.0</strong>" in page


def test_the_api_answers_the_same(playbook: Playbook, api_for: Any, alice: Membership) -> None:
    ended(playbook, "no_effect", (40, 35), (1000, 800))

    answer = api_for(alice).get(f"/api/playbooks/{playbook.number}/results").json()

    assert answer == {
        "runs": 1,
        "going_on": 0,
        "completed": 1,
        "cancelled": 0,
        "outcomes": {"succeeded": 0, "partly": 0, "no_effect": 1, "failed": 0, "customer_left": 0},
        "unjudged": 0,
        "score_change": -5.0,
        "scored": 1,
        "start_mrr": 1000.0,
        "kept_mrr": 800.0,
        "kept_pct": 80.0,
    }
