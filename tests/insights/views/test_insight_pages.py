"""Insights that were kept: written on request, listed, and shown with their facts."""

from __future__ import annotations

import pytest
from django.test import Client

from csplatform.models import Membership
from insights.models import Insight
from playbooks.services.library import copy_library
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

LIST = "/dashboard/insights"


@pytest.fixture
def acme(alice: Membership):
    copy_library(organization=alice.organization)
    return AccountFactory(organization=alice.organization, name="Acme", arr="500000", health_score="55.0")


def test_a_text_about_the_portfolio_is_kept_and_shown(client_for, alice: Membership, acme) -> None:
    client = client_for(alice)

    response = client.post("/dashboard/insights/portfolio", follow=True)

    (insight,) = alice.organization.insights.all()
    assert (insight.kind, insight.account, insight.by) == ("portfolio", None, alice.user)
    assert response.redirect_chain == [(f"{LIST}/{insight.uuid}", 302)]
    assert "One account pays ₹5L a year" in response.text
    assert "&quot;total_arr&quot;: 500000" in response.text


def test_a_text_about_an_account_is_kept_and_shown(client_for, alice: Membership, acme) -> None:
    response = client_for(alice).post(f"/dashboard/accounts/{acme.number}/insight", follow=True)

    assert alice.organization.insights.get().account == acme
    assert "Acme is At Risk at 55 of 100" in response.text


def test_the_list_is_newest_first_and_narrows(client_for, alice: Membership, acme) -> None:
    client = client_for(alice)
    client.post("/dashboard/insights/portfolio")
    client.post(f"/dashboard/accounts/{acme.number}/insight")

    kinds = [insight.kind for insight in client.get(LIST).context["insights"]]
    assert kinds == ["account", "portfolio"]
    assert [insight.kind for insight in client.get(f"{LIST}?about=portfolio").context["insights"]] == ["portfolio"]


def test_an_empty_list_is_kind(client_for, alice: Membership) -> None:
    assert "Nothing has been kept yet" in client_for(alice).get(LIST).text


def test_a_viewer_may_ask_and_look(client_for, rita: Membership, acme) -> None:
    client = client_for(rita)

    assert client.post("/dashboard/insights/portfolio", follow=True).status_code == 200
    assert len(client.get(LIST).context["insights"]) == 1


def test_a_stranger_finds_nothing(client_for, alice: Membership, mallory: Membership, acme) -> None:
    client_for(alice).post("/dashboard/insights/portfolio")
    insight = Insight.objects.get()
    client = client_for(mallory)

    assert client.get(f"{LIST}/{insight.uuid}").status_code == 404
    assert client.post(f"/dashboard/accounts/{acme.uuid}/insight").status_code == 404
    assert list(client.get(LIST).context["insights"]) == []
    assert Insight.objects.count() == 1


def test_nobody_signed_in_is_sent_to_the_login_and_nothing_is_kept(client: Client, acme) -> None:
    assert client.get(LIST).status_code == 302
    assert client.post("/dashboard/insights/portfolio").status_code == 302
    assert not Insight.objects.exists()
