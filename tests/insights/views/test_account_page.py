"""The overview of one account: how it stands, why, and what to do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.services.account import create_account, update_account
from csplatform.models import Membership
from health.services.scoring import recompute_health
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


@pytest.fixture
def acme(alice: Membership):
    """Adoption fell, NPS is below zero: 20 + 7.75 + 16 + 6 + 13.2 = 62.95, half up 63.0."""
    copy_library(organization=alice.organization)
    account = AccountFactory(
        organization=alice.organization,
        name="Acme",
        arr="1200000",
        owner=alice.user,
        contract_end=TODAY + timedelta(days=21),
    )
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=40), daily_active_users=80, health_score="80")
    DailyMetricsFactory(account=account, date=TODAY, daily_active_users=80, adoption_pct=31.0, nps=-20.0)
    recompute_health(organization=alice.organization, today=TODAY)
    account.refresh_from_db()
    return account


def test_the_head_says_who_how_much_and_how_long(client_for, alice: Membership, acme) -> None:
    text = client_for(alice).get(f"/dashboard/accounts/{acme.number}").text

    assert "<h1>Acme</h1>" in text
    assert "₹12L" in text
    assert "in 21 days" in text
    assert "11 Dec 2026" in text


def test_risks_recommendations_and_words_agree(client_for, alice: Membership, acme) -> None:
    context = client_for(alice).get(f"/dashboard/accounts/{acme.number}").context

    overview = context["overview"]
    assert [(factor["name"], factor["severity"]) for factor in overview.factors] == [
        ("Negative NPS score", 3),
        ("Below target health score", 2),
        ("Declining health trend", 2),
    ]
    assert context["text"].risk_factors == tuple(factor.name for factor in overview.facts.factors)
    assert [action.playbook_id for action in context["text"].recommended_actions] == [
        match.playbook.number for match in overview.recommended[:3]
    ]


def test_measures_show_now_before_and_whether_it_got_better(client_for, alice: Membership, acme) -> None:
    measures = client_for(alice).get(f"/dashboard/accounts/{acme.number}").context["overview"].measures

    assert [(measure.label, measure.before, measure.value, measure.tone) for measure in measures] == [
        ("Daily active users", "80 users", "80 users", "flat"),
        ("Feature adoption", "78%", "31%", "down"),
        ("Open support tickets", "2 open", "2 open", "flat"),
        ("NPS", "55", "-20", "down"),
        ("Login frequency", "88%", "88%", "flat"),
    ]


def test_recent_changes_say_who_changed_what(client_for, alice: Membership) -> None:
    with time_machine.travel("2026-11-01T06:00:00Z", tick=False):
        account = create_account(
            organization=alice.organization, by=alice.user, name="Beta", arr=Decimal(100_000), owner=alice.user
        )
    update_account(account=account, by=alice.user, arr=Decimal(250_000), segment="SMB", owner=None)

    changes = client_for(alice).get(f"/dashboard/accounts/{account.number}").context["overview"].changes

    assert [(change.by, set(change.lines)) for change in changes] == [
        ("Alice", {"ARR: ₹1,00,000 → ₹2,50,000", "segment: nothing → SMB", "owner: Alice → nothing"}),
        ("Alice", {"created the account"}),
    ]


def test_an_account_from_before_there_was_a_history_has_no_changes(client_for, alice: Membership, acme) -> None:
    acme.history.all().delete()

    response = client_for(alice).get(f"/dashboard/accounts/{acme.number}")

    assert response.context["overview"].changes == []


def test_number_and_uuid_open_the_same_page(client_for, alice: Membership, acme) -> None:
    client = client_for(alice)

    assert client.get(f"/dashboard/accounts/{acme.uuid}").context["account"] == acme


def test_an_account_without_any_data_still_has_a_page(client_for, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    response = client_for(alice).get(f"/dashboard/accounts/{account.number}")

    assert response.status_code == 200
    assert "Nothing has been reported yet" in response.text


@pytest.mark.parametrize("facts", [{"status": "churned"}, {"archived_at": "2026-11-01T00:00:00Z"}])
def test_a_closed_account_can_still_be_looked_at(client_for, alice: Membership, facts: dict[str, str]) -> None:
    account = AccountFactory(organization=alice.organization, health_score="30", **facts)

    response = client_for(alice).get(f"/dashboard/accounts/{account.number}")

    assert response.status_code == 200
    assert "It no longer counts in the portfolio." in response.text


def test_edit_is_offered_to_those_who_may(
    client_for, alice: Membership, bob: Membership, rita: Membership, acme
) -> None:
    path, edit = f"/dashboard/accounts/{acme.number}", f"/dashboard/accounts/{acme.number}/edit"

    assert edit in client_for(alice).get(path).text
    assert edit not in client_for(bob).get(path).text
    assert edit not in client_for(rita).get(path).text


def test_text_from_outside_is_shown_as_text(client_for, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name='<script>alert("1")</script> & Söhne')

    text = client_for(alice).get(f"/dashboard/accounts/{account.number}").text

    assert '<script>alert("1")' not in text
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; Söhne" in text


def test_it_costs_a_fixed_number_of_queries(
    client_for, alice: Membership, acme, django_assert_max_num_queries
) -> None:
    client = client_for(alice)

    with django_assert_max_num_queries(42):
        client.get(f"/dashboard/accounts/{acme.number}")


def test_another_organisations_account_does_not_exist(client_for, mallory: Membership, acme) -> None:
    assert client_for(mallory).get(f"/dashboard/accounts/{acme.uuid}").status_code == 404


def test_nobody_signed_in_is_sent_to_the_login(client: Client, acme) -> None:
    assert client.get(f"/dashboard/accounts/{acme.number}").status_code == 302
