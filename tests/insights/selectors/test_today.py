"""Why accounts ask for somebody, in words, on a day that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from csplatform.models import Membership
from insights.attention import Attention
from insights.selectors.today.board import day_board, quiet_accounts
from insights.selectors.today.ranking import DayList, day_list, with_accounts
from insights.selectors.today.scope import DayScope, usual_scope
from tests.factories.accounts import AccountFactory
from tests.factories.billing import MrrMovementFactory, RenewalFactory
from tests.factories.csplatform import TeamFactory
from tests.factories.documents import customer, issued, tax_profile
from tests.factories.engagements import CommitmentFactory, EngagementFactory, FollowUpFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
"""Friday noon in Kolkata."""
TODAY = date(2026, 11, 20)

MakeAccount = Callable[..., Account]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mine(alice: Membership) -> MakeAccount:
    """An account of alice's that came today, so that nothing is known against it."""

    def make(name: str = "Acme", **facts: Any) -> Account:
        given = {"owner": alice.user, **facts}
        return AccountFactory(organization=alice.organization, name=name, **given)

    return make


def seen(member: Membership, scope: str = "my_accounts") -> DayList:
    return day_list(DayScope(member=member, scope=scope, now=NOW))


def reasons_of(member: Membership, account: Account) -> list[str]:
    found = [row for row in seen(member).rows if row.account_id == account.pk]
    return [reason.text for row in found for reason in row.reasons]


def test_an_account_without_a_reason_is_not_on_the_list(alice: Membership, mine: MakeAccount) -> None:
    mine()

    assert seen(alice).rows == []


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (datetime(2026, 11, 20, 11, tzinfo=UTC), "follow-up due 16:30: Call"),
        (datetime(2026, 11, 20, 3, tzinfo=UTC), "follow-up was due 08:30: Call"),
        (datetime(2026, 11, 17, 3, tzinfo=UTC), "follow-up 3 days overdue: Call"),
        (datetime(2026, 11, 21, 3, tzinfo=UTC), "follow-up due tomorrow: Call"),
        (datetime(2026, 11, 27, 3, tzinfo=UTC), "follow-up due on 27 Nov 2026: Call"),
    ],
)
def test_a_task_says_when_it_is_due(alice: Membership, mine: MakeAccount, due: datetime, words: str) -> None:
    account = mine()
    FollowUpFactory(account=account, assignee=alice.user, task_type="Call", due_at=due)

    assert reasons_of(alice, account) == [words]


def test_several_tasks_are_one_reason_and_distant_and_done_ones_none(alice: Membership, mine: MakeAccount) -> None:
    account, other = mine(), mine("Beta")
    FollowUpFactory(account=account, assignee=alice.user, task_type="Call", due_at=NOW + timedelta(hours=1))
    FollowUpFactory.create_batch(2, account=account, assignee=alice.user, due_at=NOW + timedelta(days=1))
    FollowUpFactory(account=other, assignee=alice.user, due_at=NOW + timedelta(days=9))
    FollowUpFactory(account=other, assignee=alice.user, due_at=NOW, completed_at=NOW)

    assert reasons_of(alice, account) == ["follow-up due 13:00: Call, and 2 more tasks"]
    assert reasons_of(alice, other) == []


def test_my_list_has_my_tasks_anywhere_and_nobodys_at_my_accounts_only(
    alice: Membership, bob: Membership, mine: MakeAccount
) -> None:
    given_away, nobodys = mine("Given away"), mine("Nobodys")
    his = AccountFactory(organization=alice.organization, name="His", owner=bob.user)
    FollowUpFactory(account=given_away, assignee=bob.user, due_at=NOW)
    FollowUpFactory(account=nobodys, assignee=None, due_at=NOW)
    FollowUpFactory(account=his, assignee=alice.user, due_at=NOW)

    assert {row.account_id for row in seen(alice).rows} == {nobodys.pk, his.pk}
    assert {row.account_id for row in seen(alice, "all").rows} == {given_away.pk, nobodys.pk, his.pk}


def test_promises_that_are_due_are_told_ours_ahead_theirs_when_late(alice: Membership, mine: MakeAccount) -> None:
    account = mine()
    talk = EngagementFactory(account=account, completed_at=NOW)
    CommitmentFactory(engagement=talk, what="Send the plan", due_on=TODAY)
    CommitmentFactory(engagement=talk, what="Fix the bill", due_on=TODAY - timedelta(days=2))
    CommitmentFactory(engagement=talk, what="Kept", due_on=TODAY, kept_at=NOW)
    CommitmentFactory(engagement=talk, what="Far", due_on=TODAY + timedelta(days=8))
    CommitmentFactory(engagement=talk, side="customer", what="Name a contact", due_on=TODAY - timedelta(days=1))
    CommitmentFactory(engagement=talk, side="customer", what="Still time", due_on=TODAY)

    assert reasons_of(alice, account) == [
        "our promise 2 days late: Fix the bill",
        "our promise due today: Send the plan",
        "their promise 1 day late: Name a contact",
    ]


def test_critical_and_escalated_tickets_are_told_while_they_are_open(alice: Membership, mine: MakeAccount) -> None:
    account = mine()
    TicketFactory(account=account, priority="critical", opened_at=NOW - timedelta(days=2))
    TicketFactory(account=account, is_escalated=True, opened_at=NOW)
    TicketFactory(account=account, priority="critical", status="resolved", resolved_at=NOW)
    TicketFactory(account=account)

    assert reasons_of(alice, account) == ["critical ticket open 2 days", "escalated ticket opened today"]
    assert seen(alice).rows[0].urgency == 3


@pytest.mark.parametrize(
    ("days", "facts", "words"),
    [
        (21, {}, ["renewal in 21 days with no meeting"]),
        (91, {}, []),
        (-5, {}, ["term ended 5 days ago and nobody said what came of it"]),
        (0, {}, ["renewal today with no meeting"]),
        (40, {"auto_renew": True, "notice_days": 30}, ["notice deadline in 10 days, renewal in 40 days"]),
        (40, {"notice_days": 30}, ["renewal in 40 days with no meeting"]),
    ],
)
def test_renewals_are_told_with_what_is_missing(
    alice: Membership, mine: MakeAccount, days: int, facts: dict[str, Any], words: list[str]
) -> None:
    account = mine()
    RenewalFactory(account=account, due_on=TODAY + timedelta(days=days), **facts)

    assert reasons_of(alice, account) == words


@pytest.mark.parametrize(("days", "words"), [(21, ["renewal in 21 days, in process"]), (60, [])])
def test_a_renewal_with_a_meeting_is_told_only_when_it_is_near(
    alice: Membership, mine: MakeAccount, days: int, words: list[str]
) -> None:
    account = mine()
    RenewalFactory(account=account, due_on=TODAY + timedelta(days=days), status="in_process")
    EngagementFactory(account=account, type="meeting", completed_at=None, scheduled_at=NOW + timedelta(days=3))

    assert reasons_of(alice, account) == words


def test_health_that_fell_and_health_that_is_critical(alice: Membership, mine: MakeAccount) -> None:
    fell = mine("Fell", health_score=Decimal("70.5"))
    steady = mine("Steady", health_score=Decimal("70.5"))
    critical = mine("Critical", health_score=Decimal("32.4"))
    week_ago = TODAY - timedelta(days=7)
    DailyMetricsFactory(account=fell, date=week_ago, health_score=Decimal("84.5"))
    DailyMetricsFactory(account=steady, date=week_ago, health_score=Decimal("75.4"))

    assert reasons_of(alice, fell) == ["health fell 14 in 7 days"]  # 84.5 - 70.5
    assert reasons_of(alice, steady) == []  # 75.4 - 70.5 = 4.9, under five
    assert reasons_of(alice, critical) == ["health is critical at 32"]


def test_an_invoice_is_told_when_it_is_more_than_thirty_days_late(alice: Membership) -> None:
    tax_profile(alice.organization)
    late, recent = customer(alice.organization, "Late"), customer(alice.organization, "Recent")
    alice.organization.accounts.update(owner=alice.user)
    issued(late, "1000", on=date(2026, 8, 1), due=date(2026, 9, 18))
    issued(recent, "1000", on=date(2026, 9, 1), due=date(2026, 10, 21))

    assert reasons_of(alice, late) == ["invoice 63 days late"]  # 12 days of September + 31 + 20
    assert reasons_of(alice, recent) == []  # thirty days exactly


def test_silence_goes_by_the_cadence_of_the_segment(alice: Membership, mine: MakeAccount) -> None:
    large, small, never = mine("Large", segment="Enterprise"), mine("Small", segment="SMB"), mine("Never")
    for account in (large, small):
        EngagementFactory(account=account, completed_at=NOW - timedelta(days=34))
    alice.organization.accounts.filter(pk=never.pk).update(created_at=NOW - timedelta(days=50))

    assert reasons_of(alice, large) == ["no contact for 34 days"]  # 21 are allowed
    assert reasons_of(alice, small) == []  # 60 are
    assert reasons_of(alice, never) == ["no contact since it came 50 days ago"]  # 45 without a segment


def test_the_order_is_money_at_risk_times_urgency(alice: Membership, mine: MakeAccount) -> None:
    # Big:   12,00,000 / 12 = 1,00,000 MRR x 10 / 100 x 1 = 10,000   (health only)
    # Small:  2,40,000 / 12 =   20,000 MRR x 40 / 100 x 3 = 24,000   (a task for today)
    # None:   risk 0                                      =      0
    big = mine("Big", arr=Decimal(1_200_000), churn_risk_score=10, health_score=Decimal("30"))
    small = mine("Small", arr=Decimal(240_000), churn_risk_score=40)
    none = mine("None", arr=Decimal(9_000_000))
    for account in (small, none):
        FollowUpFactory(account=account, assignee=alice.user, due_at=NOW)

    rows = seen(alice).rows

    assert [(row.account_id, row.value) for row in rows] == [(small.pk, 24_000), (big.pk, 10_000), (none.pk, 0)]


def test_churned_archived_and_foreign_accounts_ask_for_nobody(
    alice: Membership, mallory: Membership, mine: MakeAccount
) -> None:
    for account in (
        mine("Gone", status="churned", churned_on=TODAY),
        mine("Kept", archived_at=NOW),
        AccountFactory(organization=mallory.organization, owner=alice.user),
    ):
        FollowUpFactory(account=account, assignee=alice.user, due_at=NOW)
        TicketFactory(account=account, priority="critical")

    assert seen(alice).rows == []
    assert seen(alice, "all").rows == []


def rows_with_accounts(member: Membership) -> list[Any]:
    scope = DayScope(member=member, scope="my_accounts", now=NOW)
    found: list[Attention] = list(day_list(scope).rows)
    return with_accounts(scope, found)


def test_the_next_step_is_the_task_or_meeting_that_comes_first_else_a_suggestion(
    alice: Membership, mine: MakeAccount
) -> None:
    tasked, met, open_ended = (mine(name, health_score=Decimal(20)) for name in ("A", "B", "C"))
    task = FollowUpFactory(account=tasked, assignee=alice.user, task_type="Call", due_at=NOW + timedelta(days=1))
    EngagementFactory(
        account=tasked, title="QBR", completed_at=None, scheduled_at=NOW + timedelta(days=2), type="meeting"
    )
    meeting = EngagementFactory(account=met, title="Demo", completed_at=None, scheduled_at=NOW + timedelta(days=2))

    found = {row.account.pk: (row.next_step, row.next_at, row.follow_up) for row in rows_with_accounts(alice)}

    assert found[tasked.pk] == ("Call", task.due_at, task)
    assert found[met.pk] == ("Demo", meeting.scheduled_at, None)
    assert found[open_ended.pk] == ("Find out what changed, then call", None, None)


def test_the_usual_scope_is_ones_own(
    alice: Membership, mona: Membership, rita: Membership, mine: MakeAccount
) -> None:
    assert usual_scope(alice) == "my_accounts"  # a CSM, even without accounts
    assert (usual_scope(mona), usual_scope(rita)) == ("all", "all")
    team = TeamFactory(organization=mona.organization)
    team.team_members.create(organization=mona.organization, membership=mona)
    assert usual_scope(mona) == "team_accounts"
    mine(owner=mona.user)
    assert usual_scope(mona) == "my_accounts"


def test_beside_the_list_stand_counters_meetings_renewals_and_what_changed(
    alice: Membership, mine: MakeAccount
) -> None:
    account = mine()
    for days in (-1, 3, 20):
        FollowUpFactory(account=account, assignee=alice.user, due_at=NOW + timedelta(days=days))
    FollowUpFactory(account=account, assignee=alice.user, due_at=NOW + timedelta(hours=1))
    today = EngagementFactory(account=account, completed_at=None, scheduled_at=NOW + timedelta(hours=2))
    EngagementFactory(account=account, completed_at=None, scheduled_at=NOW + timedelta(days=1))
    due = RenewalFactory(account=account, due_on=TODAY + timedelta(days=90))
    RenewalFactory(account=account, due_on=TODAY + timedelta(days=91))
    ticket = TicketFactory(account=account, opened_at=NOW - timedelta(days=1))
    TicketFactory(account=account, opened_at=NOW - timedelta(days=3))
    MrrMovementFactory(account=account, date=TODAY - timedelta(days=1), amount=Decimal(100), arr_amount=Decimal(1200))
    MrrMovementFactory(account=account, date=TODAY - timedelta(days=9))

    board = day_board(DayScope(member=alice, scope="my_accounts", now=NOW))

    counts = board.counts
    assert (counts.overdue, counts.today, counts.next_7, counts.next_30) == (1, 1, 1, 1)
    assert (list(board.meetings), list(board.renewals), list(board.tickets)) == ([today], [due], [ticket])
    assert [(change.account, change.change) for change in board.arr_changes] == [(account, Decimal(1200))]


def test_quiet_accounts_are_those_without_contact_for_thirty_days(alice: Membership, mine: MakeAccount) -> None:
    quiet, talked = mine("Quiet"), mine("Talked")
    alice.organization.accounts.update(created_at=NOW - timedelta(days=60))
    EngagementFactory(account=quiet, completed_at=NOW - timedelta(days=31))
    EngagementFactory(account=talked, completed_at=NOW - timedelta(days=29))

    assert quiet_accounts(DayScope(member=alice, scope="my_accounts", now=NOW)) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    alice: Membership, mine: MakeAccount, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        account = mine(f"Account {number}", health_score=Decimal(20))
        FollowUpFactory(account=account, assignee=alice.user, due_at=NOW)
        RenewalFactory(account=account, due_on=TODAY + timedelta(days=10))
        TicketFactory(account=account, priority="critical")

    # tasks, promises, tickets, renewals, meetings, health, invoices, cadences, silence, accounts, snoozes, new ones;
    # then accounts, tasks, planned, snapshots (no factors: no playbooks) and who may edit
    with django_assert_num_queries(17):
        assert len(rows_with_accounts(alice)) == rows
