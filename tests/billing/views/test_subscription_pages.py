"""The revenue page, an account's billing tab, the list of subscriptions, and the forms that write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.services.account import create_account
from billing.models import Subscription
from billing.services.subscription import ItemFacts, cancel_subscription, start_subscription
from csplatform.models import Membership, Organization
from csplatform.periods import today as civil_today
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]


@pytest.fixture
def today(organization: Organization) -> date:
    return civil_today(organization)


def subscribed(organization: Organization, *, on: date, name: str = "Acme", **more: Any) -> Subscription:
    account = create_account(organization=organization, by=None, name=name)
    product = organization.products.first() or ProductFactory(organization=organization)
    items = [ItemFacts(product=product, unit_price=Decimal(10000))]
    return start_subscription(account=account, by=None, items=items, starts_on=on, **more)


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_for_any_length(
    organization: Organization,
    rita: Membership,
    client_for: ClientFor,
    today: date,
    rows: int,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(rows):
        subscribed(organization, on=today, name=f"Account {n}", ends_on=today + timedelta(days=99))
    client = client_for(rita)
    for url in (reverse("billing:revenue"), reverse("billing:subscription_list")):
        client.get(url)
        with django_assert_max_num_queries(26):
            assert client.get(url).status_code == 200


def test_the_revenue_page_shows_the_bridge_and_hides_small_bases(
    organization: Organization, rita: Membership, client_for: ClientFor, today: date
) -> None:
    subscription = subscribed(organization, on=today - timedelta(days=400))
    subscribed(organization, on=today - timedelta(days=10), name="Beta")
    cancel_subscription(subscription=subscription, by=None, on=today - timedelta(days=5))

    page = client_for(rita).get(reverse("billing:revenue"))

    bridge = page.context["bridge"]
    assert (bridge.opening, bridge.new, bridge.churn) == (Decimal(10000), Decimal(10000), Decimal(-10000))
    assert page.context["chart"]["series"][0]["spans"][1] == [0.1, 0.2]  # new stands on the opening, in lakh
    assert page.context["rates"]["nrr"] == "n/a"
    assert [row.kind for row in page.context["movements"]] == ["churn", "new"]
    month = client_for(rita).get(reverse("billing:revenue"), {"period": "30", "kind": "churn"})
    assert [row.kind for row in month.context["movements"]] == ["churn"]


def test_the_export_holds_exactly_the_rows(
    organization: Organization, rita: Membership, client_for: ClientFor, today: date
) -> None:
    subscribed(organization, on=today - timedelta(days=10), name="=Acme")
    response = client_for(rita).get(reverse("billing:movement_export"), {"kind": "new"})

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "Date,Account,Number,Kind,MRR,ARR,Cause,Booked"
    assert lines[1].startswith(f"{today - timedelta(days=10)},'=Acme,1,New,10000.00,120000.00,Subscription started,")
    assert len(lines) == 2


@pytest.mark.parametrize("query", ["period=foo&page=x", "from=foo", "kind=foo", "from=2030-01-01&to=2020-01-01"])
def test_odd_addresses_are_no_fault(rita: Membership, client_for: ClientFor, query: str) -> None:
    assert client_for(rita).get(f"{reverse('billing:revenue')}?{query}").status_code == 200


def test_the_tab_offers_writing_to_finance_alone(
    organization: Organization, farah: Membership, alice: Membership, client_for: ClientFor, today: date
) -> None:
    subscription = subscribed(organization, on=today, ends_on=today + timedelta(days=99))
    url = reverse("billing:account_billing", args=[subscription.account.number])
    change = reverse("billing:subscription_change", args=[subscription.uuid]).encode()
    renewal = reverse("billing:renewal_edit", args=[subscription.renewals.get().uuid]).encode()

    finance, csm = client_for(farah).get(url).content, client_for(alice).get(url).content
    assert change in finance
    assert renewal in finance
    assert change not in csm
    assert renewal not in csm  # not hers; she looks after others
    Account.objects.update(owner=alice.user)
    assert renewal in client_for(alice).get(url).content
    assert client_for(alice).get(change.decode()).status_code == 403


def form(product: Any, today: date, **facts: Any) -> dict[str, Any]:
    return {
        "items-count": "3",
        "items-0-product": str(product.uuid),
        "items-0-unit_price": "2500.50",
        "items-0-quantity": "2",
        "items-1-quantity": "1",
        "interval": "month",
        "starts_on": today.isoformat(),
        "currency": "inr",
        "notice_days": "30",
    } | facts


def test_a_subscription_is_started_by_form(
    organization: Organization, farah: Membership, client_for: ClientFor, today: date
) -> None:
    account = create_account(organization=organization, by=None, name="Acme")
    product = organization.products.first() or ProductFactory(organization=organization)
    url = reverse("billing:subscription_start", args=[account.number])

    wrong = client_for(farah).post(url, form(product, today, **{"items-0-unit_price": "", "ends_on": "2001-01-01"}))
    assert wrong.status_code == 422
    refused = client_for(farah).post(url, form(product, today, ends_on="2001-01-01"))
    assert refused.status_code == 422
    assert "ends_on" in refused.context["form"].errors
    assert not account.subscriptions.exists()

    assert client_for(farah).post(url, form(product, today)).status_code == 302
    account.refresh_from_db()
    assert account.arr == Decimal("60012.00")  # 2 × 2,500.50 × 12


def test_a_subscription_is_changed_paused_resumed_renewed_and_cancelled_by_form(
    organization: Organization, farah: Membership, client_for: ClientFor, today: date
) -> None:
    subscription = subscribed(organization, on=today - timedelta(days=30), ends_on=today + timedelta(days=99))
    client, product = client_for(farah), subscription.items.get().product

    def post(verb: str, **data: Any) -> int:
        url = reverse(f"billing:subscription_{verb}", args=[subscription.uuid])
        assert client.get(url).status_code == 200
        return client.post(url, data).status_code

    day = today.isoformat()
    assert post("change", on=day, **form(product, today)) == 302
    assert subscription.items.get(ends_on=None).quantity == 2
    assert post("pause", on=day) == 302
    assert post("pause", on=day) == 422
    assert post("resume", on=day) == 302
    assert post("renew", ends_on=(today + timedelta(days=229)).isoformat()) == 302
    assert post("cancel", on=day, reason="Too dear") == 302
    subscription.refresh_from_db()
    assert (subscription.cancelled_on, subscription.cancel_reason) == (today, "Too dear")
    assert list(subscription.renewals.values_list("status", flat=True)) == ["renewed", "closed"]


def test_a_renewal_is_updated_by_form(
    organization: Organization, farah: Membership, client_for: ClientFor, today: date
) -> None:
    renewal = subscribed(organization, on=today, ends_on=today + timedelta(days=99)).renewals.get()
    url = reverse("billing:renewal_edit", args=[renewal.uuid])

    assert client_for(farah).get(url).status_code == 200
    assert client_for(farah).post(url, {"status": "in_process", "probability": "130"}).status_code == 422
    assert client_for(farah).post(url, {"status": "in_process", "probability": "70"}).status_code == 302
    renewal.refresh_from_db()
    assert (renewal.status, renewal.probability) == ("in_process", Decimal(70))


def test_empty_pages_say_something_kind(organization: Organization, rita: Membership, client_for: ClientFor) -> None:
    account = create_account(organization=organization, by=None, name="Acme")

    tab = client_for(rita).get(reverse("billing:account_billing", args=[account.number])).content.decode()
    assert "No subscription" in tab
    assert "No subscriptions yet" in client_for(rita).get(reverse("billing:subscription_list")).content.decode()
    assert "No cohort yet" in client_for(rita).get(reverse("billing:revenue")).content.decode()
