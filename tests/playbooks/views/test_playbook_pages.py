"""The playbook pages: a library to browse, and whom each playbook fits today."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from csplatform.models import Membership
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.playbooks import PlaybookFactory, StepFactory

pytestmark = pytest.mark.django_db

LIST = "/dashboard/playbooks"


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel("2026-11-20T06:00:00Z", tick=False):
        yield


def unhappy_account(member: Membership, name: str, *, nps: float, arr: str = "100000"):
    """Scores well but for the NPS: 25 + 25 + 20 + 0 + 15 = 85 at an NPS of -100."""
    account = AccountFactory(organization=member.organization, name=name, arr=arr)
    DailyMetricsFactory(
        account=account,
        date=date(2026, 11, 20),
        daily_active_users=100,
        adoption_pct=100.0,
        tickets_open=0,
        nps=nps,
        login_rate=1.0,
    )
    return account


def test_the_library_shows_the_ten_and_how_many_accounts_each_fits(client_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)
    unhappy_account(alice, "Unhappy", nps=-20)

    cards = client_for(alice).get(LIST).context["cards"]

    assert [card.playbook.number for card in cards] == list(range(1, 11))
    assert [card.playbook.number for card in cards if card.accounts == 1] == [7, 9]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("category=Support", [3, 7]),
        ("priority=Low", [10]),
        ("risk=Negative+NPS+score", [7, 9]),
        ("category=Adoption&risk=Infrequent+logins", [4]),
        ("category=Support&priority=Low", []),
    ],
)
def test_filters_narrow_the_library(client_for, alice: Membership, query: str, numbers: list[int]) -> None:
    copy_library(organization=alice.organization)

    response = client_for(alice).get(f"{LIST}?{query}")

    assert [card.playbook.number for card in response.context["cards"]] == numbers
    assert ("No playbook matches" in response.text) is not numbers


def test_a_word_that_is_no_filter_is_passed_over(client_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)

    assert len(client_for(alice).get(f"{LIST}?category=Nonsense").context["cards"]) == 10


def test_a_playbook_lists_its_accounts_best_fit_first(client_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)
    small = unhappy_account(alice, "Small", nps=-20, arr="100")
    large = unhappy_account(alice, "Large", nps=-20, arr="900000")
    unhappy_account(alice, "Happy", nps=50)
    worse = unhappy_account(alice, "Worse", nps=-20)
    worse.daily_metrics.update(tickets_open=9)  # only half of its trouble is NPS now

    response = client_for(alice).get(f"{LIST}/7")

    # One of two factors: 0.7 × 1 + 0.15 = 0.85; with the tickets beside it 0.7 × 3/5 + 0.15 = 0.57.
    fits = response.context["fits"]
    assert [(fit.account, str(fit.relevance)) for fit in fits] == [(large, "0.85"), (small, "0.85"), (worse, "0.57")]
    assert [factor["name"] for factor in fits[0].factors] == ["Negative NPS score"]
    assert "NPS is -20" in response.text


def test_steps_are_shown_in_order_with_who_and_when_in_front(client_for, alice: Membership) -> None:
    playbook = PlaybookFactory(organization=alice.organization)
    StepFactory(playbook=playbook, n=2, text="Without a colon")
    StepFactory(playbook=playbook, n=1, text="Day 1, CSM: call them.")

    response = client_for(alice).get(reverse("playbooks:playbook_detail", args=[playbook.number]))

    assert response.text.index("<strong>Day 1, CSM</strong><span>Call them.</span>") < response.text.index(
        "<span>Without a colon</span>"
    )


@pytest.mark.parametrize("rows", [1, 4])
def test_a_playbook_costs_the_same_for_any_number_of_accounts(
    client_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    copy_library(organization=alice.organization)
    for at in range(rows):
        unhappy_account(alice, f"Unhappy {at}", nps=-20)
    client = client_for(alice)

    with django_assert_max_num_queries(24):
        assert len(client.get(f"{LIST}/7").context["fits"]) == rows


def test_pages_hold_at_most_what_was_asked_for(client_for, alice: Membership) -> None:
    copy_library(organization=alice.organization)
    for at in range(26):
        unhappy_account(alice, f"Unhappy {at:02}", nps=-20)
    client = client_for(alice)

    assert len(client.get(f"{LIST}/7").context["fits"]) == 25
    assert len(client.get(f"{LIST}/7?page=2").context["fits"]) == 1
    assert len(client.get(f"{LIST}/7?page_size=50&page=x").context["fits"]) == 26


def test_a_viewer_may_look(client_for, rita: Membership) -> None:
    copy_library(organization=rita.organization)

    assert client_for(rita).get(LIST).status_code == 200
    assert client_for(rita).get(f"{LIST}/1").status_code == 200


def test_another_organisations_playbook_does_not_exist(client_for, alice: Membership, mallory: Membership) -> None:
    copy_library(organization=alice.organization)

    assert client_for(mallory).get(f"{LIST}/1").status_code == 404
    assert client_for(mallory).get(LIST).context["cards"] == []


def test_nobody_signed_in_is_sent_to_the_login(client: Client) -> None:
    assert client.get(LIST).status_code == 302
