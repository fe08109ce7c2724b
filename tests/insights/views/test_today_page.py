"""The page a day begins with: what it shows, whose, and what one click does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, FollowUp
from csplatform.enums import Role
from csplatform.models import Membership
from insights.models import AttentionSnooze
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import MembershipFactory, TeamFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db

PAGE = "/dashboard"
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(
        organization=alice.organization, name="Acme", owner=alice.user, arr=Decimal(1_200_000), churn_risk_score=40
    )


@pytest.fixture
def task(alice: Membership, account: Account) -> FollowUp:
    return FollowUpFactory(
        account=account, assignee=alice.user, task_type="Call Ravi", due_at=NOW - timedelta(days=1)
    )


def names(client: Client, query: str = "") -> list[str]:
    return [item["row"].account.name for item in client.get(f"{PAGE}{query}").context["rows"]]


def test_it_says_who_why_and_what_is_next(client_for, alice: Membership, task: FollowUp) -> None:
    response = client_for(alice).get(PAGE)
    html = response.content.decode()

    assert "<title>(1) Today" in html
    assert "Good afternoon, Alice" in html
    assert "follow-up 1 day overdue: Call Ravi" in html
    assert "₹40,000</strong> of ₹1L MRR at risk" in html  # 12,00,000 / 12 x 40 / 100
    assert [(each["label"], each["count"]) for each in response.context["counters"]] == [
        ("Overdue", 1),
        ("Due today", 0),
        ("Next 7 days", 0),
        ("Next 30 days", 0),
    ]
    assert response.context["counters"][0]["url"] == "/dashboard/follow-ups?assignee=my_accounts&due=overdue"


def test_an_empty_day_says_who_was_not_heard_of(client_for, alice: Membership, account: Account) -> None:
    EngagementFactory(account=account, completed_at=NOW - timedelta(days=31))
    html = client_for(alice).get(PAGE).content.decode()

    assert "Nothing is due." in html
    assert "1 account has had no contact for 30 days." in html
    assert "<title>Today" in html


def test_the_scope_is_mine_my_teams_or_everybodys(client_for, alice: Membership, bob: Membership) -> None:
    organization = alice.organization
    carol = MembershipFactory(organization=organization, role=Role.CSM)
    team = TeamFactory(organization=organization)
    for member in (alice, bob):
        team.team_members.create(organization=organization, membership=member)
    for name, member in (("Hers", alice), ("His", bob), ("Carols", carol)):
        AccountFactory(organization=organization, name=name, owner=member.user, health_score=Decimal(20))
    client = client_for(alice)

    assert names(client) == ["Hers"]
    assert names(client, "?user=team_accounts") == ["Hers", "His"]
    assert names(client, "?user=all") == ["Carols", "Hers", "His"]
    assert names(client, "?user=nonsense") == ["Hers"]


def test_only_what_fits_the_day_is_listed_and_the_rest_counted(client_for, alice: Membership) -> None:
    for number in range(4):
        AccountFactory(
            organization=alice.organization, name=f"Account {number}", owner=alice.user, health_score=Decimal(20)
        )
    client = client_for(alice)

    answer = client.post("/dashboard/today/capacity?user=my_accounts", {"accounts": "3"})
    page = client.get(PAGE)

    assert (answer.status_code, answer["Location"]) == (302, "/dashboard?user=my_accounts")
    assert (len(page.context["rows"]), page.context["rest"], page.context["total"]) == (3, 1, 4)
    assert "1 more account asks for somebody" in page.content.decode()
    assert len(client.get(f"{PAGE}?show=all").context["rows"]) == 4


@pytest.mark.parametrize("asked", ["0", "101", "many", ""])
def test_a_capacity_that_makes_no_sense_is_refused(client_for, alice: Membership, asked: str) -> None:
    client = client_for(alice)

    html = client.post("/dashboard/today/capacity", {"accounts": asked}, follow=True).content.decode()

    assert "whole number" in html or "Say how many" in html
    alice.refresh_from_db()
    assert alice.daily_capacity == 15


def test_a_task_is_done_once_however_often_it_is_clicked_and_can_be_undone(
    client_for, alice: Membership, task: FollowUp
) -> None:
    client = client_for(alice)
    done = f"/dashboard/today/follow-ups/{task.uuid}/complete"

    first, second = client.post(done), client.post(done)

    task.refresh_from_db()
    assert (first["Location"], second["Location"], task.completed_at) == (PAGE, PAGE, NOW)
    assert alice.organization.activities.about("follow_up", task.uuid).filter(event="completed").count() == 1
    html = client.get(PAGE).content.decode()
    assert "“Call Ravi” is done." in html
    assert f"/dashboard/today/follow-ups/{task.uuid}/reopen" in html

    client.post(f"/dashboard/today/follow-ups/{task.uuid}/reopen")
    client.post(f"/dashboard/today/follow-ups/{task.uuid}/reopen")

    task.refresh_from_db()
    assert task.completed_at is None


def test_htmx_gets_the_content_as_it_is_now_with_a_toast(client_for, alice: Membership, task: FollowUp) -> None:
    response = client_for(alice).post(
        f"/dashboard/today/follow-ups/{task.uuid}/complete?user=my_accounts", headers={"HX-Request": "true"}
    )
    html = response.content.decode()

    assert response.status_code == 200
    assert "<html" not in html
    assert 'id="today"' in html
    assert "“Call Ravi” is done." in html
    assert f'hx-post="/dashboard/today/follow-ups/{task.uuid}/reopen?user=my_accounts"' in html
    assert "Nothing is due." in html


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ({"choice": "week"}, "Acme is put off until 27 Nov 2026."),
        ({"choice": "date", "until": "2026-12-01"}, "Acme is put off until 1 Dec 2026."),
        ({"choice": "band"}, "Acme is put off until its health is known."),
        ({"choice": "news"}, "Acme is put off until something new happens."),
    ],
)
def test_an_account_is_put_off_once_however_often_it_is_clicked_and_can_be_undone(
    client_for, alice: Membership, account: Account, task: FollowUp, posted: dict[str, str], told: str
) -> None:
    client = client_for(alice)
    snooze = f"/dashboard/today/accounts/{account.number}/snooze"

    client.post(snooze, posted)
    client.post(snooze, posted)
    page = client.get(PAGE)

    assert told in page.content.decode()
    assert page.context["rows"] == []
    assert "1 put off" in page.content.decode()
    assert AttentionSnooze.objects.count() == 1

    client.post(f"/dashboard/today/accounts/{account.number}/wake")

    assert names(client) == ["Acme"]


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ({}, "Choose until when."),
        ({"choice": "someday"}, "Choose until when."),
        ({"choice": "date"}, "Choose the day until which it is put off."),
        ({"choice": "date", "until": "soon"}, "Until takes a day, such as 2026-12-31."),
        ({"choice": "date", "until": "2026-11-20"}, "It takes a day after today, up to 18 Feb 2027."),
        ({"choice": "renewal_30"}, "No renewal is known of this account."),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_in_a_sentence(
    client_for, alice: Membership, account: Account, posted: dict[str, str], told: str
) -> None:
    client = client_for(alice)

    html = client.post(f"/dashboard/today/accounts/{account.number}/snooze", posted, follow=True).content.decode()

    assert told in html
    assert AttentionSnooze.objects.count() == 0


def test_who_only_reads_sees_the_day_and_is_offered_nothing(client_for, rita: Membership, task: FollowUp) -> None:
    client = client_for(rita)
    html = client.get(PAGE).content.decode()

    assert "Call Ravi" in html
    snooze = f"/dashboard/today/accounts/{task.account.number}/snooze"
    for offered in ("/complete", "/snooze", "Log a call", "Add follow-up"):
        assert offered not in html
    assert client.post(f"/dashboard/today/follow-ups/{task.uuid}/complete").status_code == 403
    assert client.post(snooze, {"choice": "week"}).status_code == 403


def test_a_colleague_may_not_do_my_task_but_may_put_the_account_off(
    client_for, bob: Membership, task: FollowUp
) -> None:
    client, snooze = client_for(bob), f"/dashboard/today/accounts/{task.account.number}/snooze"

    assert client.post(f"/dashboard/today/follow-ups/{task.uuid}/complete").status_code == 403
    assert client.post(snooze, {"choice": "week"}).status_code == 302
    task.refresh_from_db()
    assert task.completed_at is None


def test_another_organisations_rows_do_not_exist(client_for, mallory: Membership, task: FollowUp) -> None:
    client = client_for(mallory)

    assert names(client, "?user=all") == []
    for path in (
        f"follow-ups/{task.uuid}/complete",
        f"accounts/{task.account.uuid}/snooze",
        f"accounts/{task.account.uuid}/wake",
    ):
        assert client.post(f"/dashboard/today/{path}", {"choice": "week"}).status_code == 404
    assert AttentionSnooze.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_stays_within_thirty_queries(
    client_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for number in range(rows):
        account = AccountFactory(
            organization=alice.organization, name=f"Account {number}", owner=alice.user, health_score=Decimal(20)
        )
        FollowUpFactory(account=account, assignee=alice.user, due_at=NOW)
        TicketFactory(account=account, priority="critical")
    client = client_for(alice)

    with django_assert_max_num_queries(33):
        assert len(client.get(PAGE).context["rows"]) == rows


# -- the API ----------------------------------------------------------------------------------------


def test_the_api_answers_the_same_list(api_for, alice: Membership, account: Account, task: FollowUp) -> None:
    answer = api_for(alice).get("/api/today").json()

    assert {name: answer[name] for name in ("total", "page", "limit", "hasMore")} == {
        "total": 1,
        "page": 1,
        "limit": 25,
        "hasMore": False,
    }
    assert answer["data"] == [
        {
            "account": {"id": str(account.uuid), "number": account.number, "name": "Acme", "owner": "Alice"},
            "reason": "follow-up 1 day overdue: Call Ravi",
            "why_now": ["follow-up 1 day overdue: Call Ravi"],
            "kinds": ["follow_up"],
            "mrr": 100_000.0,
            "churn_risk": 40,
            "mrr_at_risk": 40_000.0,
            "urgency": 3,
            "attention_value": 120_000.0,
            "next_step": "Call Ravi",
            "next_step_at": "2026-11-19T06:30:00Z",
            "due_at": "2026-11-19T06:30:00Z",
            "follow_up_id": str(task.uuid),
        }
    ]


def test_the_api_is_about_ones_own_unless_asked_otherwise(api_for, bob: Membership, task: FollowUp) -> None:
    api = api_for(bob)

    assert api.get("/api/today").json()["total"] == 0
    assert api.get("/api/today?user=all").json()["total"] == 1
    refused = api.get("/api/today?user=everybody")
    assert refused.status_code == 400
    assert "my_accounts" in str(refused.json())


def test_the_api_shows_nothing_of_others(api_for, mallory: Membership, task: FollowUp) -> None:
    assert api_for(mallory).get("/api/today?user=all").json()["total"] == 0
