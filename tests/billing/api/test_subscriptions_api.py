"""Subscriptions, renewals, movements and retention over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import create_account
from billing.models import Subscription
from billing.services.mrr import post_arr_changes
from billing.services.subscription import ItemFacts, start_subscription
from csplatform.models import Membership, Organization
from csplatform.periods import add_months
from csplatform.periods import today as civil_today
from tests.factories.accounts import AccountFactory
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]


@pytest.fixture
def account(organization: Organization, alice: Membership) -> Account:
    return create_account(organization=organization, by=None, name="Acme", owner=alice.user)


@pytest.fixture
def today(organization: Organization) -> date:
    return civil_today(organization)


def items(organization: Organization, price: Any = "10000.00", **more: Any) -> list[dict[str, Any]]:
    product = organization.products.first() or ProductFactory(organization=organization)
    return [{"product_id": str(product.uuid), "unit_price": price, **more}]


def body(account: Account, **facts: Any) -> dict[str, Any]:
    return {"account_id": str(account.uuid), "items": items(account.organization), **facts}


def subscribe(account: Account, price: str = "10000", *, on: date, **more: Any) -> Subscription:
    product = account.organization.products.first() or ProductFactory(organization=account.organization)
    wanted = [ItemFacts(product=product, unit_price=Decimal(price))]
    return start_subscription(account=account, by=None, items=wanted, starts_on=on, **more)


def test_a_subscription_is_created_and_booked(
    account: Account, farah: Membership, api_for: ApiFor, today: date
) -> None:
    wanted = items(account.organization, "1000.00", quantity="12.5", discount_pct=10)

    response = api_for(farah).post(
        "/api/subscriptions",
        body(account, items=wanted, interval="quarter", ends_on=str(today + timedelta(days=364)), notice_days=45),
    )

    assert response.status_code == 201, response.json()
    found = response.json()
    stored = account.subscriptions.get()
    # 12.5 × 1,000 − 10 % = 11,250 a quarter: 3,750 a month, 45,000 a year.
    assert (found["id"], found["status"], found["mrr"], found["arr"]) == (str(stored.uuid), "active", 3750.0, 45000.0)
    assert (found["currency"], found["exchange_rate"], found["notice_days"]) == ("INR", 1.0, 45)
    assert found["starts_on"] == str(today)
    assert [(each["quantity"], each["net"], each["discount_pct"]) for each in found["items"]] == [
        (12.5, 11250.0, 10.0)
    ]
    account.refresh_from_db()
    assert account.arr == Decimal("45000.00")
    moved = api_for(farah).get("/api/mrr/movements").json()["data"]
    assert [(row["date"], row["kind"], row["amount"], row["cause"]) for row in moved] == [
        (str(today), "new", 3750.0, "Subscription started")
    ]


def test_its_verbs_are_booked_too(account: Account, farah: Membership, api_for: ApiFor, today: date) -> None:
    subscription = subscribe(account, on=today - timedelta(days=30))
    api, url = api_for(farah), f"/api/subscriptions/{subscription.uuid}"

    changed = api.post(
        f"{url}/change", {"on": str(today - timedelta(days=20)), "items": items(account.organization, 15000)}
    )
    assert (changed.status_code, changed.json()["mrr"]) == (200, 15000.0)
    assert [each["unit_price"] for each in changed.json()["past_items"]] == [10000.0]
    paused = api.post(f"{url}/pause", {"on": str(today - timedelta(days=10))})
    assert (paused.json()["status"], paused.json()["mrr"]) == ("paused", 0.0)
    assert api.post(f"{url}/pause").status_code == 409
    resumed = api.post(f"{url}/resume", {"on": str(today - timedelta(days=5))})
    assert (resumed.json()["status"], resumed.json()["mrr"]) == ("active", 15000.0)
    cancelled = api.post(f"{url}/cancel", {"on": str(today), "reason": "Too dear"})
    assert (cancelled.json()["status"], cancelled.json()["cancelled_on"]) == ("cancelled", str(today))
    assert api.post(f"{url}/cancel", {"on": str(today)}).status_code == 409

    rows = api.get("/api/mrr/movements?ordering=date").json()["data"]
    assert [(row["kind"], row["amount"]) for row in rows] == [
        ("new", 10000.0),
        ("expansion", 5000.0),
        ("churn", -15000.0),
        ("reactivation", 15000.0),
        ("churn", -15000.0),
    ]


def test_a_subscription_is_changed_by_put_and_deleted_before_it_begins(
    account: Account, farah: Membership, api_for: ApiFor, today: date
) -> None:
    api = api_for(farah)
    ahead = api.post("/api/subscriptions", body(account, starts_on=str(today + timedelta(days=9)))).json()
    assert (ahead["status"], ahead["mrr"]) == ("scheduled", 0.0)
    url = f"/api/subscriptions/{ahead['id']}"
    assert api.put(url, {"interval": "year"}).json()["interval"] == "year"
    assert api.delete(url).status_code == 204

    running = api.post("/api/subscriptions", body(account)).json()
    url = f"/api/subscriptions/{running['id']}"
    assert api.put(url, {"interval": "year"}).status_code == 409
    assert api.put(url, {"auto_renew": True, "interval": "month"}).json()["auto_renew"] is True
    assert api.put(url, {"items": items(account.organization, 20000)}).json()["mrr"] == 20000.0
    assert api.delete(url).status_code == 409
    other = AccountFactory(organization=account.organization)
    assert api.put(url, {"account_id": str(other.uuid)}).status_code == 400


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"product_id": "nothing", "unit_price": 1}]}, "items.0.product_id"),
        ({"interval": "fortnight"}, "interval"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"ends_on": "1999-01-01"}, "ends_on"),
        ({"currency": "USD"}, "exchange_rate"),
        ({"currency": "USD", "exchange_rate": 0}, "exchange_rate"),
        ({"notice_days": -1}, "notice_days"),
        ({"account_id": "4711"}, "account_id"),
    ],
)
def test_bad_input_is_refused_with_its_field(
    account: Account, farah: Membership, api_for: ApiFor, facts: dict[str, Any], field: str
) -> None:
    response = api_for(farah).post("/api/subscriptions", body(account, **facts))

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not account.subscriptions.exists()


def test_an_item_is_whole_in_a_partial_update_too(account: Account, farah: Membership, api_for: ApiFor) -> None:
    api = api_for(farah)
    url = f"/api/subscriptions/{api.post('/api/subscriptions', body(account)).json()['id']}"

    refused = api.put(url, {"items": [{"unit_price": 5}]})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["items.0.product_id"])
    assert api.get(url).json()["mrr"] == 10000.0


@pytest.mark.parametrize("price", ["12.345", "1e3", "NaN", -1, 10**13, None, {}, "ten"])
def test_a_price_is_an_amount_to_paise(account: Account, farah: Membership, api_for: ApiFor, price: Any) -> None:
    response = api_for(farah).post("/api/subscriptions", body(account, items=items(account.organization, price)))

    assert response.status_code in {400, 201}
    assert response.status_code == (201 if price == "1e3" else 400)


def test_a_price_never_becomes_a_float(account: Account, farah: Membership, api_for: ApiFor) -> None:
    """0.1 + 0.2 as binary numbers is 0.30000000000000004, which has too many places to be taken."""
    wanted = [*items(account.organization, 0.1), *items(account.organization, 0.2)]
    response = api_for(farah).post("/api/subscriptions", body(account, items=wanted))

    assert response.json()["mrr"] == 0.3
    assert account.mrr_movements.get().amount == Decimal("0.30")


def test_who_may_read_and_who_may_write(
    account: Account, alice: Membership, rita: Membership, mallory: Membership, api_for: ApiFor, today: date
) -> None:
    subscription = subscribe(account, on=today)
    url = f"/api/subscriptions/{subscription.uuid}"
    for member in (alice, rita):
        assert api_for(member).get(url).status_code == 200
        assert api_for(member).post(f"{url}/cancel").status_code == 403
    assert api_for(mallory).get(url).status_code == 404
    assert api_for(mallory).post(f"{url}/cancel").status_code == 404
    own = AccountFactory(organization=mallory.organization)
    for strange in (body(account), {**body(own), "items": items(account.organization)}):
        assert api_for(mallory).post("/api/subscriptions", strange).status_code == 400
    assert Subscription.objects.get().cancelled_on is None


def test_a_stale_write_is_refused(account: Account, farah: Membership, api_for: ApiFor, today: date) -> None:
    subscription = subscribe(account, on=today)
    api, url = api_for(farah), f"/api/subscriptions/{subscription.uuid}"
    etag = api.get(url)["ETag"]
    assert api.post(f"{url}/change", {"items": items(account.organization, 5)}).status_code == 200

    stale = api.put(url, {"auto_renew": True}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert api.post(f"{url}/cancel", headers={"If-Match": etag}).status_code == 412


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_any_length(
    organization: Organization,
    rita: Membership,
    api_for: ApiFor,
    today: date,
    rows: int,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(rows):
        each = create_account(organization=organization, by=None, name=f"Account {n}")
        subscribe(each, on=today, ends_on=today + timedelta(days=364))
    api = api_for(rita)
    api.get("/api/me")

    with django_assert_max_num_queries(11):  # key, count, rows, items, pauses
        found = api.get("/api/subscriptions").json()
    with django_assert_max_num_queries(10):  # key, count, rows, what the forecast learns from
        renewals = api.get("/api/renewals").json()
    with django_assert_max_num_queries(9):
        movements = api.get("/api/mrr/movements").json()

    assert (found["total"], renewals["total"], movements["total"]) == (rows, rows, rows)


def test_lists_are_filtered_and_exported(
    organization: Organization, account: Account, rita: Membership, api_for: ApiFor, today: date
) -> None:
    subscribe(account, on=today)
    beta = create_account(organization=organization, by=None, name="Beta")
    subscribe(beta, on=today + timedelta(days=5), interval="year")
    api = api_for(rita)

    def names(query: str) -> list[str]:
        return [row["account_name"] for row in api.get(f"/api/subscriptions?{query}").json()["data"]]

    assert names("status=active") == ["Acme"]
    assert names("status=scheduled") == ["Beta"]
    assert names("interval=year") == ["Beta"]
    assert names(f"account_id={account.number}") == ["Acme"]
    assert names(f"from={today + timedelta(days=1)}") == ["Beta"]
    assert names("search=acm") == ["Acme"]
    assert names("ordering=account_name") == ["Acme", "Beta"]
    assert api.get("/api/subscriptions?status=foo").status_code == 400
    assert api.get("/api/mrr/movements?kind=foo").status_code == 400
    assert api.get("/api/renewals?from=foo").status_code == 400
    export = b"".join(api.get("/api/subscriptions?format=csv").streaming_content).decode()
    assert "account_name,status,mrr" in export.splitlines()[0]
    assert "Acme,active,10000.00,120000.00" in export


# -- renewals ---------------------------------------------------------------------------------------


def test_a_renewal_is_worked_on(account: Account, alice: Membership, api_for: ApiFor, today: date) -> None:
    subscribe(account, on=today - timedelta(days=300), ends_on=today + timedelta(days=64))
    api = api_for(alice)
    row = api.get("/api/renewals").json()["data"][0]
    assert (row["status"], row["target_mrr"], row["expected_pct"]) == ("not_started", 10000.0, 85.0)
    url = f"/api/renewals/{row['id']}"

    worked = api.put(url, {"status": "in_process", "probability": 70}).json()
    assert (worked["status"], worked["probability"], worked["expected_pct"]) == ("in_process", 70.0, 70.0)
    renewed = api.put(url, {"status": "renewed"}).json()
    assert (renewed["status"], renewed["outcome"], renewed["renewed_mrr"]) == ("renewed", "renewed", 10000.0)
    assert api.put(url, {"status": "closed"}).status_code == 409
    assert [each["status"] for each in api.get("/api/renewals").json()["data"]] == ["renewed", "not_started"]
    assert api.put(url, {"due_on": "2099-01-01"}).status_code == 400
    assert api.put(url, {"probability": 101}).status_code == 400
    assert api.delete(url).status_code == 405


def test_a_renewal_is_worked_on_by_who_looks_after_the_account_or_by_finance(
    account: Account,
    bob: Membership,
    farah: Membership,
    rita: Membership,
    mallory: Membership,
    api_for: ApiFor,
    today: date,
) -> None:
    subscription = subscribe(account, on=today, ends_on=today + timedelta(days=64))
    url = f"/api/renewals/{subscription.renewals.get().uuid}"

    statuses = [api_for(each).put(url, {"probability": 50}).status_code for each in (bob, rita, mallory, farah)]

    assert statuses == [403, 403, 404, 200]


# -- retention --------------------------------------------------------------------------------------


def test_retention_is_told_with_all_its_parts(
    organization: Organization, rita: Membership, api_for: ApiFor, today: date
) -> None:
    """Opening: A 100, B 200, C 50 a month = 350. In the year A grows to 150, B shrinks to 120 and recovers to 180,
    C leaves and comes back at 50; D, newer, starts at 80 and grows to 100.

    Cohort: closing 150 + 180 + 50 = 380, so NRR is 108.57 %; kept 100 + 180 + 50 = 330, GRR 94.29 %.
    Bridge: expansion 50 + 60 + 20 = 130, contraction 80, churn 50: (350 + 130 − 80 − 50) ÷ 350 = 100 %;
    GRR (350 − 130) ÷ 350 = 62.86 %. NRR differs by 30: 50 came back, and the newer D's 20 count in the bridge alone.
    GRR differs by 110: 60 of B and 50 of C were made good.
    """
    opening = add_months(today, -12)
    days = [opening + timedelta(days=30 * n) for n in range(1, 4)]
    story = {
        "A": [(opening, 100), (days[0], 150)],
        "B": [(opening, 200), (days[0], 120), (days[1], 180)],
        "C": [(opening, 50), (days[0], 0), (days[1], 50)],
        "D": [(days[0], 80), (days[1], 100)],
    }
    for name, changes in story.items():
        account = AccountFactory(organization=organization, name=name)
        rows = [(account.pk, day, Decimal(mrr * 12)) for day, mrr in changes]
        post_arr_changes(organization=organization, changes=rows, cause="test")

    found = api_for(rita).get("/api/metrics/retention").json()

    assert (found["nrr"], found["grr"], found["nrr_bridge"], found["grr_bridge"]) == (108.57, 94.29, 100.0, 62.86)
    assert (found["logo_retention"], found["accounts"], found["is_small_base"]) == (100.0, 3, True)
    kinds = ("opening_mrr", "new", "reactivation", "expansion", "contraction", "churn", "closing_mrr")
    assert [found[kind] for kind in kinds] == [350.0, 80.0, 50.0, 130.0, 80.0, 50.0, 480.0]
    assert [found["cohort"][kind] for kind in kinds] == [350.0, 0.0, 50.0, 110.0, 80.0, 50.0, 380.0]
    assert found["difference"] == {
        "nrr": {"returned": 50.0, "newer_accounts": -20.0},
        "grr": {"recovered": 110.0, "newer_accounts": 0.0},
    }
    assert found["quick_ratio"] == 2.0  # (80 + 50 + 130) ÷ 130


def test_retention_of_nothing_is_zero(rita: Membership, api_for: ApiFor) -> None:
    found = api_for(rita).get("/api/metrics/retention").json()

    assert (found["nrr"], found["grr"], found["nrr_bridge"], found["logo_retention"]) == (0, 0, 0, 0)
    assert found["is_small_base"] is True


@pytest.mark.parametrize("query", ["months=0", "months=61", "months=abc", "as_of=2999-01-01", "as_of=foo"])
def test_retention_refuses_what_it_cannot_answer(rita: Membership, api_for: ApiFor, query: str) -> None:
    assert api_for(rita).get(f"/api/metrics/retention?{query}").status_code == 400
