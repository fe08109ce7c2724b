"""Products, what accounts have of them, referrals and testimonials over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.services.product import copy_catalogue
from csplatform.models import Membership
from csplatform.periods import today
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]


def test_products_are_managed_by_managers(mona: Membership, alice: Membership, api_for: ApiFor) -> None:
    copy_catalogue(organization=mona.organization)
    api = api_for(mona)

    made = api.post("/api/products", {"name": "CDN", "rate": 12.5, "billing_label": "Storage"})
    changed = api.put(f"/api/products/{made.json()['id']}", {"icon": "🌐", "rate": 18})
    listed = api_for(alice).get("/api/products").json()
    refused = api_for(alice).post("/api/products", {"name": "GPU"})

    other = mona.organization.products.get(key="other_services")
    assert (made.status_code, made.json()["rate"], made.json()["parent_id"]) == (201, 12.5, str(other.uuid))
    assert (changed.json()["icon"], changed.json()["rate"], changed.json()["name"]) == ("🌐", 18, "CDN")
    assert [row["name"] for row in listed["data"]][-2:] == ["Other Services", "CDN"]
    assert refused.status_code == 403


def test_a_product_that_accounts_have_is_not_deleted(mona: Membership, api_for: ApiFor) -> None:
    sold, unsold = ProductFactory.create_batch(2, organization=mona.organization)
    account = AccountFactory(organization=mona.organization)
    account.entitlements.create(organization=mona.organization, product=sold, starts_on="2026-01-01")
    api = api_for(mona)

    assert api.delete(f"/api/products/{sold.uuid}").status_code == 409
    assert api.delete(f"/api/products/{unsold.uuid}").status_code == 204
    assert list(mona.organization.products.all()) == [sold]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "kubernetes"}, "name"),
        ({"rate": 101}, "rate"),
        ({"sac": "12"}, "sac"),
        ({"billing_label": "GPUs"}, "billing_label"),
        ({"parent_id": "nobody"}, "parent_id"),
    ],
)
def test_a_bad_product_is_refused_by_name(
    mona: Membership, api_for: ApiFor, facts: dict[str, object], field: str
) -> None:
    copy_catalogue(organization=mona.organization)

    response = api_for(mona).post("/api/products", {"name": "CDN"} | facts)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert mona.organization.products.count() == 6


def test_usage_is_pushed_and_pushed_again_without_a_trace(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    product = ProductFactory(organization=alice.organization)
    url = f"/api/accounts/{account.uuid}/products"
    facts = {
        "product_id": str(product.uuid),
        "seats": 40,
        "active_users": 25,
        "used_on": "2026-11-18",
        "usage": {"vms": 49, "bandwidth_tb": 1.3},
        "plan": {"vms": 40},
        "starts_on": "2026-01-01",
    }
    api = api_for(alice)

    first = api.post(url, facts)
    again = api.put(url, facts)
    later = api.put(url, {"product_id": str(product.uuid), "used_on": "2026-11-19", "usage": {"vms": 50}})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["data"] == again.json()["data"]
    row = later.json()["data"][0]
    assert (row["seats"], row["used_on"], row["usage"], row["plan"]) == (40, "2026-11-19", {"vms": 50}, {"vms": 40})
    assert (row["active_users"], row["adoption_pct"], row["starts_on"]) == (None, None, "2026-01-01")
    assert account.entitlements.get().history.count() == 1
    assert account.product_usage.count() == 2


def test_after_a_term_has_ended_a_new_one_begins(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    product = ProductFactory(organization=alice.organization)
    facts = {"organization": alice.organization, "product": product}
    account.entitlements.create(**facts, seats=5, starts_on="2024-01-01", ends_on="2024-12-31")

    api_for(alice).post(f"/api/accounts/{account.number}/products", {"product_id": str(product.uuid), "seats": 9})

    terms = list(account.entitlements.order_by("starts_on").values_list("seats", "ends_on"))
    assert [seats for seats, _ in terms] == [5, 9]
    assert terms[1][1] is None
    assert account.entitlements.get(seats=9).starts_on == today(alice.organization)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"product_id": None}, "product_id"),
        ({"seats": -1}, "seats"),
        ({"used_on": "2999-01-01"}, "used_on"),
        ({"usage": {"vms": -1}}, "usage"),
        ({"usage": {"vms": "many"}}, "usage"),
        ({"usage": {"vms": True}}, "usage"),
        ({"usage": {"": 1}}, "usage"),
        ({"usage": [1]}, "usage"),
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "ends_on"),
    ],
)
def test_bad_usage_is_refused_by_name(
    alice: Membership, api_for: ApiFor, facts: dict[str, object], field: str
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    product = ProductFactory(organization=alice.organization)

    response = api_for(alice).post(
        f"/api/accounts/{account.number}/products", {"product_id": str(product.uuid)} | facts
    )

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not account.entitlements.exists()


def test_a_stranger_s_product_is_unknown(alice: Membership, mallory: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    theirs = ProductFactory(organization=mallory.organization)

    response = api_for(alice).post(f"/api/accounts/{account.number}/products", {"product_id": str(theirs.uuid)})

    assert response.json()["errors"] == {"product_id": ["There is no such product."]}


def test_a_referral_is_won_and_dated(alice: Membership, bob: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api = api_for(alice)

    made = api.post(
        "/api/referrals",
        {"referrer_account_id": str(account.uuid), "referred_company": "Nova", "potential_mrr": 150000},
    )
    url = f"/api/referrals/{made.json()['id']}"
    won = api.put(url, {"status": "won"}).json()
    back = api.put(url, {**won, "status": "interested"}).json()

    day = today(alice.organization).isoformat()
    assert (made.status_code, made.json()["status"], made.json()["potential_mrr"]) == (201, "new", 150000)
    assert (won["closed_on"], won["opened_on"], back["closed_on"]) == (day, day, None)
    titles = alice.organization.activities.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["Referred us to Nova", "Referral won: Nova"]
    assert api_for(bob).put(url, {"status": "lost"}).status_code == 403
    assert api.delete(url).status_code == 204


def test_nothing_is_published_without_consent(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    contact = ContactFactory(account=account)
    api = api_for(alice)
    facts = {"account_id": str(account.uuid), "contact_id": str(contact.uuid), "quote": "Great."}

    refused = api.post("/api/testimonials", {**facts, "status": "published"})
    made = api.post("/api/testimonials", {**facts, "status": "approved"}).json()
    url = f"/api/testimonials/{made['id']}"
    still = api.put(url, {"status": "published"})
    published = api.put(url, {"status": "published", "consent": True}).json()
    withdrawn = api.put(url, {"consent": False}).json()

    assert (refused.status_code, still.status_code) == (409, 409)
    assert "consent" in refused.json()["message"]
    assert (made["contact_name"], made["consent"], made["published_on"]) == (contact.name, False, None)
    assert (published["status"], published["consent"]) == ("published", True)
    assert published["published_on"] == today(alice.organization).isoformat()
    assert (withdrawn["status"], withdrawn["consent"], withdrawn["published_on"]) == ("approved", False, None)


def test_the_person_quoted_works_at_the_account(alice: Membership, mallory: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    elsewhere = ContactFactory(account=AccountFactory(organization=alice.organization))
    theirs = ContactFactory(account=AccountFactory(organization=mallory.organization))

    def errors(contact: Any) -> Any:
        facts = {"account_id": str(account.uuid), "contact_id": str(contact.uuid), "quote": "Great."}
        return api_for(alice).post("/api/testimonials", facts).json()["errors"]

    assert errors(elsewhere) == {"contact_id": ["This person is not a contact of the account."]}
    assert errors(theirs) == {"contact_id": ["There is no such contact."]}
    assert not alice.organization.testimonials.exists()


@pytest.mark.parametrize(
    ("factory", "wrong", "name"),
    [
        (ReferralFactory, {"status": "asked"}, "referral_status_known"),
        (ReferralFactory, {"status": "won"}, "referral_closed_when_won_or_lost"),
        (ReferralFactory, {"referred_company": ""}, "referral_names_a_company"),
        (ReferralFactory, {"potential_mrr": -1}, "referral_mrr_not_negative"),
        (QuoteFactory, {"status": "sent"}, "testimonial_status_known"),
        (QuoteFactory, {"status": "published", "published_on": "2026-11-01"}, "testimonial_published_with_consent"),
        (QuoteFactory, {"quote": ""}, "testimonial_has_a_quote"),
    ],
)
def test_the_database_refuses_what_cannot_be(
    alice: Membership, factory: Any, wrong: dict[str, object], name: str
) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        factory(account=AccountFactory(organization=alice.organization), **wrong)
