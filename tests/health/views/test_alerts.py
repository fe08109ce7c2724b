"""The alerts page: what waits, by account; what people do about it; and the rules with their record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from csplatform.models import Membership
from health.models import Alert, AlertPreference
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.health import AlertFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def alert(alice: Membership) -> Alert:
    account = AccountFactory(organization=alice.organization, owner=alice.user, name="Acme <b>Ltd</b>")
    return AlertFactory(account=account)


def closed(alert: Alert, outcome: str) -> None:
    Alert.objects.filter(pk=alert.pk).update(status="resolved", outcome=outcome, resolved_at=NOW)


def test_accounts_with_the_worst_and_the_most_money_come_first(client_for: Any, alice: Membership) -> None:
    def account(arr: int, *severities: str) -> str:
        made = AccountFactory(organization=alice.organization, owner=alice.user, arr=arr)
        for kind, severity in zip(("health_below", "health_drop"), severities, strict=False):
            AlertFactory(account=made, kind=kind, severity=severity)
        return str(made.name)

    rich = account(900, "medium")
    poor = account(100, "medium", "high")
    small = account(200, "medium")
    AlertFactory(account=AccountFactory(organization=OrganizationFactory()))

    response = client_for(alice).get(reverse("health:alerts"))

    groups = response.context["groups"]
    assert [(each.name, [alert.severity for alert in alerts]) for each, alerts in groups] == [
        (poor, ["high", "medium"]),
        (rich, ["medium"]),
        (small, ["medium"]),
    ]


def test_a_csm_sees_her_own_to_begin_with_and_a_viewer_everybodys(
    client_for: Any, alice: Membership, bob: Membership, rita: Membership, alert: Alert
) -> None:
    page = reverse("health:alerts")

    assert [each for each, _ in client_for(alice).get(page).context["groups"]] == [alert.account]
    assert client_for(bob).get(page).context["groups"] == []
    assert len(client_for(bob).get(page, {"owner": ""}).context["groups"]) == 1
    response = client_for(rita).get(page)
    assert len(response.context["groups"]) == 1
    text = response.content.decode()
    assert "Acme &lt;b&gt;Ltd&lt;/b&gt;" in text
    assert "/resolve" not in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    client_for: Any, alice: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        AlertFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))

    with django_assert_max_num_queries(40):
        response = client_for(alice).get(reverse("health:alerts"))

    assert len(response.context["groups"]) == rows


def test_closing_says_what_came_of_it_and_can_be_taken_back(client_for: Any, alice: Membership, alert: Alert) -> None:
    client = client_for(alice)

    client.post(reverse("health:alert_resolve", args=[alert.uuid]), {"outcome": "acted", "note": "Called them"})

    alert.refresh_from_db()
    assert (alert.status, alert.outcome, alert.note, alert.resolved_by) == (
        "resolved",
        "acted",
        "Called them",
        alice.user,
    )
    assert alert.account.activities.get().title == "Alert closed, acted on: Health is 52, under 60"
    assert client.get(reverse("health:alerts")).context["groups"] == []
    assert len(client.get(reverse("health:alerts"), {"status": "resolved"}).context["groups"]) == 1

    client.post(reverse("health:alert_reopen", args=[alert.uuid]))

    alert.refresh_from_db()
    assert (alert.status, alert.outcome, alert.resolved_at) == ("open", "", None)


def test_snoozing_and_acknowledging(client_for: Any, alice: Membership, alert: Alert) -> None:
    client = client_for(alice)
    client.post(reverse("health:alert_snooze", args=[alert.uuid]), {"until": "7"})
    alert.refresh_from_db()
    assert (alert.status, alert.snoozed_until.isoformat()) == ("snoozed", "2026-11-27")
    assert client.get(reverse("health:alerts")).context["groups"] == []

    client.post(reverse("health:alert_acknowledge", args=[alert.uuid]))

    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by, alert.snoozed_until) == ("acknowledged", alice.user, None)


@pytest.mark.parametrize(
    ("verb", "body"),
    [("resolve", {"outcome": "cleared"}), ("resolve", {}), ("snooze", {"until": "tomorrow"}), ("snooze", {})],
)
def test_what_is_not_on_offer_changes_nothing(
    client_for: Any, alice: Membership, alert: Alert, verb: str, body: dict[str, str]
) -> None:
    client_for(alice).post(reverse(f"health:alert_{verb}", args=[alert.uuid]), body)

    alert.refresh_from_db()
    assert alert.status == "open"


def test_a_closed_one_stays_closed(client_for: Any, alice: Membership, alert: Alert) -> None:
    closed(alert, "dismissed")

    response = client_for(alice).post(
        reverse("health:alert_resolve", args=[alert.uuid]), {"outcome": "acted"}, follow=True
    )

    alert.refresh_from_db()
    assert alert.outcome == "dismissed"
    assert "This alert is closed already." in response.content.decode()


def test_colleagues_without_the_account_may_not(client_for: Any, bob: Membership, alert: Alert) -> None:
    response = client_for(bob).post(reverse("health:alert_resolve", args=[alert.uuid]), {"outcome": "acted"})

    alert.refresh_from_db()
    assert (response.status_code, alert.status) == (403, "open")


def test_rules_show_their_record_and_the_noisy_ones_are_proposed_to_be_muted(
    client_for: Any, mona: Membership
) -> None:
    outcomes = ["acted", "confirmed", *["dismissed"] * 8, "cleared"]
    for outcome in outcomes:
        alert = AlertFactory(account=AccountFactory(organization=mona.organization), holds=False, first_seen_at=NOW)
        closed(alert, outcome)
    old = AlertFactory(account=AccountFactory(organization=mona.organization), first_seen_at=NOW - timedelta(days=91))
    closed(old, "acted")

    response = client_for(mona).get(reverse("health:alert_rules"))

    record = next(each for each in response.context["records"] if each.rule.kind == "health_below")
    # 2 of the 10 that people closed
    assert (record.fired, record.acted, record.confirmed, record.dismissed, record.cleared) == (11, 1, 1, 8, 1)
    assert (record.precision_pct, record.is_noisy) == (20, True)
    assert "Mute “Health below threshold”" in response.content.decode()


def test_managers_mute_and_set_thresholds(client_for: Any, mona: Membership) -> None:
    client, page = client_for(mona), reverse("health:alert_rules")

    client.post(page, {"kind": "health_drop", "threshold": "15"})
    client.post(page, {"kind": "health_drop", "mute": "true"})

    rule = mona.organization.alert_rules.get()
    assert (rule.threshold, rule.is_muted, rule.history.count()) == (15, True, 2)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"kind": "health_drop", "threshold": "0"}, "takes a number from 1 to 100."),
        ({"kind": "health_drop", "threshold": "NaN"}, "Choose a rule and give its threshold as a number."),
        ({"kind": "nonsense"}, "Choose a rule and give its threshold as a number."),
    ],
)
def test_a_threshold_out_of_range_is_refused(
    client_for: Any, mona: Membership, body: dict[str, str], sentence: str
) -> None:
    response = client_for(mona).post(reverse("health:alert_rules"), body)

    assert (response.status_code, mona.organization.alert_rules.count()) == (422, 0)
    assert sentence in response.content.decode()


def test_a_csm_reads_the_rules_and_sets_none(client_for: Any, alice: Membership) -> None:
    client, page = client_for(alice), reverse("health:alert_rules")

    assert client.get(page).status_code == 200
    assert client.post(page, {"kind": "health_drop", "mute": "true"}).status_code == 403
    assert alice.organization.alert_rules.count() == 0


def test_everybody_chooses_their_times(client_for: Any, rita: Membership) -> None:
    client, page = client_for(rita), reverse("health:alert_times")
    client.post(page, {"digest_hour": "7", "quiet_from": "22", "quiet_to": "6"})
    known = AlertPreference.objects.get(membership=rita)
    assert (known.digest_hour, known.quiet_from, known.quiet_to) == (7, 22, 6)

    response = client.post(page, {"digest_hour": "9", "quiet_from": "22", "quiet_to": ""})

    known.refresh_from_db()
    assert (response.status_code, known.digest_hour) == (422, 7)
    assert "Quiet hours need a beginning and an end." in response.content.decode()
