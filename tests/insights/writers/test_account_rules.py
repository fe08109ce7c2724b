"""What the rules say about one account: specific, and the same every time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from insights.enums import FocusArea
from insights.facts import AccountFacts, FactorFact
from insights.writers.base import AccountText, Wishes
from insights.writers.rules import RulesWriter
from tests.factories.insights import AccountFactsFactory, PlaybookFactFactory, SignalFactFactory


def write(facts: AccountFacts, wishes: Wishes | None = None) -> AccountText:
    return RulesWriter().write_account(facts, wishes or Wishes())


def signal_facts():
    """Four signals of five: tickets and users got worse, adoption held, NPS is not reported."""
    return (
        SignalFactFactory(
            key="daily_active_users",
            label="Daily active users",
            value=Decimal(31),
            target=Decimal(120),
            points=Decimal("6.5"),
            before=Decimal(64),
            before_points=Decimal("13.3"),
            best=Decimal(80),
            best_on=date(2026, 9, 1),
            best_points=Decimal("16.7"),
        ),
        SignalFactFactory(
            value=Decimal("0.82"), points=Decimal("20.5"), before=Decimal("0.80"), before_points=Decimal(20)
        ),
        SignalFactFactory(
            key="tickets_open",
            label="Open support tickets",
            value=Decimal(7),
            max_points=Decimal(20),
            points=Decimal(6),
            before=Decimal(2),
            before_points=Decimal(16),
        ),
        SignalFactFactory(
            key="nps", label="NPS", value=None, points=None, max_points=Decimal(15), before=None, before_points=None
        ),
    )


def test_the_fall_of_a_signal_is_told_with_both_ends_and_its_day() -> None:
    text = write(AccountFactsFactory())

    # 15.5 points then, 7.8 now.
    assert text.health_analysis == (
        "Feature adoption fell from 0.62 to 0.31 since 12 Oct (7.7 points less). "
        "Most to win: feature adoption at 0.31 gives 7.8 of 25 points."
    )


def test_the_summary_says_where_it_stands_why_and_what_is_at_stake() -> None:
    assert write(AccountFactsFactory()).summary == (
        "Acme Cloud is At Risk at 52.3 of 100, down 9.4 points since 21 Oct. "
        "Feature adoption (0.62 to 0.31) pulled it down most. "
        "₹42.8L a year renews on 11 Dec 2026, in 21 days."
    )


def test_the_largest_moves_come_first_and_what_is_missing_is_named() -> None:
    text = write(AccountFactsFactory(signals=signal_facts(), coverage=Decimal("0.85")))

    assert text.health_analysis == (
        "Open support tickets rose from 2 to 7 since 12 Oct (10 points less). "
        "Daily active users fell from 64 to 31 since 12 Oct (6.8 points less). "
        "Most to win: daily active users at 31 of a target of 120 give 6.5 of 25 points; "
        "open support tickets at 7 give 6 of 20 points. "
        "Best part: feature adoption at 0.82 gives 20.5 of 25 points. "
        "Not reported: NPS; the score stands on 85% of the weight, scaled up to 100."
    )


def test_points_count_more_where_other_signals_are_missing() -> None:
    facts = AccountFactsFactory(signals=(SignalFactFactory(scale=Decimal(2)),))

    assert "(15.4 points less)" in write(facts).health_analysis


def test_a_focus_brings_its_signals_to_the_front() -> None:
    facts = AccountFactsFactory(signals=signal_facts())

    analysis = write(facts, Wishes(focus=(FocusArea.ENGAGEMENT,))).health_analysis

    assert analysis.startswith("Daily active users fell from 64 to 31")
    assert "Open support tickets rose from 2 to 7" in analysis


def test_playbooks_become_actions_with_their_reason_first_step_and_worth() -> None:
    facts = AccountFactsFactory(
        signals=signal_facts(),
        factors=(FactorFact(name="Low user engagement", severity=2),),
        playbooks=(
            PlaybookFactFactory(
                number=6, title="Champion User Program", priority="Medium", matching=("Low user engagement",)
            ),
        ),
    )

    action = write(facts).recommended_actions[0]

    assert (action.title, action.priority, action.playbook_id) == ("Champion User Program", "Medium", 6)
    assert action.description == "Because of low user engagement (31). First step: Day 1, CSM: call them."
    # 80 users gave 16.7 points, 31 give 6.5.
    assert action.estimated_impact == ("+10.2 points of health when daily active users are back at 80, as on 1 Sep.")


@pytest.mark.parametrize("playbooks", [0, 1, 2, 3, 5])
def test_there_are_always_three_different_actions(playbooks: int) -> None:
    facts = AccountFactsFactory(playbooks=tuple(PlaybookFactFactory.build_batch(playbooks)))

    actions = write(facts).recommended_actions

    assert len({action.title for action in actions}) == len(actions) == 3
    assert [action.playbook_id for action in actions[:playbooks]] == [
        playbook.number for playbook in facts.playbooks[:3]
    ]
    assert all(action.playbook_id is None for action in actions[playbooks:])
    assert {action.priority for action in actions} <= {"High", "Medium", "Low"}
    assert all(action.description and action.estimated_impact for action in actions)


def test_an_account_nobody_reported_on_still_gets_a_whole_text() -> None:
    facts = AccountFactsFactory(
        score=None,
        band=None,
        bucket=None,
        coverage=None,
        score_before=None,
        score_before_on=None,
        renews_on=None,
        arr=Decimal(0),
        owner=None,
        signals=(),
        factors=(),
        playbooks=(),
    )

    text = write(facts)

    assert text.summary == "Acme Cloud has no health score: no metrics have arrived yet. It pays nothing yet."
    assert text.health_analysis.startswith("There is nothing to explain yet")
    assert [action.title for action in text.recommended_actions] == [
        "Give the account an owner",
        "Get the missing measures flowing",
        "Agree one goal for the quarter",
    ]


def test_too_little_coverage_is_said_as_such() -> None:
    facts = AccountFactsFactory(score=None, band=None, coverage=Decimal("0.25"), score_before=None)

    assert write(facts).summary.startswith(
        "Acme Cloud has no health score: only feature adoption is reported, 25% of the weight."
    )


def test_a_healthy_account_is_offered_growth() -> None:
    facts = AccountFactsFactory(
        score=Decimal("88.0"),
        band="Healthy",
        score_before=Decimal("88.0"),
        renews_on=date(2027, 11, 1),
        factors=(),
        playbooks=(),
        signals=(
            SignalFactFactory(
                key="daily_active_users",
                label="Daily active users",
                value=Decimal(95),
                target=Decimal(100),
                points=Decimal("23.8"),
                before=None,
                before_points=None,
            ),
            SignalFactFactory(
                key="nps",
                label="NPS",
                value=Decimal(60),
                points=Decimal(12),
                max_points=Decimal(15),
                before=None,
                before_points=None,
            ),
        ),
    )

    text = write(facts)

    assert [action.title for action in text.recommended_actions][:2] == ["Propose more seats", "Ask for a reference"]
    assert text.recommended_actions[0].estimated_impact == "Every tenth of growth adds ₹4.3L a year."
    assert text.summary.startswith("Acme Cloud is Healthy at 88 of 100, level since 21 Oct. No risk factor applies.")


def test_a_closed_account_is_learned_from_not_rescued() -> None:
    text = write(AccountFactsFactory(is_closed=True, status="Churned", factors=(), playbooks=()))

    assert text.summary == (
        "Acme Cloud is churned; its last health score was 52.3. It no longer counts in the portfolio."
    )
    assert text.recommended_actions[0].title == "Write down why they left"


def test_without_recommendations_the_text_only_describes() -> None:
    assert write(AccountFactsFactory(), Wishes(include_recommendations=False)).recommended_actions == ()


def test_the_same_facts_give_the_same_words() -> None:
    facts = AccountFactsFactory(signals=signal_facts())

    assert write(facts) == write(facts)
