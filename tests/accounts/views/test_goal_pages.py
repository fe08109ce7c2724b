"""The pages of goals, usage and advocacy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.goals import GoalFactory
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
HOSTILE = "<script>alert(1)</script>"


def test_a_goal_is_set_on_the_page_of_goals(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", owner=alice.user, seats=40)
    facts = {
        "account": "acme",
        "title": "More seats",
        "metric_type": "seat_count",
        "target_value": "1,000",
        "measurement_period": "monthly",
        "target_date": "2099-12-31",
    }

    response = client_for(alice).post(reverse("accounts:goal_list"), facts)

    goal = alice.organization.goals.get()
    assert response["Location"] == goal.get_absolute_url()
    assert (goal.account, goal.target_value, goal.current_value, goal.created_by) == (
        account,
        Decimal(1000),
        Decimal(40),
        alice.user,
    )


def test_a_wrong_goal_comes_back_with_what_was_typed(client_for: ClientFor, alice: Membership) -> None:
    response = client_for(alice).post(reverse("accounts:goal_list"), {"account": "Nobody", "title": HOSTILE})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"account", "metric_type", "target_value", "measurement_period"}
    assert HOSTILE not in response.content.decode()
    assert not alice.organization.goals.exists()


def test_moving_the_day_asks_why(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    goal = GoalFactory(account=account, target_date=date(2099, 1, 1))
    url = reverse("accounts:goal_edit", args=[goal.uuid])
    facts = {
        "title": goal.title,
        "metric_type": "custom",
        "target_value": "100",
        "measurement_period": "monthly",
        "target_date": "2099-06-01",
        "state": "auto",
    }
    client = client_for(alice)

    asked = client.post(url, facts)
    done = client.post(url, {**facts, "reason": "Their freeze"})

    goal.refresh_from_db()
    assert (asked.status_code, asked.context["form"].errors) == (422, {"reason": ["Say why the day moves."]})
    assert (done.status_code, goal.target_date, goal.current_value) == (302, date(2099, 6, 1), Decimal(50))
    assert "Their freeze" in client.get(goal.get_absolute_url()).content.decode()


def test_a_status_set_by_hand_holds_until_it_is_let_go(client_for: ClientFor, alice: Membership) -> None:
    goal = GoalFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    url = reverse("accounts:goal_edit", args=[goal.uuid])
    facts = {"title": "x", "metric_type": "custom", "target_value": "100", "measurement_period": "monthly"}
    states = []
    for state in ("at_risk", "auto"):
        client_for(alice).post(url, {**facts, "state": state})
        goal.refresh_from_db()
        states.append((goal.status, goal.is_pinned))

    assert states == [("at_risk", True), ("on_track", False)]


def test_milestones_are_added_and_ticked(client_for: ClientFor, alice: Membership) -> None:
    goal = GoalFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    client = client_for(alice)

    client.post(reverse("accounts:milestone_add", args=[goal.uuid]), {"title": "Kick-off"})
    client.post(reverse("accounts:milestone_add", args=[goal.uuid]), {"title": "Half", "target_value": "75"})
    first = goal.milestones.get(title="Kick-off")
    client.post(reverse("accounts:milestone_tick", args=[goal.uuid, first.uuid]))

    reached = dict(goal.milestones.values_list("title", "reached_on"))
    assert reached["Half"] is None
    assert reached["Kick-off"] is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_board_costs_the_same_for_any_length(
    client_for: ClientFor, alice: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        GoalFactory(account=AccountFactory(organization=alice.organization), title=HOSTILE)
    GoalFactory()  # another organisation's: must not show
    client = client_for(alice)
    client.get(reverse("accounts:goal_list"))

    with django_assert_max_num_queries(20):
        response = client.get(reverse("accounts:goal_list"))

    assert len(response.context["cards"]) == rows
    assert HOSTILE not in response.content.decode()


def test_readers_are_offered_nothing_to_write(client_for: ClientFor, alice: Membership, rita: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    goal = GoalFactory(account=account)
    ReferralFactory(account=account)
    QuoteFactory(account=account, has_consent=True)
    client = client_for(rita)

    pages = [
        client.get(url).content.decode()
        for url in (
            reverse("accounts:goal_list"),
            goal.get_absolute_url(),
            reverse("accounts:account_goals", args=[account.number]),
            reverse("accounts:advocacy"),
        )
    ]

    assert not any('id="new-goal"' in each or "/edit" in each or "/move" in each or "/new" in each for each in pages)


def test_the_usage_tab_says_what_is_used_of_the_plan(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    product = ProductFactory(organization=alice.organization, name=HOSTILE)
    account.entitlements.create(
        organization=alice.organization, product=product, seats=40, starts_on=date(2026, 1, 1)
    )
    account.product_usage.create(
        organization=alice.organization,
        product=product,
        used_on=date(2026, 1, 5),
        active_users=10,
        usage={"vms": 5},
        plan={"vms": 10},
    )

    response = client_for(alice).get(reverse("accounts:account_usage", args=[account.number]))

    held = response.context["products"][0]
    assert (held.adoption_pct, held.utilization_pct, held.usage_text) == (Decimal(25), Decimal(50), "5 VMs")
    assert HOSTILE not in response.content.decode()


def test_the_pipeline_moves_and_publishing_needs_consent(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    referral = ReferralFactory(account=account, referred_company=HOSTILE)
    quote = QuoteFactory(account=account, quote=HOSTILE)
    client = client_for(alice)

    client.post(reverse("accounts:referral_move", args=[referral.uuid]), {"status": "won"})
    refused = client.post(
        reverse("accounts:testimonial_move", args=[quote.uuid]), {"status": "published"}, follow=True
    )

    referral.refresh_from_db()
    quote.refresh_from_db()
    assert (referral.status, quote.status) == ("won", "draft")
    assert "has not agreed to be quoted" in refused.content.decode()
    assert HOSTILE not in refused.content.decode()
