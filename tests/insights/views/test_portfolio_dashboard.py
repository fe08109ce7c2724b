"""The portfolio page says what its JSON says, and each of its figures leads to exactly the rows that it counts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.enums import AccountScope
from accounts.models import Account
from csplatform.models import Membership
from csplatform.periods import AccountPeriod
from tests.factories.advocacy import ReferralFactory
from tests.factories.csplatform import TeamFactory
from tests.factories.products import ProductFactory
from tests.insights.worlds import NOON, TODAY, a_book, a_ticket, an_account, at

pytestmark = pytest.mark.django_db
URL = "/dashboard/portfolio"
JSON = "/account-management-api.php"
CUSTOM = {"from": "2026-11-01", "to": "2026-11-20"}


def page_of(client: Client, **query: str) -> str:
    with at(TODAY):
        response = client.get(URL, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def printed(body: Any) -> list[str]:
    """Every text and figure of the contract that the page shows as it is."""
    told = [value for kpi in body["kpis"].values() for name, value in kpi.items() if name != "trendDirection"]
    told += [*body["mrrTrend"]["summary"].values(), *body["supportStats"].values(), *body["referralStats"].values()]
    told += [row["value"] for row in body["healthDistribution"]["legend"] + body["ticketPriority"]["legend"]]
    for block, names in {
        "atRiskAccounts": ("company", "mrr", "arr", "healthScore", "riskBadge", "lastContact"),
        "upcomingRenewals": ("account", "accountOwner", "mrr", "status"),
        "productAdoption": ("name", "accountCount", "adoptionRate", "adoptionLevel"),
        "usageInsights": ("account", "keyUsage", "utilization", "recommendedAction"),
        "followUps": ("customer", "taskType", "priority", "scheduledTime", "timeTag", "description"),
        "referralPipeline": ("referrer", "referredCompany", "status", "potentialMRR"),
        "advocacyCandidates": ("company", "contactName", "quote", "score"),
        "criticalTickets": ("ticketId", "description", "account", "priority", "age"),
        "portfolio": ("account", "email", "segment", "mrr", "healthScore", "growthStatus"),
        "recentActivity": ("title", "timestamp", "user", "badge"),
    }.items():
        told += [row[name] for row in body[block] for name in names]
    told += [tag for row in body["atRiskAccounts"] for tag in row["riskTags"]]
    return [str(each) for each in told if each != ""]


@pytest.mark.parametrize("period", AccountPeriod)
def test_every_figure_of_the_json_stands_on_the_page(client_for, mona: Membership, period: str) -> None:
    a_book(mona)
    client = client_for(mona)
    query = {"period": period, **(CUSTOM if period == "custom" else {})}

    with at(TODAY):
        body = client.get(JSON, query).json()
    page = page_of(client, **query)

    told = printed(body)
    assert [text for text in told if text not in page] == []
    assert len(told) > 60
    for block in ("kpis", "health", "at-risk", "follow-ups", "renewals", "mrr", "activity", "portfolio", "adoption",
                  "usage", "support", "tickets", "referrals", "candidates"):  # fmt: skip
        assert f'id="{block}"' in page


@pytest.mark.parametrize("scope", AccountScope.values)
def test_each_figure_leads_to_exactly_its_rows(client_for, mona: Membership, alice: Membership, scope: str) -> None:
    """Account and ticket lists that a figure leads to have as many rows as it says."""
    book = a_book(mona, owner=alice)
    team = TeamFactory(organization=mona.organization)
    team.team_members.create(organization=mona.organization, membership=alice)
    with at(TODAY):
        product = ProductFactory(organization=mona.organization, name="Cloud & more")
        for name in ("acme", "epsilon"):  # the second one has left
            product.entitlements.create(
                organization=mona.organization, account=book[name], starts_on=date(2026, 1, 1)
            )
        a_ticket(book["epsilon"], "N1", "Of one who left", "critical", opened=NOON)
        ReferralFactory(account=book["acme"], opened_on=date(2026, 10, 31))
    client = client_for(alice)
    query = {"user": scope, "period": "month"}
    with at(TODAY):
        body = client.get(JSON, query).json()
    page = page_of(client, **query)

    for label, expected in {
        "At-risk accounts": body["kpis"]["atRiskAccounts"]["value"],
        "Active advocates": body["kpis"]["activeAdvocates"]["value"],
        "Open tickets": body["supportStats"]["openTickets"],
        "Escalated": body["supportStats"]["escalated"],
    }.items():
        assert rows_behind(client, link_of(page, label)) == expected, label
    (adoption,) = body["productAdoption"]
    assert adoption["accountCount"] == 1
    found = re.search(r'href="([^"]*product=Cloud[^"]*)"', page)
    assert found
    assert rows_behind(client, found[1]) == 1
    with at(TODAY):
        referrals = client.get(link_of(page, "Referrals")).context
    assert referrals["referrals"] == body["referralStats"]["referrals"] == 1


def link_of(page: str, label: str) -> str:
    """Where the figure of this name leads."""
    found = re.search(rf'<a href="([^"]*)">[^<]*<span class="visually-hidden">: open {label}<', page)
    assert found, label
    return found[1]


def rows_behind(client: Client, url: str) -> int:
    with at(TODAY):
        response = client.get(url)
    assert response.status_code == 200, url
    count: int = response.context["page_obj"].paginator.count
    return count


def test_a_band_narrows_the_lists_of_accounts_alone(client_for, mona: Membership) -> None:
    a_book(mona)

    page = page_of(client_for(mona), band="Critical")

    table = page[page.index('id="portfolio"') : page.index('id="adoption"')]
    assert "Gamma Tech" in table
    assert "Acme Corp" not in table
    assert "₹4.4L" in page  # the KPIs are those of all accounts


def test_the_table_has_25_a_page_and_htmx_gets_it_alone(client_for, mona: Membership) -> None:
    with at(TODAY):
        for number in range(27):
            an_account(mona, f"Account {number:02}", None, mrr=1000 - number)
    client = client_for(mona)

    first, second = page_of(client), page_of(client, page="2")
    with at(TODAY):
        part = client.get(URL, {"page": "2"}, headers={"HX-Request": "true", "HX-Target": "portfolio"})

    assert "Account 24" in first
    assert "Account 25" not in first
    for text in (second, part.content.decode()):
        assert "Account 26" in text
        assert "Account 00" not in text
    assert "<html" not in part.content.decode()
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in part["Vary"].split(",")}


def test_a_past_day_is_shown_without_links_and_actions(client_for, mona: Membership) -> None:
    a_book(mona)

    page = page_of(client_for(mona), as_of="2026-11-19")

    assert "looked at its close" in page
    assert ": open At-risk accounts" not in page
    assert "/complete" not in page


def test_words_that_mean_nothing_begin_anew(client_for, mona: Membership) -> None:
    for query in ({"period": "fortnight"}, {"user": "everybody"}, {"as_of": "2027-01-01"}):
        with at(TODAY):
            response = client_for(mona).get(URL, query)
        assert (response.status_code, response["Location"]) == (302, URL)


def test_days_that_make_no_sense_are_told_where_they_were_asked(client_for, mona: Membership) -> None:
    a_book(mona)

    page = page_of(client_for(mona), period="custom", **{"from": "2026-11-20", "to": "2026-11-01"})

    assert "from: must not be later than to." in page
    assert 'value="2026-11-20"' in page


def test_without_accounts_it_says_how_to_begin(client_for, amir: Membership, rita: Membership) -> None:
    assert "Import a file" in page_of(client_for(amir))
    assert "As soon as there are some" in page_of(client_for(rita))


def test_a_team_without_accounts_has_a_page_all_the_same(client_for, mona: Membership, bob: Membership) -> None:
    a_book(mona)

    assert "No customer matches" in page_of(client_for(bob), user="team_accounts")


def test_names_are_text_and_never_markup(client_for, mona: Membership) -> None:
    with at(TODAY):
        account = an_account(mona, "<script>alert(1)</script>", "30", mrr=1000)
        a_ticket(account, "<b>", "<script>alert(2)</script>", "high", opened=NOON)
        content = client_for(mona).get(URL).content.decode()

    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_a_viewer_is_offered_nothing_to_do(client_for, mona: Membership, rita: Membership) -> None:
    a_book(mona)

    page = page_of(client_for(rita))

    assert "/complete" not in page
    assert "engagements/new" not in page
    assert "engagements/new" in page_of(client_for(mona))


@pytest.mark.parametrize("books", [1, 3])
def test_it_costs_the_same_for_any_number_of_rows(
    client_for, mona: Membership, books: int, django_assert_max_num_queries
) -> None:
    for number in range(books):
        a_book(mona, suffix=f" {number}")
    client = client_for(mona)

    with at(TODAY), django_assert_max_num_queries(37):
        assert client.get(URL).status_code == 200


def test_another_organisation_sees_nothing_of_it(client_for, mona: Membership, mallory: Membership) -> None:
    a_book(mona)
    Account.objects.filter(organization=mona.organization).update(lead_source="Secret")

    assert "Acme" not in (page := page_of(client_for(mallory)))
    assert "Secret" not in page
