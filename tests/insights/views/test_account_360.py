"""The overview as one place for an account: people, next steps, goals, events, money, facts; and the quick look."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.models import Account
from accounts.services.account import update_account
from accounts.services.activity import Happening, record_activity
from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership
from csplatform.services.team import create_team
from health.services.scoring import recompute_health
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.engagements import EngagementFactory
from tests.factories.goals import GoalFactory
from tests.factories.health import DailyMetricsFactory, HealthOverrideFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db

SCOPE = 4 if connection.vendor == "postgresql" else 0
"""A savepoint with the setting that its policies read, there and back."""


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


@pytest.fixture
def acme(alice: Membership) -> Account:
    account: Account = AccountFactory(
        organization=alice.organization, name="Acme", owner=alice.user, arr=1_200_000, custom_fields={"tier": "Gold"}
    )
    create_custom_field(organization=alice.organization, by=None, name="Tier", kind="choice", choices=["Gold"])
    ContactFactory(account=account, name="Priya <Sharma>", is_primary=True, title="CTO")
    AccountFactory(organization=alice.organization, name="Daughter", parent=account, arr=300_000)
    account.follow_ups.create(
        organization=alice.organization, task_type="Renewal QBR", due_at="2026-11-19T06:00Z", assignee=alice.user
    )
    account.goals.create(
        organization=alice.organization,
        title="Ninety per cent adoption",
        metric_type="adoption",
        current_value=45,
        target_value=90,
        starts_on=date(2026, 1, 1),
    )
    record_activity(Happening(account=account, kind=ActivityKind.CALL, title="Called <Ravi>", by=alice.user))
    return account


def test_every_room_says_its_part(client_for: Any, alice: Membership, acme: Account) -> None:
    text = client_for(alice).get(f"/dashboard/accounts/{acme.number}").text

    for part in (
        "Priya &lt;Sharma&gt;",
        "Single-threaded",
        "Renewal QBR",
        "overdue, 19 Nov 2026",
        "Ninety per cent adoption",
        "Called &lt;Ravi&gt;",
        "Daughter",
        # 12 and 3 lakh
        "₹15L",
        "Tier",
        "Gold",
        "Regular check-in",
    ):
        assert part in text, part
    assert "<Ravi>" not in text


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        ("onboarding", ["Setup call", "Training session"]),
        ("active", ["Regular check-in", "Expansion talk"]),
        ("at_risk", ["Intervention campaign", "Success planning"]),
        ("churned", ["Win-back campaign", "Exit interview"]),
    ],
)
def test_each_status_has_its_usual_actions(
    client_for: Any, alice: Membership, status: str, actions: list[str]
) -> None:
    copy_library(organization=alice.organization)
    account = AccountFactory(organization=alice.organization, owner=alice.user, status=status)

    overview = client_for(alice).get(f"/dashboard/accounts/{account.number}").context["overview"]

    assert [action.title for action in overview.actions] == actions
    assert all(bool(action.playbook_title) is bool(action.playbook_url) for action in overview.actions)


def test_who_may_only_look_is_offered_no_pencil(
    client_for: Any, alice: Membership, rita: Membership, acme: Account
) -> None:
    path, pencil = f"/dashboard/accounts/{acme.number}", f"/dashboard/accounts/{acme.number}/facts/region"

    mine = client_for(alice).get(path).text
    assert (pencil in mine, f"{path}/facts/owner" in mine) == (True, False)
    assert pencil not in client_for(rita).get(path).text


def test_a_quick_look_is_a_drawer_or_a_page(
    client_for: Any, alice: Membership, mallory: Membership, acme: Account
) -> None:
    path = f"/dashboard/accounts/{acme.number}/peek"

    page, drawer = client_for(alice).get(path), client_for(alice).get(path, headers={"HX-Request": "true"})

    assert ("<html" in page.text, "<html" in drawer.text) == (True, False)
    for text in (page.text, drawer.text):
        assert "Renewal QBR" in text
        assert "Priya &lt;Sharma&gt;" in text
    assert client_for(mallory).get(path).status_code == 404


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_the_overview_costs_the_same_however_much_there_is(
    client_for: Any, alice: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    for at in range(rows):
        ContactFactory(account=account)
        AccountFactory(organization=alice.organization, parent=account)
        account.follow_ups.create(organization=alice.organization, task_type=f"Task {at}", due_at=timezone.now())
        record_activity(Happening(account=account, kind=ActivityKind.NOTE, title=f"Note {at}", by=alice.user))
    client = client_for(alice)
    client.get(f"/dashboard/accounts/{account.number}")

    with django_assert_max_num_queries(30 + SCOPE) as queries:
        client.get(f"/dashboard/accounts/{account.number}")

    assert sum("accounts_contact" in query["sql"] for query in queries.captured_queries) == 1


def test_an_account_with_everything_is_shown_in_thirty_queries(
    client_for: Any, alice: Membership, bob: Membership, django_assert_max_num_queries: Any
) -> None:
    """A group on both sides, a score set by hand, risks with playbooks, tags, and changes that name other rows."""
    organization = alice.organization
    copy_library(organization=organization)
    create_custom_field(organization=organization, by=None, name="Tier", kind="choice", choices=["Gold", "Tin"])
    top = AccountFactory(organization=organization)
    middle = AccountFactory(organization=organization, parent=top)
    account = AccountFactory(organization=organization, owner=alice.user, arr=1_200_000, name="Acme")
    below = AccountFactory(organization=organization, parent=account)
    AccountFactory(organization=organization, parent=below)
    update_account(
        account=account,
        by=alice.user,
        owner=bob.user,
        parent=middle,
        tags=["key"],
        custom_fields={"tier": "Tin"},
        team=create_team(organization=organization, name="East"),
    )
    for back in (0, 10, 40, 100):
        DailyMetricsFactory(account=account, date=date(2026, 11, 20) - timedelta(days=back), nps=-10 - back / 2)
    recompute_health(organization=organization, today=date(2026, 11, 20))
    HealthOverrideFactory(account=account)
    TicketFactory(account=account)
    EngagementFactory(account=account)
    GoalFactory(account=account)
    ContactFactory(account=account)
    client, path = client_for(alice), f"/dashboard/accounts/{account.number}"
    client.get(path)

    with django_assert_max_num_queries(30 + SCOPE):
        page = client.get(path)

    group = page.context["overview"].group
    assert [each.pk for each in group.parents] == [top.pk, middle.pk]
    assert ([each.pk for each in group.children], group.members) == ([below.pk], 3)
    assert page.context["overview"].explanation.override is not None
    assert page.context["overview"].recommended
    assert "Bob" in str([change.lines for change in page.context["overview"].changes])
