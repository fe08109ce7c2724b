"""Alerts are raised when a condition begins, once, and end when it does; what people said of them stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from accounts.services.ticket import open_ticket, update_ticket
from csplatform.jobs import run_now
from csplatform.models import Membership, Organization, WebhookDelivery
from csplatform.services.webhook import create_webhook
from health.models import Alert
from health.services.alert import change_rule, resolve_alert, snooze_alert
from health.services.alerts import Evaluated, evaluate_alerts
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory, UserFactory
from tests.factories.engagements import EngagementFactory
from tests.factories.health import DailyMetricsFactory, SnapshotFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
D = Decimal


def look(organization: Organization, days: int = 0) -> Evaluated:
    return evaluate_alerts(organization=organization, now=NOW + timedelta(days=days))


def account_at(organization: Organization, score: str, **facts: Any) -> Account:
    """An account that shows a score now; without a contract's end, so that nothing else is wrong with it."""
    return AccountFactory(organization=organization, health_score=D(score), contract_end=None, **facts)


def was(account: Account, score: str, days_ago: int, risk: str = "0") -> None:
    SnapshotFactory(account=account, date=TODAY - timedelta(days=days_ago), score=D(score), churn_risk=D(risk))


def shows(account: Account, score: str | None = None, risk: int | None = None) -> None:
    facts: dict[str, Any] = {} if score is None else {"health_score": D(score)}
    Account.objects.filter(pk=account.pk).update(**facts | ({} if risk is None else {"churn_risk_score": risk}))


def raised(organization: Organization) -> list[tuple[str, str]]:
    """What waits, by kind and title."""
    return sorted(organization.alerts.unresolved().values_list("kind", "title"))


@pytest.mark.parametrize(
    ("score", "yesterday", "is_raised"),
    [
        ("58.0", None, True),  # two points under the line
        ("58.1", None, False),  # nearer, and for the first day
        ("59.9", "59.0", True),  # nearer, but for a second day
        ("59.9", "60.0", False),
        ("60.0", "20.0", False),
    ],
)
def test_a_score_has_to_be_well_under_the_threshold_or_stay_there(
    organization: Organization, score: str, yesterday: str | None, is_raised: bool
) -> None:
    account = account_at(organization, score)
    if yesterday:
        was(account, yesterday, 1)

    look(organization)

    expected = [("health_below", f"Health is {D(score).normalize():f}, under 60")] if is_raised else []
    assert raised(organization) == expected


def test_a_score_that_swings_around_the_threshold_rings_once(organization: Organization) -> None:
    account = account_at(organization, "57")
    assert look(organization).raised == 1

    for score in ("60.5", "59", "61.5", "58"):
        shows(account, score)
        assert look(organization) == Evaluated()

    shows(account, "62")
    assert look(organization) == Evaluated(cleared=1)
    alert = organization.alerts.get()
    assert (alert.status, alert.outcome, alert.holds, alert.resolved_at) == ("resolved", "cleared", False, NOW)
    assert [row.history_type for row in alert.history.order_by("history_id")] == ["+", "~"]


def test_a_fall_of_ten_points_in_a_week_lasts_until_half_is_made_up_for(organization: Organization) -> None:
    account = account_at(organization, "75.5")
    was(account, "85.5", 7)
    look(organization)
    # The band too: from Healthy to Watchlist, 4.5 under its edge of 80
    expected = [("band_change", "Fell from Healthy to Watchlist"), ("health_drop", "Health fell 10 points")]
    assert raised(organization) == expected

    # Three weeks later the score of a week ago is the same: time does not end it.
    assert look(organization, days=21) == Evaluated()
    assert organization.alerts.get(kind="health_drop").description == "From 85.5 to 75.5."

    shows(account, "80.6")  # 4.9 of the 10 are left
    assert look(organization, days=22).cleared == 2


def test_a_fall_just_short_of_the_threshold_is_none(organization: Organization) -> None:
    account = account_at(organization, "85.6")
    was(account, "95.5", 7)
    was(account, "99", 6)  # later than a week ago

    assert look(organization) == Evaluated()


def test_a_band_that_fell_by_less_than_two_points_waits_for_a_second_day(organization: Organization) -> None:
    account = account_at(organization, "79")
    was(account, "81", 8)
    assert look(organization) == Evaluated()

    was(account, "79", 1)

    assert look(organization).raised == 1
    assert raised(organization) == [("band_change", "Fell from Healthy to Watchlist")]


def test_a_jump_of_the_churn_risk(organization: Organization) -> None:
    account = account_at(organization, "90", churn_risk_score=45)
    was(account, "90", 7, risk="25.0")

    look(organization)

    alert = organization.alerts.get()
    assert (alert.kind, alert.severity, alert.value, alert.baseline) == ("churn_risk_jump", "high", 20, 25)
    assert (alert.title, alert.description) == ("Churn risk rose 20 points", "From 25 to 45.")


def test_open_tickets_that_are_critical_or_escalated(organization: Organization) -> None:
    account = account_at(organization, "90")
    TicketFactory(account=account, priority="critical", is_escalated=True)
    TicketFactory(account=account, priority="low", is_escalated=True)
    TicketFactory(account=account, priority="high")

    look(organization)

    assert raised(organization) == [("support_escalation", "2 open tickets critical or escalated")]


def test_a_renewal_of_a_weak_account(organization: Organization) -> None:
    weak = account_at(organization, "59.9")
    Account.objects.filter(pk=weak.pk).update(contract_end=TODAY + timedelta(days=90))
    for score, days in (("60", 10), ("20", 91), ("20", -1)):
        other = account_at(organization, score)
        Account.objects.filter(pk=other.pk).update(contract_end=TODAY + timedelta(days=days))

    look(organization)

    found = organization.alerts.filter(kind="renewal_at_risk")
    assert [(each.account, each.title) for each in found] == [(weak, "Renews on 18 Feb 2027 with a health of 59.9")]


def test_silence_beyond_the_cadence_of_the_segment(organization: Organization) -> None:
    silent = account_at(organization, "90", segment="Enterprise")
    heard = account_at(organization, "90", segment="SMB")
    Account.objects.filter(organization=organization).update(created_at=NOW - timedelta(days=400))
    for account in (silent, heard):
        EngagementFactory(account=account, completed_at=NOW - timedelta(days=22))

    look(organization)

    # Enterprise wants to be heard every 21 days, SMB every 60.
    assert raised(organization) == [("engagement_gap", "Nobody in touch for 22 days")]
    assert organization.alerts.get().account == silent


def test_metrics_that_stopped(organization: Organization) -> None:
    late = account_at(organization, "90")
    DailyMetricsFactory(account=late, date=TODAY - timedelta(days=15))
    DailyMetricsFactory(account=account_at(organization, "90"), date=TODAY - timedelta(days=14))
    never = account_at(organization, "90")
    Account.objects.filter(pk=never.pk).update(created_at=NOW - timedelta(days=40))

    look(organization)

    assert raised(organization) == [("data_gap", "No metrics for 15 days"), ("data_gap", "No metrics for 40 days")]


def test_churned_and_other_organisations_accounts_raise_nothing(organization: Organization) -> None:
    account_at(organization, "10", status="churned", churned_on=TODAY)
    account_at(OrganizationFactory(), "10")

    assert look(organization) == Evaluated()


def test_a_churn_ends_what_was_open(organization: Organization) -> None:
    account = account_at(organization, "10")
    look(organization)

    Account.objects.filter(pk=account.pk).update(status="churned", churned_on=TODAY)

    assert look(organization).cleared == 1


def test_a_second_look_changes_nothing(organization: Organization) -> None:
    account_at(organization, "50")
    assert look(organization).raised == 1

    assert look(organization) == Evaluated()
    assert Alert.history.count() == 1


def test_a_closed_alert_is_not_raised_again_until_it_is_much_worse_or_begins_anew(organization: Organization) -> None:
    account = account_at(organization, "50")
    look(organization)
    resolve_alert(alert=organization.alerts.get(), outcome="dismissed", by=UserFactory(), now=NOW)

    shows(account, "40.1")  # 9.9 points worse than when it was closed
    assert look(organization) == Evaluated()
    shows(account, "40")
    assert look(organization).raised == 1
    assert raised(organization) == [("health_below", "Health is 40, under 60")]

    shows(account, "70")
    look(organization)
    shows(account, "50")
    assert look(organization).raised == 1
    outcomes = organization.alerts.order_by("pk").values_list("outcome", "holds")
    assert list(outcomes) == [("dismissed", False), ("cleared", False), ("", True)]


def test_a_snoozed_alert_wakes_on_its_day_or_when_it_gets_worse(organization: Organization) -> None:
    account = account_at(organization, "50")
    look(organization)
    alert, by = organization.alerts.get(), UserFactory()
    snooze_alert(alert=alert, until=TODAY + timedelta(days=3), by=by, now=NOW)
    assert look(organization, days=2).woken == 0
    assert look(organization, days=3).woken == 1
    alert.refresh_from_db()
    assert (alert.status, alert.snoozed_until) == ("open", None)

    snooze_alert(alert=alert, until="worse", by=by, now=NOW)
    assert look(organization, days=30).woken == 0
    shows(account, "49.9")
    assert look(organization, days=30).woken == 1


def test_a_muted_rule_raises_nothing_and_a_threshold_counts(organization: Organization) -> None:
    account_at(organization, "50")
    change_rule(organization=organization, kind="health_below", by=UserFactory(), is_muted=True)
    assert look(organization) == Evaluated()

    change_rule(organization=organization, kind="health_below", by=UserFactory(), is_muted=False, threshold=D(45))
    assert look(organization) == Evaluated()
    change_rule(organization=organization, kind="health_below", by=UserFactory(), threshold=D(52))
    assert look(organization).raised == 1


@pytest.mark.parametrize("accounts", [1, 4])
def test_a_look_costs_the_same_for_any_number(
    organization: Organization, accounts: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(accounts):
        account = account_at(organization, "30")
        was(account, "85", 7)
        TicketFactory(account=account, priority="critical")
        EngagementFactory(account=account, completed_at=NOW - timedelta(days=200))
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=30))

    with django_assert_max_num_queries(34):
        found = look(organization)

    assert found.raised == 6 * accounts


def test_an_alert_storm_is_one_message_to_a_webhook(organization: Organization, amir: Membership) -> None:
    create_webhook(
        organization=organization, by=amir.user, url="https://chat.example.com/x", events=["alerts.raised"]
    )
    for _ in range(3):
        account_at(organization, "30.0")

    look(organization)
    look(organization)

    (delivery,) = WebhookDelivery.objects.all()
    data = json.loads(delivery.body)["data"]
    titles = [title for _, title in raised(organization)]
    assert data["count"] == 3
    assert sorted(each["title"] for each in data["items"]) == titles


def waiting_looks(organization: Organization) -> int:
    return organization.jobs.filter(kind="evaluate_alerts", status="queued").count()


def test_an_escalation_is_looked_at_at_once_and_only_when_it_is_news(
    organization: Organization, alice: Membership
) -> None:
    """A plain ticket orders no look; its escalation one; a word changed on it none more; its end one again."""
    account = account_at(organization, "85.0")
    ticket = open_ticket(organization=organization, by=alice.user, account=account, subject="Slow")
    plain = waiting_looks(organization)

    update_ticket(ticket=ticket, by=alice.user, is_escalated=True)
    escalated = waiting_looks(organization)
    organization.jobs.update(status="succeeded")
    update_ticket(ticket=ticket, by=alice.user, subject="Slower")
    reworded = waiting_looks(organization)
    update_ticket(ticket=ticket, by=alice.user, status="resolved")

    assert (plain, escalated, reworded, waiting_looks(organization)) == (0, 1, 0, 1)


def test_a_critical_ticket_is_looked_at_at_once(organization: Organization, alice: Membership) -> None:
    account = account_at(organization, "85.0")

    open_ticket(organization=organization, by=alice.user, account=account, subject="Down", priority="critical")
    run_now(organization.jobs.get(kind="evaluate_alerts"))

    assert [kind for kind, _ in raised(organization)] == ["support_escalation"]
