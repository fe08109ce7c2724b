"""Setting, changing and refreshing goals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import GoalStatus
from accounts.exceptions import InvalidGoal
from accounts.models import Account, Goal
from accounts.services.account import update_account
from accounts.services.goal import create_goal, refresh_goals, tick_milestone, update_goal
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.goals import GoalFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, arr=Decimal(1_200_000), seats=40)


def make(account: Account, **facts: Any) -> Goal:
    facts = {"metric_type": "custom", "target_value": Decimal(100), "measurement_period": "monthly"} | facts
    return create_goal(organization=account.organization, by=None, account=account, title="Grow", **facts)


def titles(organization: Organization) -> list[str]:
    return list(organization.activities.order_by("pk").values_list("title", flat=True))


def test_an_automatic_goal_starts_from_what_the_data_says(account: Account) -> None:
    goal = make(account, metric_type="arr", target_value=Decimal(1_500_000), target_date=date(2027, 3, 31))

    assert (goal.current_value, goal.baseline_value) == (Decimal(1_200_000), Decimal(1_200_000))
    assert (goal.status, goal.pace.progress) == ("on_track", 0)
    assert [(each.read_on, each.value) for each in goal.readings.all()] == [(TODAY, Decimal(1_200_000))]
    line = account.organization.activities.get()
    assert (line.title, line.text) == ("Goal set: Grow", "ARR from 12,00,000 to 15,00,000 by 31 Mar 2027")


def test_a_change_of_arr_shows_in_the_goal_at_once_and_achieves_it(account: Account, alice: Membership) -> None:
    goal = make(account, metric_type="arr", target_value=Decimal(1_500_000))

    update_account(account=account, by=alice.user, arr=Decimal(1_600_000))

    goal.refresh_from_db()
    assert (goal.current_value, goal.status, goal.completion_date) == (Decimal(1_600_000), "achieved", TODAY)
    assert titles(account.organization)[-1] == "Goal achieved: Grow"
    assert goal.history.count() == 2


def test_time_alone_puts_a_goal_at_risk_and_then_misses_it(account: Account) -> None:
    """From 0 to 100 in ten days and never moved: at risk after one day, missed on the eleventh."""
    goal = make(account, target_date=TODAY + timedelta(days=10))
    statuses = []
    for day in (0, 1, 10, 11, 12):
        refresh_goals(account.organization, now=NOW + timedelta(days=day))
        goal.refresh_from_db()
        statuses.append(goal.status)

    assert statuses == ["on_track", "at_risk", "at_risk", "missed", "missed"]
    assert titles(account.organization) == ["Goal set: Grow", "Goal at risk: Grow", "Goal missed: Grow"]
    assert goal.history.count() == 3


def test_refreshing_again_writes_nothing(account: Account) -> None:
    make(account, metric_type="seat_count", target_value=Decimal(80))
    refresh_goals(account.organization)
    before = list(account.organization.goals.values())

    done = refresh_goals(account.organization)

    assert (done.looked_at, done.changed, done.achieved) == (1, 0, 0)
    assert list(account.organization.goals.values()) == before


def test_a_pinned_status_holds_while_the_value_moves(account: Account, alice: Membership) -> None:
    goal = make(account, metric_type="seat_count", target_value=Decimal(80))
    update_goal(goal=goal, by=alice.user, status="at_risk")
    Account.objects.filter(pk=account.pk).update(seats=90)

    refresh_goals(account.organization)

    goal.refresh_from_db()
    assert (goal.current_value, goal.status, goal.is_pinned) == (Decimal(90), "at_risk", True)
    let_go = update_goal(goal=goal, by=alice.user, is_pinned=False)
    assert (let_go.status, let_go.completion_date) == ("achieved", TODAY)


def test_sending_back_the_status_it_has_pins_nothing(account: Account) -> None:
    goal = make(account, current_value=Decimal(10))

    done = update_goal(goal=goal, by=None, status="on_track", current_value=Decimal(100))

    assert (done.status, done.is_pinned, done.completion_date) == ("achieved", False, TODAY)


def test_a_corrected_value_takes_the_achievement_back(account: Account) -> None:
    goal = update_goal(goal=make(account), by=None, current_value=Decimal(1000))

    corrected = update_goal(goal=goal, by=None, current_value=Decimal(10))

    assert (corrected.status, corrected.completion_date) == ("on_track", None)


def test_moving_the_day_keeps_the_first_one_and_says_why(account: Account, alice: Membership) -> None:
    goal = make(account, target_date=date(2026, 12, 31))

    update_goal(goal=goal, by=alice.user, target_date=date(2027, 1, 31), reason="Their freeze")
    moved = update_goal(goal=goal, by=alice.user, target_date=date(2027, 2, 28), reason="Longer freeze")

    assert (moved.target_date, moved.original_target_date) == (date(2027, 2, 28), date(2026, 12, 31))
    assert [(each.was, each.becomes, each.reason) for each in moved.date_changes.all()] == [
        (date(2027, 1, 31), date(2027, 2, 28), "Longer freeze"),
        (date(2026, 12, 31), date(2027, 1, 31), "Their freeze"),
    ]
    assert titles(account.organization)[-1] == "Goal moved to 28 Feb 2027: Grow"


def test_milestones_with_a_value_are_reached_by_it(account: Account) -> None:
    goal = make(account, milestones=[{"title": "Half", "target_value": Decimal(50)}, {"title": "Kick-off"}])

    update_goal(goal=goal, by=None, current_value=Decimal(60))

    reached = dict(goal.milestones.values_list("title", "reached_on"))
    assert reached == {"Half": TODAY, "Kick-off": None}
    tick_milestone(milestone=goal.milestones.get(title="Kick-off"), by=None, today=TODAY)
    assert goal.milestones.get(title="Kick-off").reached_on == TODAY
    assert titles(account.organization)[1:] == ["Milestone reached: Half", "Milestone reached: Kick-off"]


def test_of_a_falling_goal_a_milestone_is_reached_from_above(account: Account) -> None:
    goal = make(
        account,
        current_value=Decimal(60),
        target_value=Decimal(30),
        milestones=[{"title": "45", "target_value": Decimal(45)}],
    )

    update_goal(goal=goal, by=None, current_value=Decimal(46))
    assert goal.milestones.get().reached_on is None
    update_goal(goal=goal, by=None, current_value=Decimal(45))
    assert goal.milestones.get().reached_on == TODAY


def test_children_seats_and_renewals_are_read(account: Account, alice: Membership) -> None:
    AccountFactory.create_batch(2, organization=alice.organization, parent=account)
    AccountFactory(organization=alice.organization, parent=account, status="churned")
    goals = {
        metric: make(account, metric_type=metric, target_value=Decimal(90))
        for metric in ("accounts", "seat_count", "renewals", "health_score")
    }
    update_account(account=account, by=None, contract_end=date(2026, 12, 31))
    update_account(account=account, by=None, contract_end=date(2027, 12, 31))
    Account.objects.filter(pk=account.pk).update(health_score=Decimal("71.5"))

    refresh_goals(account.organization)

    values = {metric: Goal.objects.get(pk=goal.pk).current_value for metric, goal in goals.items()}
    assert values == {
        "accounts": Decimal(2),
        "seat_count": Decimal(40),
        "renewals": Decimal(1),
        "health_score": Decimal("71.50"),
    }


def test_what_is_unknown_stays_as_it_is(account: Account) -> None:
    goal = make(account, metric_type="health_score", target_value=Decimal(80), current_value=Decimal(60))

    refresh_goals(account.organization)

    goal.refresh_from_db()
    assert (goal.current_value, goal.measured_at) == (Decimal(60), None)


def test_another_organisation_s_goals_are_left_alone(account: Account) -> None:
    other = GoalFactory(metric_type="custom", target_date=date(2026, 11, 2))

    refresh_goals(account.organization)

    other.refresh_from_db()
    assert other.status == "on_track"


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_a_refresh_costs_the_same_for_any_number_of_goals(
    account: Account, rows: int, django_assert_max_num_queries: Any
) -> None:
    GoalFactory.create_batch(
        rows, account=account, metric_type="seat_count", current_value=0, target_value=40, target_date=TODAY
    )

    with django_assert_max_num_queries(34):  # SQLite takes 300 rows in two statements where it takes 3 in one
        done = refresh_goals(account.organization)

    assert (done.changed, done.achieved) == (rows, rows)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"target_date": TODAY - timedelta(days=1)}, "target_date"),
        ({"status": "done"}, "status"),
        ({"completion_date": TODAY}, "completion_date"),
        ({"milestones": [{"title": " "}]}, "milestones"),
    ],
)
def test_what_cannot_be_is_refused_by_name(account: Account, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidGoal) as refusal, transaction.atomic():
        make(account, **facts)

    assert list(refusal.value.errors or {}) == [field]
    assert not Goal.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"metric_type": "happiness"}, "goal_metric_known"),
        ({"measurement_period": "hourly"}, "goal_period_known"),
        ({"status": "done"}, "goal_status_known"),
        ({"title": ""}, "goal_has_a_title"),
        ({"status": GoalStatus.ACHIEVED}, "goal_completed_when_achieved"),
        ({"completion_date": TODAY}, "goal_completed_when_achieved"),
        ({"target_date": date(2026, 10, 31)}, "goal_ends_after_it_starts"),
    ],
)
def test_the_database_refuses_what_no_goal_can_be(account: Account, wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        GoalFactory(account=account, **wrong)


def news(member: Membership) -> list[tuple[str, str, str]]:
    return list(member.notifications.order_by("pk").values_list("kind", "title", "url"))


def test_the_owner_hears_of_danger_and_who_set_the_goal_of_success(
    account: Account, alice: Membership, bob: Membership, mallory: Membership
) -> None:
    goal = create_goal(
        organization=account.organization,
        by=bob.user,
        account=account,
        title="Grow",
        metric_type="custom",
        target_value=Decimal(100),
        measurement_period="monthly",
        target_date=TODAY + timedelta(days=10),
    )
    url = goal.get_absolute_url()

    refresh_goals(account.organization, now=NOW + timedelta(days=1))
    refresh_goals(account.organization, now=NOW + timedelta(days=2))  # still at risk: nothing new
    update_goal(goal=goal, by=alice.user, current_value=Decimal(100))

    # Alice has achieved it herself, so only Bob is told of that.
    assert news(alice) == [("goal_at_risk", "Goal at risk: Grow", url)]
    assert news(bob) == [("goal_achieved", "Goal achieved: Grow", url)]
    assert news(mallory) == []


def test_many_goals_that_turn_together_are_one_piece_of_news_for_each(alice: Membership, bob: Membership) -> None:
    organization = alice.organization
    nobodys = AccountFactory(organization=organization, owner=None)
    hers, his = (AccountFactory(organization=organization, owner=member.user) for member in (alice, bob))
    for number, account in enumerate([hers, hers, his, nobodys]):
        GoalFactory(account=account, title=f"Goal {number}", current_value=0, target_date=date(2026, 12, 1))

    with CaptureQueriesContext(connection) as few:
        refresh_goals(organization, now=NOW)

    query = "?owner=my_accounts&status=at_risk"
    assert news(alice) == [("goal_at_risk", "2 goals are at risk now", f"/dashboard/goals{query}")]
    assert [title for _, title, _ in news(bob)] == ["Goal at risk: Goal 2"]
    GoalFactory.create_batch(12, account=hers, current_value=0, target_date=date(2026, 12, 1))
    GoalFactory.create_batch(12, account=his, current_value=0, target_date=date(2026, 12, 1))
    with CaptureQueriesContext(connection) as many:
        refresh_goals(organization, now=NOW)
    assert len(many) == len(few)
