"""What other rooms' records add to a score and its risks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from csplatform.models import Membership
from health.risk_factors import describe_factor
from health.selectors.account_records import account_records
from health.selectors.explanation import health_explanation
from health.selectors.risk_factors import current_risk_factors
from health.services.scoring import recompute_health
from playbooks.selectors.recommendations import recommendations_for_factors
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.documents import customer, issued, paid, tax_profile
from tests.factories.engagements import EngagementFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


def on(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 6, 0, tzinfo=UTC)


def account_since(member: Membership, moment: datetime) -> Account:
    account = AccountFactory(organization=member.organization)
    Account.objects.filter(pk=account.pk).update(created_at=moment)
    account.refresh_from_db()
    return account


def names_of(member: Membership, account: Account) -> set[str]:
    accounts = member.organization.accounts.filter(pk=account.pk)
    found = current_risk_factors(member.organization, accounts, today=TODAY)[account.pk]
    return {factor["name"] for factor in found}


def records_of(member: Membership, account: Account, day: date = TODAY) -> dict[str, object]:
    return dict(account_records(member.organization, member.organization.accounts.all(), today=day).loc[account.pk])


@pytest.mark.parametrize(("day", "month", "silent"), [(20, 10, True), (21, 10, False), (19, 11, False)])
def test_thirty_days_without_contact_are_fine_and_thirty_one_are_not(
    alice: Membership, day: int, month: int, silent: bool
) -> None:
    """From 21 October to 20 November are 30 days, from 20 October 31."""
    account = account_since(alice, on(1, 1))
    EngagementFactory(account=account, completed_at=on(day, month))
    EngagementFactory(account=account, completed_at=on(1, 9))

    assert ("No recent engagement" in names_of(alice, account)) is silent


def test_without_any_contact_the_account_itself_starts_the_count(alice: Membership) -> None:
    old, fresh = account_since(alice, on(1, 10)), account_since(alice, on(10))

    assert "No recent engagement" in names_of(alice, old)
    assert "No recent engagement" not in names_of(alice, fresh)


def test_what_is_planned_or_cancelled_is_no_contact(alice: Membership) -> None:
    account = account_since(alice, on(1, 10))
    EngagementFactory(account=account, completed_at=None, scheduled_at=on(18))
    EngagementFactory(account=account, completed_at=None, scheduled_at=on(18), cancelled_at=on(17))

    assert "No recent engagement" in names_of(alice, account)


def test_an_open_escalation_is_a_risk_until_it_is_resolved(alice: Membership) -> None:
    account = account_since(alice, on(10))
    ticket = TicketFactory(account=account, is_escalated=True, opened_at=on(12))
    before = names_of(alice, account)
    ticket.status, ticket.resolved_at = "resolved", on(19)
    ticket.save()

    assert "Support escalation open" in before
    assert "Support escalation open" not in names_of(alice, account)
    # On the day before it was solved it still stood.
    assert records_of(alice, account, date(2026, 11, 18))["escalations"] == 1
    assert records_of(alice, account)["escalations"] == 0


def test_tickets_on_record_stand_in_for_those_nobody_reported(alice: Membership) -> None:
    """160 of 100 users 25, 78 % 19.5, 3 of 10 open tickets 14, NPS 55 11.625, logins 0.88 13.2: 83.325 → 83.3."""
    account = DailyMetricsFactory(account__organization=alice.organization, date=TODAY, tickets_open=None).account
    TicketFactory.create_batch(3, account=account, opened_at=on(12))

    recompute_health(organization=alice.organization, today=TODAY)

    account.refresh_from_db()
    explanation = health_explanation(account, today=TODAY)
    assert (account.health_score, account.health_coverage) == (Decimal("83.3"), 1.0)
    assert explanation is not None
    source = {signal.key: signal.source for signal in explanation.signals}
    assert source["tickets_open"] == "Support tickets on record"
    assert source["nps"] == "Daily metrics, 20 Nov 2026"


def test_what_was_reported_counts_before_what_is_on_record(alice: Membership) -> None:
    account = DailyMetricsFactory(account__organization=alice.organization, date=TODAY, tickets_open=2).account
    TicketFactory.create_batch(9, account=account, opened_at=on(12))

    recompute_health(organization=alice.organization, today=TODAY)

    account.refresh_from_db()
    assert account.health_score == Decimal("85.3")


def test_who_keeps_no_tickets_here_has_none_missing_and_none_counted(alice: Membership) -> None:
    account = DailyMetricsFactory(account__organization=alice.organization, date=TODAY, tickets_open=None).account

    recompute_health(organization=alice.organization, today=TODAY)

    account.refresh_from_db()
    assert account.health_coverage == 0.8  # 20 of 100 points could not be judged


def test_a_silent_account_is_written_once_and_not_every_day(alice: Membership) -> None:
    account = account_since(alice, on(1, 9))
    recompute_health(organization=alice.organization, today=date(2026, 11, 19))
    recompute_health(organization=alice.organization, today=TODAY)

    assert account.health_snapshots.count() == 1


@pytest.mark.parametrize(("due", "named"), [("2026-10-21", False), ("2026-10-20", True)])
def test_an_invoice_unpaid_for_more_than_thirty_days_is_a_risk_until_it_is_paid(
    alice: Membership, due: str, named: bool
) -> None:
    """From 21 October to 20 November are 30 days, from 20 October 31."""
    tax_profile(alice.organization)
    account = customer(alice.organization)
    invoice = issued(account, "1000", on=date(2026, 10, 1), due=date.fromisoformat(due))
    issued(account, "1000", on=date(2026, 11, 1))

    assert ("Overdue invoices" in names_of(alice, account)) is named
    if named:
        paid(invoice, "1000", on=date(2026, 11, 5))
        assert "Overdue invoices" in names_of(alice, account), "180 of tax are still owed"
        paid(invoice, "180", on=date(2026, 11, 6))
        assert "Overdue invoices" not in names_of(alice, account)


def test_an_old_debt_is_stored_with_its_day_and_the_ninth_playbook_answers_it(alice: Membership) -> None:
    copy_library(organization=alice.organization)
    tax_profile(alice.organization)
    account = customer(alice.organization)
    issued(account, "1000", on=date(2026, 8, 1))  # due on the 16th

    recompute_health(organization=alice.organization, today=TODAY)

    found = {factor["name"]: factor for factor in account.health_snapshots.get(scorecard__is_primary=True).factors}
    assert found["Overdue invoices"] == {"name": "Overdue invoices", "severity": 2, "value": "2026-08-16"}
    assert describe_factor(found["Overdue invoices"]) == "Overdue invoices: the oldest fell due on 16 Aug 2026"
    answers = recommendations_for_factors(alice.organization, ["Overdue invoices"])
    assert [answer.playbook.number for answer in answers] == [9]


def test_an_organisation_without_invoices_is_asked_for_none(
    alice: Membership, django_assert_num_queries: Callable[..., Any]
) -> None:
    AccountFactory(organization=alice.organization)

    with django_assert_num_queries(2):  # accounts and engagements
        account_records(alice.organization, alice.organization.accounts.all(), today=TODAY)
