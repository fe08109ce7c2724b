"""An account's health tab explains the score and leads to the rows behind it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Account
from csplatform.models import Membership
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership) -> Account:
    account = AccountFactory(organization=alice.organization, seats=None, name="Acme <b>Ltd</b>")
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=90), adoption_pct=98)
    DailyMetricsFactory(account=account, date=TODAY, nps=None)
    recompute_health(organization=alice.organization, today=TODAY)
    return account


def test_the_tab_shows_parts_moves_and_what_is_missing(client_for, rita: Membership, account: Account) -> None:
    response = client_for(rita).get(reverse("health:account_health", args=[account.number]))

    text = response.content.decode()
    assert "73.70 of 85" in text
    assert "<strong>86.7</strong>" in text
    assert "No NPS: scored on 85 of 100 points." in text
    assert "NPS is no longer reported (it was 55)" in text
    assert "Acme &lt;b&gt;Ltd&lt;/b&gt;" in text
    assert "<b>Ltd</b>" not in text
    assert "Healthy in 1 week, Unknown in 11 weeks" in text


@pytest.mark.parametrize(("days", "shown"), [("30", 1), ("90", 2), ("365", 2), ("", 2), ("nonsense", 2)])
def test_the_history_is_as_long_as_asked(
    client_for, rita: Membership, account: Account, days: str, shown: int
) -> None:
    response = client_for(rita).get(reverse("health:account_health", args=[account.number]), {"days": days})

    assert len(response.context["chart"]["labels"]) == shown


def test_an_account_without_metrics_says_so(client_for, rita: Membership) -> None:
    account = AccountFactory(organization=rita.organization)

    response = client_for(rita).get(reverse("health:account_health", args=[account.number]))

    assert "Not scored yet" in response.content.decode()


def test_the_rows_are_shown_as_reported(client_for, rita: Membership, account: Account) -> None:
    response = client_for(rita).get(reverse("health:account_metrics", args=[account.uuid]))

    assert [row.date for row in response.context["rows"]] == [TODAY, TODAY - timedelta(days=90)]


@pytest.mark.parametrize("page", ["health:account_health", "health:account_metrics"])
def test_another_organisations_account_does_not_exist(
    client_for, mallory: Membership, account: Account, page: str
) -> None:
    client = client_for(mallory)

    assert client.get(reverse(page, args=[account.uuid])).status_code == 404
    assert client.get(reverse(page, args=[account.number])).status_code == 404


@pytest.mark.parametrize("days", [1, 60])
def test_the_tab_costs_the_same_for_any_length_of_history(
    client_for, rita: Membership, account: Account, days: int, django_assert_max_num_queries
) -> None:
    for ago in range(1, days):
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=ago))
    client = client_for(rita)

    with django_assert_max_num_queries(46):
        client.get(reverse("health:account_health", args=[account.number]))


def test_a_page_that_does_not_exist_is_the_nearest_one(client_for, rita: Membership, account: Account) -> None:
    client = client_for(rita)
    url = reverse("health:account_metrics", args=[account.number])

    assert client.get(url, {"page": "99"}).context["page_obj"].number == 1
    assert client.get(url, {"page": "abc", "page_size": "25"}).context["page_obj"].paginator.per_page == 25
