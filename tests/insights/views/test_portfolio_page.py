"""The portfolio page: the summary's figures, drawn, written and clickable."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.services.account import create_account
from csplatform.models import Membership
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/portfolio/summary"
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


def test_page_and_api_say_the_same(client_for, api_for, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, segment="SMB", arr="500000", health_score="55")
    AccountFactory(organization=alice.organization, segment="Enterprise", arr="1500000", health_score="90")

    summary = client_for(alice).get(PAGE).context["summary"]
    answer = api_for(alice).get("/portfolio/summary").json()

    assert float(summary.total_arr) == answer["total_arr"] == 2_000_000
    assert {group.name: float(group.arr) for group in summary.buckets} == answer["arr_by_bucket"]
    assert (summary.at_risk.accounts, summary.at_risk.arr) == (1, 500_000)


def test_every_figure_leads_to_its_rows(client_for, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, segment="SMB", arr="500000", health_score="55")
    AccountFactory(organization=alice.organization, arr="1")

    text = client_for(alice).get(PAGE).text

    for url in (
        "/dashboard/accounts?bucket=At-Risk",
        "/dashboard/accounts?band=unknown",
        "/dashboard/accounts?segment=SMB",
        "/dashboard/accounts?health_max=59",
    ):
        assert url in text


def test_the_words_stand_beside_the_numbers(client_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)
    AccountFactory(organization=alice.organization, name="Padma Foods", arr="500000", health_score="55")

    text = client_for(alice).get(PAGE).text

    assert "One account pays ₹5L a year; the average health score is 55." in text
    assert "Written by rules from the figures on this page, 20 Nov 2026, 11:30 IST" in text


def test_the_last_point_of_the_revenue_line_is_todays_total(client_for, alice: Membership) -> None:
    with time_machine.travel("2026-09-10T06:00:00Z", tick=False):
        create_account(organization=alice.organization, by=alice.user, name="A", arr=Decimal(300_000))
    create_account(organization=alice.organization, by=alice.user, name="B", arr=Decimal(200_000))

    chart = client_for(alice).get(PAGE).context["revenue_chart"]

    assert chart["labels"] == ["Sep 2026", "Oct 2026", "Nov 2026"]
    assert chart["series"][0]["values"] == [3, 3, 5]
    assert chart["series"][0]["texts"][-1] == "₹5,00,000"


def test_the_health_line_has_the_last_reported_day_of_each_week(client_for, alice: Membership) -> None:
    first, second = AccountFactory.create_batch(2, organization=alice.organization)
    for account, days, score in [(first, 0, "80"), (second, 0, "61"), (first, 1, "10"), (first, 9, "50")]:
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=days), health_score=score)

    chart = client_for(alice).get(PAGE).context["health_chart"]

    # Today both reported: (80 + 61) / 2; yesterday is in the same week. Nine days ago is the week before.
    assert chart["labels"] == ["11 Nov 2026", "20 Nov 2026"]
    assert chart["series"][0]["values"] == [50.0, 70.5]
    assert chart["series"][0]["texts"] == ["50 over 1 account", "70.5 over 2 accounts"]


def test_an_empty_organisation_is_told_what_to_do(client_for, alice: Membership) -> None:
    response = client_for(alice).get(PAGE)

    assert response.status_code == 200
    assert "No open accounts yet" in response.text


@pytest.mark.parametrize("rows", [1, 12])
def test_it_costs_the_same_for_any_portfolio(
    client_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    copy_library(organization=alice.organization)
    for at in range(rows):
        account = AccountFactory(organization=alice.organization, segment="SMB", health_score=at, arr="100")
        DailyMetricsFactory(account=account, tickets_open=9)
    client = client_for(alice)

    with django_assert_max_num_queries(36):
        assert client.get(PAGE).status_code == 200


def test_a_viewer_may_look_and_a_stranger_sees_nothing(client_for, rita: Membership, mallory: Membership) -> None:
    AccountFactory(organization=rita.organization, name="Padma Foods")

    assert "1 open account" in client_for(rita).get(PAGE).text
    assert "Padma Foods" not in client_for(mallory).get(PAGE).text


def test_nobody_signed_in_is_sent_to_the_login(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
