"""Tasks: opened, done, reopened, put off; and how many are due when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.exceptions import FollowUpAlreadyDone, FollowUpChangedMeanwhile, FollowUpNotDone, InvalidFollowUp
from accounts.models import Account, FollowUp
from accounts.selectors.follow_ups import FollowUpCounts, account_follow_ups, follow_up_counts
from accounts.services.follow_up import (
    complete_follow_up,
    open_follow_up,
    remove_follow_up,
    reopen_follow_up,
    snooze_follow_up,
    update_follow_up,
)
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import FollowUpFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata
DAY = timedelta(days=1)


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user)


@pytest.fixture
def task(account: Account, alice: Membership) -> FollowUp:
    return open_follow_up(
        account=account, by=alice.user, assignee=alice.user, task_type="Renewal QBR", description="Slides", now=NOW
    )


def test_doing_it_says_who_and_when_and_leaves_a_line(task: FollowUp, bob: Membership) -> None:
    done = complete_follow_up(follow_up=task, by=bob.user, now=NOW)

    assert (done.completed_at, done.completed_by) == (NOW, bob.user)
    assert [line.title for line in task.account.activities.order_by("pk")] == [
        "Follow-up: Renewal QBR",
        "Done: Renewal QBR",
    ]
    with pytest.raises(FollowUpAlreadyDone):
        complete_follow_up(follow_up=task, by=bob.user, now=NOW)


def test_reopening_forgets_that_it_was_done_and_it_can_be_done_again(task: FollowUp, bob: Membership) -> None:
    complete_follow_up(follow_up=task, by=bob.user, now=NOW)

    reopened = reopen_follow_up(follow_up=task, by=bob.user)

    assert (reopened.completed_at, reopened.completed_by) == (None, None)
    assert task.account.activities.count() == 1
    with pytest.raises(FollowUpNotDone):
        reopen_follow_up(follow_up=task, by=bob.user)
    complete_follow_up(follow_up=task, by=bob.user, now=NOW)
    assert task.account.activities.count() == 2
    assert task.history.count() == 4


def test_snoozing_moves_when_it_asks_for_you_not_when_it_was_due(task: FollowUp, alice: Membership) -> None:
    due, until = task.due_at, task.due_at + 3 * DAY

    snoozed = snooze_follow_up(follow_up=task, until=until, by=alice.user, now=NOW)

    assert (snoozed.due_at, snoozed.falls_due_at) == (due, until)
    assert snooze_follow_up(follow_up=task, until=None, by=alice.user, now=NOW).falls_due_at == due


@pytest.mark.parametrize("until", [NOW, NOW - DAY, NOW + DAY])
def test_snoozing_takes_a_time_ahead_and_after_the_due_date(
    task: FollowUp, alice: Membership, until: datetime
) -> None:
    """The task is due in two days, so one day ahead is no putting off."""
    with pytest.raises(InvalidFollowUp) as refusal:
        snooze_follow_up(follow_up=task, until=until, by=alice.user, now=NOW)

    assert list(refusal.value.errors or {}) == ["until"]


def test_another_due_date_ends_the_snoozing(task: FollowUp, alice: Membership) -> None:
    snooze_follow_up(follow_up=task, until=task.due_at + DAY, by=alice.user, now=NOW)

    changed = update_follow_up(follow_up=task, by=alice.user, due_at=NOW + 9 * DAY)

    assert (changed.snoozed_until, changed.falls_due_at) == (None, NOW + 9 * DAY)


def test_of_two_editors_the_second_is_told(task: FollowUp, alice: Membership) -> None:
    update_follow_up(follow_up=task, by=alice.user, description="New")

    with pytest.raises(FollowUpChangedMeanwhile):
        update_follow_up(follow_up=task, by=alice.user, description="Newer", seen_at=task.updated_at)


def test_a_stranger_is_no_assignee(account: Account, alice: Membership, mallory: Membership) -> None:
    with pytest.raises(InvalidFollowUp):
        open_follow_up(account=account, by=alice.user, assignee=mallory.user, task_type="Call", now=NOW)

    assert account.follow_ups.count() == 0


def test_removing_takes_its_lines_along_and_keeps_its_history(task: FollowUp, alice: Membership) -> None:
    remove_follow_up(follow_up=task, by=alice.user)

    assert task.account.activities.count() == 0
    assert list(FollowUp.history.filter(uuid=task.uuid).values_list("history_type", flat=True)) == ["-", "+"]


def due(account: Account, at: datetime, **facts: object) -> FollowUp:
    return FollowUpFactory(account=account, due_at=at, **facts)


def test_each_open_task_is_counted_once_by_the_organisations_days(account: Account) -> None:
    """Noon in Kolkata on the 20th. Its day ends at 18:30 UTC, the seventh day after it on the 27th at 18:30."""
    due(account, NOW - timedelta(hours=1))  # this morning: overdue
    due(account, NOW)  # now: today
    due(account, datetime(2026, 11, 20, 18, 0, tzinfo=UTC))  # 23:30 today
    due(account, datetime(2026, 11, 20, 18, 30, tzinfo=UTC))  # 00:00 tomorrow
    due(account, datetime(2026, 11, 27, 18, 29, tzinfo=UTC))  # the last minute of seven days
    due(account, datetime(2026, 11, 27, 18, 30, tzinfo=UTC))  # 30 days
    due(account, datetime(2026, 12, 20, 18, 30, tzinfo=UTC))  # later
    due(account, NOW - 9 * DAY, completed_at=NOW - DAY)  # done
    due(account, NOW - 9 * DAY, snoozed_until=NOW + 3 * DAY)  # put off into the next seven days

    counts = follow_up_counts(account.organization, account.follow_ups.all(), now=NOW)

    assert counts == FollowUpCounts(overdue=1, today=2, next_7=3, next_30=1, later=1, waiting=0, done=1)
    assert counts.open == 8


@pytest.mark.parametrize(
    ("zone", "expected"),
    # 17:30 UTC: the 20th at 23:00 in Kolkata, the 21st at 02:30 in Tokyo, the 20th at 12:30 in New York.
    [("Asia/Kolkata", (0, 1)), ("Asia/Tokyo", (1, 0)), ("America/New_York", (1, 0))],
)
def test_today_is_the_organisations(account: Account, zone: str, expected: tuple[int, int]) -> None:
    organization = account.organization
    Organization.objects.filter(pk=organization.pk).update(timezone=zone)
    organization.refresh_from_db()
    now = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    due(account, datetime(2026, 11, 20, 19, 0, tzinfo=UTC))  # 00:30 tomorrow in Kolkata, 04:00 the same day in Tokyo

    counts = follow_up_counts(organization, organization.follow_ups.all(), now=now)

    assert (counts.today, counts.next_7) == expected
    assert account.follow_ups.due_today(now, organization).count() == expected[0]
    assert account.follow_ups.due_within(7, now, organization).count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_counting_is_one_query(account: Account, rows: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    FollowUpFactory.create_batch(rows, account=account, due_at=NOW + DAY)

    with django_assert_num_queries(1):
        assert follow_up_counts(account.organization, account.follow_ups.all(), now=NOW).next_7 == rows


def test_an_accounts_open_tasks_come_most_pressing_first(account: Account) -> None:
    later, overdue = due(account, NOW + DAY), due(account, NOW - DAY)
    due(account, NOW, completed_at=NOW)

    found = account_follow_ups(account, now=NOW)

    assert (found.rows, found.count, found.overdue) == ((overdue, later), 2, 1)
