"""How support stands, now and as of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.enums import TicketPriority
from accounts.models import SupportTicket
from accounts.selectors.support import (
    SupportStats,
    open_tickets,
    open_tickets_by_account,
    pressing_tickets,
    support_stats,
)
from accounts.services.ticket import open_ticket, update_ticket
from csplatform.models import Membership
from csplatform.periods import Window
from tests.factories.accounts import AccountFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NOVEMBER = Window(date(2026, 11, 1), TODAY)


def at(day: int, hour: int = 6, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def stats(member: Membership, window: Window = NOVEMBER, as_of: date | None = None) -> SupportStats:
    organization = member.organization
    return support_stats(organization, accounts=organization.accounts.open(), window=window, as_of=as_of)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(at(20), tick=False):
        yield


def test_open_ones_add_up_by_priority_and_means_are_of_the_window(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    TicketFactory(account=account, priority="critical", is_escalated=True, due_at=at(19))
    TicketFactory(account=account, priority="critical", status="pending", due_at=at(25))
    # answered after 2 h and 6 h: a mean of 4 h
    TicketFactory(account=account, priority="low", opened_at=at(2, 4), first_response_at=at(2, 6))
    TicketFactory(
        account=account, status="closed", opened_at=at(3, 4), first_response_at=at(3, 10), resolved_at=at(4), csat=5
    )
    TicketFactory(account=account, status="resolved", resolved_at=at(5), csat=4)
    # before the window: 100 h and a 1 do not count
    TicketFactory(
        account=account,
        status="closed",
        opened_at=at(1, month=10),
        first_response_at=at(5, 10, month=10),
        resolved_at=at(6, month=10),
        csat=1,
    )
    TicketFactory(priority="critical")  # another organisation's

    found = stats(alice)

    assert found == SupportStats(
        open=3,
        escalated=1,
        late=1,
        by_priority={
            TicketPriority.CRITICAL: 2,
            TicketPriority.HIGH: 0,
            TicketPriority.MEDIUM: 0,
            TicketPriority.LOW: 1,
        },
        response_hours=Decimal(4),
        answered=2,
        csat=Decimal("4.5"),
        rated=2,
    )


def test_nothing_is_nothing_and_no_mean(alice: Membership) -> None:
    found = stats(alice)

    assert (found.open, found.response_hours, found.csat) == (0, None, None)
    assert sum(found.by_priority.values()) == 0


def test_churned_accounts_tickets_are_not_among_those_of_open_accounts(alice: Membership) -> None:
    TicketFactory(account=AccountFactory(organization=alice.organization, status="churned"))

    assert stats(alice).open == 0


def test_a_reopened_ticket_was_closed_in_between(alice: Membership) -> None:
    """Opened on the 2nd, resolved on the 5th, reopened and escalated on the 9th."""
    account = AccountFactory(organization=alice.organization)
    with time_machine.travel(at(2), tick=False):
        ticket = open_ticket(
            organization=alice.organization, by=alice.user, account=account, subject="Slow", priority="high"
        )
    with time_machine.travel(at(5), tick=False):
        update_ticket(ticket=ticket, by=alice.user, status="resolved")
    with time_machine.travel(at(9), tick=False):
        update_ticket(ticket=ticket, by=alice.user, status="open", is_escalated=True)

    open_on = {day: stats(alice, as_of=date(2026, 11, day)).open for day in (1, 2, 4, 5, 8, 9, 20)}

    assert open_on == {1: 0, 2: 1, 4: 1, 5: 0, 8: 0, 9: 1, 20: 1}
    assert stats(alice, as_of=date(2026, 11, 4)).escalated == 0
    assert stats(alice, as_of=date(2026, 11, 9)).escalated == 1
    assert open_tickets_by_account(alice.organization, as_of=date(2026, 11, 4)) == {account.pk: 1}
    assert open_tickets_by_account(alice.organization, as_of=date(2026, 11, 6)) == {}


def test_of_two_changes_at_one_moment_the_last_one_counts(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    with time_machine.travel(at(2), tick=False):
        ticket = open_ticket(organization=alice.organization, by=alice.user, account=account, subject="Slow")
        update_ticket(ticket=ticket, by=alice.user, status="closed")

    assert stats(alice, as_of=date(2026, 11, 3)).open == 0


def test_a_deleted_ticket_was_there_before(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    with time_machine.travel(at(2), tick=False):
        ticket = open_ticket(organization=alice.organization, by=alice.user, account=account, subject="Slow")
    ticket.delete()

    assert stats(alice, as_of=date(2026, 11, 19)).open == 1
    assert stats(alice).open == 0


def test_today_s_history_says_the_same_as_the_live_rows(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    with time_machine.travel(at(19), tick=False):
        for n in range(4):
            ticket = open_ticket(
                organization=alice.organization, by=None, account=account, subject=f"T{n}", priority="high"
            )
            if n % 2:
                update_ticket(ticket=ticket, by=None, status="closed")

    yesterday = stats(alice, as_of=TODAY - timedelta(days=1))

    assert (yesterday.open, yesterday.by_priority) == (stats(alice).open, stats(alice).by_priority)
    assert stats(alice).open == 2


def test_the_most_pressing_are_critical_and_oldest(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    for subject, priority, day in [
        ("new critical", "critical", 10),
        ("old critical", "critical", 3),
        ("old low", "low", 1),
        ("high", "high", 5),
    ]:
        TicketFactory(account=account, subject=subject, priority=priority, opened_at=at(day))
    accounts = alice.organization.accounts.open()

    tickets = open_tickets(alice.organization, accounts=accounts, as_of=TODAY)
    now = pressing_tickets(tickets, most=3)

    assert [ticket.subject for ticket in now] == ["old critical", "new critical", "high"]
    assert now[0].account_name == account.name
    with time_machine.travel(at(25), tick=False):
        before = open_tickets(alice.organization, accounts=accounts, as_of=TODAY)
    assert pressing_tickets(before, most=3) == now


@pytest.mark.parametrize("rows", [1, 3])
def test_open_tickets_of_each_account_are_counted_in_the_list_s_own_query(
    alice: Membership, rows: int, django_assert_num_queries: Any
) -> None:
    for n in range(rows):
        account = AccountFactory(organization=alice.organization)
        TicketFactory.create_batch(n, account=account)
        TicketFactory(account=account, status="closed", resolved_at=at(2))

    with django_assert_num_queries(1):
        counts = [account.open_tickets for account in alice.organization.accounts.with_open_tickets()]

    assert counts == list(range(rows))


def test_history_carries_the_organisation(alice: Membership) -> None:
    ticket = open_ticket(
        organization=alice.organization,
        by=alice.user,
        account=AccountFactory(organization=alice.organization),
        subject="Slow",
    )

    row = SupportTicket.history.get(id=ticket.pk)

    assert (row.organization_id, row.history_user) == (alice.organization_id, alice.user)
