"""GET /account-management-api.php: the contract's shape, its identities, and the figures of a book by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AccountScope
from accounts.models import Account
from accounts.services.account import archive_account, churn_account, update_account
from accounts.services.advocacy import update_referral
from accounts.services.follow_up import complete_follow_up, open_follow_up
from accounts.services.ticket import update_ticket
from csplatform.models import Membership
from csplatform.periods import AccountPeriod
from health.services.override import set_override
from tests.contracts import violations
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import TeamFactory
from tests.insights.worlds import NOON, TODAY, a_book, an_account, at

pytestmark = pytest.mark.django_db
URL = "/account-management-api.php"
ALIAS = "/api/dashboards/account-management"
KEYS = [
    "kpis", "healthDistribution", "atRiskAccounts", "upcomingRenewals", "mrrTrend", "productAdoption",
    "usageInsights", "followUps", "referralStats", "referralPipeline", "advocacyCandidates", "supportStats",
    "ticketPriority", "criticalTickets", "portfolio", "recentActivity",
]  # fmt: skip
CUSTOM = {"from": "2026-11-01", "to": "2026-11-30"}
PERIODS = [{"period": each, **(CUSTOM if each == "custom" else {})} for each in AccountPeriod]
COMPARED = {"today": "vs yesterday", "week": "vs last week", "month": "vs last month", "quarter": "vs last quarter"}
NEW_IN = {"today": "today", "week": "this week", "month": "this month", "quarter": "this quarter"}


def ask(api_for: Callable[..., APIClient], member: Membership, **query: str) -> dict[str, Any]:
    with at(TODAY):
        response = api_for(member).get(URL, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    assert violations("account-management", body) == []
    return body


@pytest.mark.parametrize("query", [{}, *PERIODS])
def test_an_empty_organisation_has_every_key_and_nothing_in_it(api_for, amir: Membership, query) -> None:
    body = ask(api_for, amir, **query)

    assert list(body) == KEYS
    compared = COMPARED.get(query.get("period", "month"), "vs previous period")
    new = NEW_IN.get(query.get("period", "month"), "in this period")
    assert body["kpis"]["totalMRR"] == {
        "value": "₹0",
        "subtitle": "Monthly Recurring Revenue",
        "trend": f"↑ 0% {compared}",
        "trendDirection": "up",
    }
    assert body["kpis"]["activeAdvocates"]["trend"] == f"↑ 0 new {new}"
    assert body["kpis"]["avgHealthScore"]["value"] == "0/100"
    assert body["kpis"]["churnRate"] == {"value": "0%", "subtitle": "Last 90 days"}
    assert body["supportStats"] == {
        "openTickets": 0,
        "escalated": 0,
        "avgResponseTime": "0h",
        "csatScore": "0/5",
    }
    assert body["referralStats"] == {"referrals": 0, "testimonials": 0, "potentialMRR": "₹0"}
    rows = [name for name in KEYS if isinstance(body[name], list)]
    assert [name for name in rows if body[name]] == []
    assert body["mrrTrend"]["chart"]["labels"] == ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]


def test_a_book_worked_out_by_hand(api_for, mona: Membership, alice: Membership) -> None:
    a_book(mona, owner=alice)

    body = ask(api_for, mona)

    # MRR: 2,50,000 + 1,20,000 + 65,000 = 4,35,000. On 31 October: 2,50,000 + 1,00,000 + 65,000 + 60,000 = 4,75,000.
    assert body["kpis"]["totalMRR"] == {
        "value": "₹4.4L",  # 4.35, half up
        "subtitle": "Monthly Recurring Revenue",
        "trend": "↓ 8.4% vs last month",  # 40,000 of 4,75,000
        "trendDirection": "down",
    }
    # Expansion 20,000 less churn 60,000.
    assert body["kpis"]["netRevenueChange"]["value"] == "-₹40,000"
    assert body["kpis"]["netRevenueChange"]["trend"] == "↓ Last 30 days"
    # 60,000 of what was paid on 22 August: 4,75,000.
    assert body["kpis"]["churnRate"]["value"] == "12.6%"
    assert body["kpis"]["atRiskAccounts"]["value"] == 2
    # (85 x 2,50,000 + 45.9 x 1,20,000 + 32 x 65,000) / 4,35,000 = 66.29: its floor.
    assert body["kpis"]["avgHealthScore"]["value"] == "66/100"
    assert body["healthDistribution"]["chart"]["data"] == [1, 0, 1, 1]
    # 1,20,000 x 80 is more than 65,000 x 60.
    assert [(row["company"], row["mrr"], row["arr"], row["healthScore"]) for row in body["atRiskAccounts"]] == [
        ("Beta Solutions", "₹1.2L", "₹14.4L", 45),
        ("Gamma Tech", "₹65,000", "₹7.8L", 32),
    ]
    assert body["atRiskAccounts"][0]["lastContact"] == "15 days ago"
    assert body["atRiskAccounts"][0]["renewalDate"] == "Dec 15, 2026"
    assert "Critical tickets" in body["atRiskAccounts"][0]["riskTags"]
    assert body["upcomingRenewals"] == [
        {
            "date": "Dec 15, 2026",
            "account": "Beta Solutions",
            "accountOwner": "Unassigned",
            "mrr": "₹1,20,000",
            "status": "Not Started",
            "statusClass": "gray",
        },
        {
            "date": "Feb 15, 2027",
            "account": "Acme Corp",
            "accountOwner": "Alice",
            "mrr": "₹2,50,000",
            "status": "Not Started",
            "statusClass": "gray",
        },
    ]
    assert body["mrrTrend"]["summary"] == {
        "existingMRR": "₹4.4L",
        "collectionMRR": "₹0",
        "churnMRR": "₹60,000",
        "netMRRGrowth": "-8.4%",
    }
    assert body["mrrTrend"]["chart"]["datasets"]["existingMRR"] == [0, 0, 4.75, 4.75, 4.75, 4.35]
    assert [
        (row["customer"], row["priority"], row["scheduledTime"], row["timeTag"]) for row in body["followUps"]
    ] == [
        ("Acme Corp", "HIGH", "Today - 12:35 PM", "In 35 min"),
        ("Beta Solutions", "LOW", "Tomorrow - 12:00 PM", "LOW"),
    ]
    assert body["referralStats"] == {"referrals": 1, "testimonials": 1, "potentialMRR": "₹1.5L"}
    assert body["referralPipeline"] == [
        {
            "referrer": "Acme Corp",
            "referredCompany": "NewTech Solutions",
            "status": "Interested",
            "statusClass": "info",
            "potentialMRR": "₹1,50,000",
        }
    ]
    assert body["supportStats"]["openTickets"] == 2
    assert body["ticketPriority"]["chart"]["data"] == [1, 0, 1, 0]
    assert [(row["ticketId"], row["priorityClass"], row["age"]) for row in body["criticalTickets"]] == [
        ("N7876768", "danger", "2d"),
        ("N7867838", "warning", "2d"),
    ]
    assert [(row["account"], row["mrr"], row["segment"], row["growthStatus"]) for row in body["portfolio"]] == [
        ("Acme Corp", "₹2,50,000", "Enterprise", "Stable"),
        ("Beta Solutions", "₹1,20,000", "Mid-Market", "Expanded"),
        ("Gamma Tech", "₹65,000", "SMB", "Stable"),
    ]
    assert [row["healthClass"] for row in body["portfolio"]] == ["high", "low", "low"]
    assert [row["renewalDate"] for row in body["portfolio"]] == ["Feb 15, 2027", "Dec 15, 2026", "Not set"]
    assert {"churn", "call"} <= {row["type"] for row in body["recentActivity"]}
    churn = next(row for row in body["recentActivity"] if row["type"] == "churn")
    assert (churn["badge"], churn["badgeClass"], churn["user"]) == ("Lost", "danger", "You")


@pytest.mark.parametrize("role", ["amir", "mona", "alice", "farah", "rita"])
def test_it_keeps_to_the_schema_and_its_identities(request, api_for, mona: Membership, role: str) -> None:
    """For every period, scope and role: what adds up in the contract's sample adds up in ours."""
    member = request.getfixturevalue(role)
    a_book(mona, owner=member)
    team = TeamFactory(organization=mona.organization)
    team.team_members.create(organization=mona.organization, membership=member)

    for query, scope in product(PERIODS, AccountScope.values):
        body = ask(api_for, member, user=scope, **query)

        assert_identities(body)
        names = [row["account"] for row in body["portfolio"]]
        assert names == (["Acme Corp", "Beta Solutions", "Gamma Tech"] if scope == "all" else ["Acme Corp"])


def assert_identities(body: dict[str, Any]) -> None:
    health = body["healthDistribution"]
    assert body["kpis"]["atRiskAccounts"]["value"] == sum(health["chart"]["data"][2:])
    for donut in (health, body["ticketPriority"]):
        chart = donut["chart"]
        drawn = list(zip(chart["labels"], chart["data"], chart["colors"], strict=True))
        assert [(row["label"], row["value"], row["color"]) for row in donut["legend"]] == drawn
    assert sum(body["ticketPriority"]["chart"]["data"]) == body["supportStats"]["openTickets"]
    assert body["mrrTrend"]["summary"]["existingMRR"] == body["kpis"]["totalMRR"]["value"]
    assert {len(series) for series in body["mrrTrend"]["chart"]["datasets"].values()} == {6}


def test_user_and_source_narrow_every_block(api_for, mona: Membership, alice: Membership) -> None:
    a_book(mona, owner=alice)

    mine, website = ask(api_for, alice, user="my_accounts"), ask(api_for, alice, source="Website")

    assert "Beta" not in str(mine)
    assert mine["kpis"]["totalMRR"]["value"] == "₹2.5L"
    assert mine["supportStats"]["openTickets"] == 1
    assert "Acme" not in str(website)
    assert website["referralStats"] == {"referrals": 0, "testimonials": 0, "potentialMRR": "₹0"}
    nowhere = ask(api_for, alice, source="Nowhere")
    assert nowhere["portfolio"] == nowhere["recentActivity"] == []


def test_a_past_day_shows_what_that_day_showed(api_for, mona: Membership) -> None:
    book = a_book(mona)
    then = ask(api_for, mona)
    with at(date(2026, 11, 25)):
        user = mona.user
        for ticket in mona.organization.tickets.all():
            update_ticket(ticket=ticket, by=user, status="resolved", resolved_at=NOON + timedelta(days=5))
        for task in mona.organization.follow_ups.all():
            complete_follow_up(follow_up=task, by=user)
        for referral in mona.organization.referrals.all():
            update_referral(referral=referral, by=user, status="lost")
        update_account(account=book["acme"], by=user, arr=Decimal(0), contract_end=date(2029, 1, 1))
        set_override(account=book["acme"], score=Decimal(5), reason="They left in anger", by=user)
        Account.objects.update(churn_risk_score=1)
        churn_account(account=book["beta"], by=user)
        archive_account(account=book["gamma"], by=user)
        an_account(mona, "Newer", "99", mrr=500_000)
        now = api_for(mona).get(URL).json()
        back = api_for(mona).get(URL, {"as_of": TODAY.isoformat()}).json()

    assert now["kpis"]["totalMRR"]["value"] == "₹5L"
    # Relative times differ: a past day is looked at from its end.
    moving = {"followUps", "recentActivity", "criticalTickets"}
    assert {name: back[name] for name in KEYS if name not in moving | {"atRiskAccounts"}} == {
        name: then[name] for name in KEYS if name not in moving | {"atRiskAccounts"}
    }
    still = ("company", "mrr", "arr", "healthScore", "riskBadge", "riskTags", "renewalDate")
    assert [[row[name] for name in still] for row in back["atRiskAccounts"]] == [
        [row[name] for name in still] for row in then["atRiskAccounts"]
    ]
    assert [row["description"] for row in back["followUps"]] == [row["description"] for row in then["followUps"]]
    assert [row["ticketId"] for row in back["criticalTickets"]] == [
        row["ticketId"] for row in then["criticalTickets"]
    ]
    assert [row["title"] for row in back["recentActivity"]] == [row["title"] for row in then["recentActivity"]]


@pytest.mark.parametrize("query", PERIODS, ids=lambda query: query["period"])
def test_today_by_history_is_today_by_the_live_tables(api_for, mona: Membership, monkeypatch, query) -> None:
    """What answers for a past day has to say the same of today, or one of the two roads is wrong."""
    a_book(mona)
    live = ask(api_for, mona, **query)
    with at(TODAY + timedelta(days=1)):
        past = api_for(mona).get(URL, {**query, "as_of": TODAY.isoformat()}).json()

    told = ("timeTag", "timeTagClass", "lastContact", "timestamp", "age")  # by the clock, which went on to midnight

    def still(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: still(each) for name, each in value.items() if name not in told}
        return [still(each) for each in value] if isinstance(value, list) else value

    assert still(past) == still(live)


def test_odd_data_is_text_and_never_a_fault(api_for, mona: Membership) -> None:
    """Names of markup, of 255 characters and from right to left; no score, no segment, no price, no date."""
    odd = "<b>&amp; \"quoted\" 'אבג' 😀 " + "x" * 200
    with at(TODAY):
        for number, name in enumerate((odd, "y" * 255, "Zero")):
            account = AccountFactory(organization=mona.organization, name=name, arr=None if number else 0)
            AccountFactory(organization=mona.organization, name=f"Left {number}", status="churned")
            open_follow_up(account=account, by=None, task_type="<i>", due_at=NOON - timedelta(days=900))

    body = ask(api_for, mona)

    assert [row["account"] for row in body["portfolio"]][:1] == [odd]
    assert {(row["mrr"], row["healthScore"], row["segment"]) for row in body["portfolio"]} == {("₹0", 50, "SMB")}
    assert {row["timeTag"] for row in body["followUps"]} == {"Overdue"}
    assert body["kpis"]["totalMRR"]["trend"] == "↑ 0% vs last month"


def test_a_new_tenant_has_no_percent_to_tell(api_for, mona: Membership) -> None:
    with at(TODAY):
        an_account(mona, "First", None, mrr=1000)

    kpis = ask(api_for, mona)["kpis"]

    assert (kpis["totalMRR"]["trend"], kpis["totalMRR"]["trendDirection"]) == ("↑ n/a vs last month", "up")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"period": "fortnight"}, "period"),
        ({"period": "custom"}, "from"),
        ({"period": "custom", "from": "2026-11-01"}, "to"),
        ({"period": "custom", "from": "2026-11-02", "to": "2026-11-01"}, "from"),
        ({"period": "custom", "from": "2025-11-01", "to": "2026-11-30"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"user": "everybody"}, "user"),
        ({"as_of": "2026-11-21"}, "as_of"),
        ({"as_of": "1"}, "as_of"),
    ],
)
@pytest.mark.parametrize("url", [URL, ALIAS])
def test_a_bad_parameter_is_400_with_two_keys(api_for, amir: Membership, url: str, query, name: str) -> None:
    with at(TODAY):
        response = api_for(amir).get(url, query)

    assert response.status_code == 400
    assert violations("error", response.json()) == []
    assert response.json()["message"].startswith(name)


def test_every_other_failure_has_the_same_two_keys(api_for, client, monkeypatch, amir: Membership) -> None:
    api = api_for(amir)
    api.raise_request_exception = False
    answers = [
        (client.get(URL), 401),
        *((getattr(api, verb)(URL), 405) for verb in ("post", "put", "patch", "delete")),
    ]
    monkeypatch.setattr("insights.api.dashboard.account_dashboard", lambda view: 1 / 0)
    answers.append((api.get(URL), 500))

    for response, status in answers:
        assert (response.status_code, violations("error", response.json())) == (status, [])


def test_a_source_that_no_database_can_hold_leaves_nothing(api_for, mona: Membership) -> None:
    a_book(mona)

    assert ask(api_for, mona, source="a\x00b")["portfolio"] == []


def test_a_page_may_fetch_it_with_its_session_alone(client_for, amir: Membership) -> None:
    response = client_for(amir).get(URL, headers={"Content-Type": "application/json", "Accept": "*/*"})

    assert list(response.json()) == KEYS
    assert client_for(amir).get(ALIAS).json().keys() == response.json().keys()


def test_unchanged_data_is_304(api_for, mona: Membership) -> None:
    book = a_book(mona)
    client = api_for(mona)
    with at(TODAY):
        tag = client.get(URL)["ETag"]
        again = client.get(URL, HTTP_IF_NONE_MATCH=tag)
        other = client.get(URL, {"period": "week"}, HTTP_IF_NONE_MATCH=tag)
        assert (again.status_code, again.content, other.status_code) == (304, b"", 200)

        api_for(mona).patch(f"/api/accounts/{book['acme'].number}", {"name": "Acme"}, format="json")
        api_for(mona).put(f"/api/accounts/{book['acme'].number}", {"name": "Acme"}, format="json")
        assert client.get(URL, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_another_organisation_sees_nothing_of_it(api_for, mona: Membership, mallory: Membership) -> None:
    a_book(mona)

    body = ask(api_for, mallory)

    assert "Acme" not in str(body)
    assert body["kpis"]["totalMRR"]["value"] == "₹0"


@pytest.mark.parametrize("books", [1, 3])
@pytest.mark.parametrize("as_of", [TODAY, TODAY - timedelta(days=1)])
def test_it_costs_the_same_for_any_number_of_accounts(
    api_for, mona: Membership, books: int, as_of: date, django_assert_max_num_queries
) -> None:
    for number in range(books):
        a_book(mona, suffix=f" {number}")
    client = api_for(mona)

    with at(TODAY), django_assert_max_num_queries(34):
        assert client.get(URL, {"as_of": as_of.isoformat()}).status_code == 200
