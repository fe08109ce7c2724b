"""Whatever is done to subscriptions, in whatever order: the ledger adds up, and doing a day again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.enums import Interval
from billing.models import Subscription
from billing.selectors.ledger import ledger_problems
from billing.selectors.mrr import mrr_at, mrr_bridge
from billing.selectors.retention import retention
from billing.selectors.subscription_ledger import subscription_problems
from billing.services.nightly import settle_subscribed
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)
from csplatform.exceptions import DomainError
from csplatform.money import ZERO
from csplatform.periods import Window, add_months
from csplatform.tenancy import every_organization
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.products import ProductFactory

FIRST = date(2025, 12, 1)
DAYS = 330
PAISE = Decimal("0.01")

amounts = st.integers(min_value=0, max_value=10_000_000).map(lambda paise: paise * PAISE)
prices = st.builds(
    dict,
    unit_price=amounts,
    quantity=st.sampled_from([Decimal(1), Decimal("2.5"), Decimal("0.3333")]),
    discount_pct=st.sampled_from([None, Decimal("7.5")]),
)
steps = st.tuples(
    st.sampled_from(["start", "change", "pause", "resume", "cancel", "night"]),
    st.integers(min_value=0, max_value=45),  # days since the step before
    st.integers(min_value=-20, max_value=20),  # how far back or ahead it is dated
    st.integers(min_value=0, max_value=3),  # which of the subscriptions
    st.lists(prices, min_size=1, max_size=3),
    st.sampled_from(list(Interval)),
)


class Histories(TestCase):
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(story=st.lists(steps, min_size=1, max_size=6))
    def test_the_ledger_is_what_accounts_subscribed_to(self, story: list[Any]) -> None:
        with every_organization(write=True, why="a test arranges"):
            live_through(story)


def live_through(story: list[Any]) -> None:
    organization = OrganizationFactory()
    accounts = AccountFactory.create_batch(2, organization=organization)
    product = ProductFactory(organization=organization)
    subscriptions: list[Subscription] = []
    today = FIRST
    for verb, pause, offset, which, priced, interval in story:
        today = min(today + timedelta(days=pause), FIRST + timedelta(days=DAYS))
        on = today + timedelta(days=offset)
        items = [ItemFacts(product=product, **each) for each in priced]
        subscription = subscriptions[which % len(subscriptions)] if subscriptions else None
        common: dict[str, Any] = {"subscription": subscription, "by": None, "on": on, "today": today}
        try:
            if verb == "night":
                settle_subscribed(organization, [each.pk for each in accounts], today=today)
            elif verb == "start" or subscription is None:
                subscriptions.append(
                    start_subscription(
                        account=accounts[which % 2],
                        by=None,
                        items=items,
                        starts_on=on,
                        interval=interval,
                        ends_on=on + timedelta(days=60) if which else None,
                        auto_renew=which == 2,
                        today=today,
                    )
                )
            elif verb == "change":
                change_subscription(items=items, **common)
            else:
                {
                    "pause": pause_subscription,
                    "resume": resume_subscription,
                    "cancel": cancel_subscription,
                }[verb](**common)
        except DomainError:
            continue  # refused: nothing was written

    end = FIRST + timedelta(days=DAYS + 40)
    keys = [each.pk for each in accounts]
    settle_subscribed(organization, keys, today=end)

    assert settle_subscribed(organization, keys, today=end) == 0
    assert list(ledger_problems(organization)) == []
    assert list(subscription_problems(organization, today=end)) == []
    owed = sum(
        (each.terms().mrr_on(end) for each in organization.subscriptions.with_terms()),
        ZERO,
    )
    assert mrr_at(organization, end) == owed
    bridge = mrr_bridge(organization, Window(add_months(end, -3), end))
    assert bridge.closing == owed
    found = retention(organization, as_of=end, months=3)
    assert found.grr <= 100
    assert found.cohort.closing_mrr - (found.bridge.opening + found.bridge.net_revenue_change) == sum(
        found.nrr_difference.values(), ZERO
    )
    assert found.cohort.kept_mrr - (found.bridge.opening + found.bridge.contraction + found.bridge.churn) == sum(
        found.grr_difference.values(), ZERO
    )
    assert found.grr_difference["recovered"] >= 0
