"""The plan that a customer reads without a login: one account, until it is over, and not a word more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from csplatform.models import Membership, Organization
from insights.models import SharedPlan
from insights.services.shared_plan import MOST_OPEN, share_plan
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.engagements import CommitmentFactory, EngagementFactory
from tests.factories.goals import GoalFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
ClientFor = Callable[[Membership], Client]


@pytest.fixture
def zenith(organization: Organization, alice: Membership) -> Account:
    """With something of everything, and what a customer must not read marked as secret."""
    account: Account = AccountFactory(
        organization=organization,
        name="Zenith Foods",
        owner=alice.user,
        arr=Decimal("777000"),
        health_score=Decimal("33.3"),
    )
    goal = GoalFactory(account=account, title="Every shop trained")
    goal.milestones.create(organization=organization, title="First ten shops", due_on=date(2026, 12, 1))
    GoalFactory(account=account, title="SECRET grow the ARR", metric_type="arr")
    engagement = EngagementFactory(account=account, title="SECRET talk", description="SECRET notes")
    CommitmentFactory(engagement=engagement, what="Send the training plan", side="us")
    CommitmentFactory(engagement=engagement, what="Name the trainers", side="customer", name="Asha")
    CommitmentFactory(engagement=engagement, what="SECRET kept one", side="us", kept_at=NOW)
    TicketFactory(account=account, subject="Scanner is slow", status="open", description="SECRET detail")
    ContactFactory(account=account, name="SECRET Person", email="secret@zenith.example")
    return account


def link_of(account: Account, by: Membership, days: int = 30, now: datetime = NOW) -> str:
    _, token = share_plan(account=account, by=by.user, days=days, now=now)
    return f"/plan/{token}"


@time_machine.travel(NOW, tick=False)
def test_the_customer_reads_the_plan_and_nothing_else(client: Client, alice: Membership, zenith: Account) -> None:
    other = AccountFactory(organization=alice.organization, name="Canaryfish")
    TicketFactory(account=other, subject="Canary ticket")
    GoalFactory(account=other, title="Canary goal")

    answer = client.get(link_of(zenith, alice))

    said = answer.content.decode()
    assert answer.status_code == 200
    for word in (
        "Zenith Foods",
        "Every shop trained",
        "First ten shops",
        "Send the training plan",
        "Name the trainers",
    ):
        assert word in said
    assert "Scanner is slow" in said
    assert "20 Nov 2026, 12:00 IST" in said  # 06:30 in London's winter
    for word in ("SECRET", "Canary", "secret@", "33.3", "7,77,000", "7.8L", "Critical"):
        assert word not in said


@time_machine.travel(NOW, tick=False)
def test_no_search_engine_keeps_it_and_no_link_carries_it_on(
    client: Client, alice: Membership, zenith: Account
) -> None:
    answer = client.get(link_of(zenith, alice))

    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex' in answer.content.decode()
    assert not answer.cookies


def test_it_ends_to_the_second_and_what_is_over_says_no_more_than_what_never_was(
    client: Client, alice: Membership, zenith: Account
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        url = link_of(zenith, alice, days=1)
        clock.move_to(NOW + timedelta(days=1) - timedelta(seconds=1))
        last = client.get(url)
        clock.move_to(NOW + timedelta(days=1))
        over, never = client.get(url), client.get("/plan/neverwas")

    assert last.status_code == 200
    assert (over.status_code, never.status_code) == (404, 404)
    assert over.content == never.content
    assert "Zenith" not in over.content.decode()
    assert SharedPlan.objects.get().opened == 1


@time_machine.travel(NOW, tick=False)
def test_it_dies_when_it_is_revoked_or_the_account_is_put_away(
    client: Client, client_for: ClientFor, alice: Membership, zenith: Account
) -> None:
    first, second = link_of(zenith, alice), link_of(zenith, alice)
    plan = SharedPlan.objects.latest("pk")

    client_for(alice).post(f"/dashboard/accounts/{zenith.number}/plan/{plan.uuid}/revoke")
    still, gone = client.get(first).status_code, client.get(second).status_code
    Account.objects.filter(pk=zenith.pk).update(archived_at=NOW)

    assert (still, gone) == (200, 404)
    assert client.get(first).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_the_secret_is_shown_once_and_stored_nowhere(
    client_for: ClientFor, alice: Membership, zenith: Account
) -> None:
    browser, url = client_for(alice), f"/dashboard/accounts/{zenith.number}/plan"

    answer = browser.post(url, {"days": "7"})

    link = answer.context["link"]
    token = link.rsplit("/", 1)[1]
    assert link in answer.content.decode()
    assert token not in browser.get(url).content.decode()
    assert token not in str(SharedPlan.objects.values())
    assert SharedPlan.objects.get().expires_at == NOW + timedelta(days=7)
    assert "not looked at yet" in browser.get(url).content.decode()


@time_machine.travel(NOW, tick=False)
def test_only_who_may_edit_the_account_shares_it(
    client_for: ClientFor, bob: Membership, rita: Membership, mallory: Membership, zenith: Account
) -> None:
    url = f"/dashboard/accounts/{zenith.number}/plan"

    assert client_for(rita).get(url).status_code == 200
    assert client_for(rita).post(url, {"days": "7"}).status_code == 403
    assert client_for(bob).post(url, {"days": "7"}).status_code == 403
    assert client_for(mallory).get(f"/dashboard/accounts/{zenith.uuid}/plan").status_code == 404
    assert not SharedPlan.objects.exists()


@pytest.mark.parametrize("days", ["0", "366", "soon", ""])
def test_a_bad_number_of_days_is_explained(
    client_for: ClientFor, alice: Membership, zenith: Account, days: str
) -> None:
    answer = client_for(alice).post(f"/dashboard/accounts/{zenith.number}/plan", {"days": days})

    assert answer.status_code == 422
    assert not SharedPlan.objects.exists()


def test_the_api_shares_lists_and_revokes(
    client: Client, api_for: Callable[..., APIClient], alice: Membership, bob: Membership, zenith: Account
) -> None:
    api, url = api_for(alice), f"/api/accounts/{zenith.uuid}/shared-plans"

    made = api.post(url, {"days": 3})
    listed = api.get(url).json()
    path = made.json()["url"].removeprefix("http://testserver")
    works = client.get(path).status_code
    revoked = api.delete(f"{url}/{made.json()['id']}")

    assert made.status_code == 201
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert "url" not in listed[0]
    assert (works, revoked.status_code, client.get(path).status_code) == (200, 204, 404)
    assert api.get(f"{url}/{made.json()['id']}").json()["revoked_at"] is not None
    assert api_for(bob).post(url).status_code == 403
    assert api.post(url, {"days": 0}).json()["errors"].keys() == {"days"}


def test_an_account_has_at_most_ten_open_addresses(
    api_for: Callable[..., APIClient], alice: Membership, zenith: Account
) -> None:
    api, url = api_for(alice), f"/api/accounts/{zenith.uuid}/shared-plans"
    for _ in range(MOST_OPEN):
        assert api.post(url).status_code == 201

    refused = api.post(url)

    assert (refused.status_code, SharedPlan.objects.count()) == (409, MOST_OPEN)


@pytest.mark.parametrize("rows", [1, 10])
def test_it_costs_the_same_for_any_length(
    client: Client, alice: Membership, zenith: Account, rows: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(rows):
        TicketFactory(account=zenith, subject=f"Ticket {at}", status="open")
        GoalFactory(account=zenith, title=f"Goal {at}").milestones.create(
            organization=alice.organization, title="One"
        )
    url = link_of(zenith, alice, now=datetime.now(UTC))

    with django_assert_max_num_queries(16):
        client.get(url)
