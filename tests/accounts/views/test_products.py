"""The catalogue among the settings: who sees it, who changes it, and in which order it stands."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Product
from accounts.services.product import copy_catalogue
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
URL = "/dashboard/settings/products"
NASTY = "<script>alert('x')</script> \"q\" & \U0001f600"
FACTS = {"name": "CDN", "icon": "🌐", "billing_label": "Storage", "sac": "998315", "rate": "12.5"}


def names(member: Membership) -> list[str]:
    return list(member.organization.products.values_list("name", flat=True))


def test_a_manager_adds_changes_archives_and_brings_back(mona: Membership, client_for: ClientFor) -> None:
    client = client_for(mona)
    above = ProductFactory(organization=mona.organization, name="Network")

    client.post(f"{URL}/new", FACTS | {"name": NASTY, "parent": str(above.uuid)})
    product = mona.organization.products.get(name=NASTY)
    page = client.get(URL).content.decode()
    client.post(f"{URL}/{product.uuid}", FACTS | {"rate": "18"})
    client.post(f"{URL}/{product.uuid}/archive")
    product.refresh_from_db()
    assert (product.name, product.icon, product.parent, product.rate) == ("CDN", "🌐", None, Decimal(18))
    assert (product.billing_label, product.is_active) == ("Storage", False)
    client.post(f"{URL}/{product.uuid}/restore")
    product.refresh_from_db()

    assert product.is_active
    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)
    assert {each.history_user for each in product.history.all()} == {mona.user}


def test_the_order_is_changed_a_place_at_a_time(mona: Membership, client_for: ClientFor) -> None:
    client = client_for(mona)
    for name in ("One", "Two", "Three"):
        ProductFactory(organization=mona.organization, name=name, position=7)  # all at one place: by name
    gone = ProductFactory(organization=mona.organization, name="Old", position=1, is_active=False)
    assert names(mona) == ["Old", "One", "Three", "Two"]

    two = mona.organization.products.get(name="Two")
    for _ in range(3):  # the third time it is the first already
        client.post(f"{URL}/{two.uuid}/move", {"to": "up"})
    client.post(f"{URL}/{mona.organization.products.get(name='One').uuid}/move", {"to": "down"})
    client.post(f"{URL}/{gone.uuid}/move", {"to": "down"})

    assert [each for each in names(mona) if each != "Old"] == ["Two", "Three", "One"]


def test_a_refusal_stands_at_its_field(mona: Membership, client_for: ClientFor) -> None:
    ProductFactory(organization=mona.organization, name="CDN")

    twice = client_for(mona).post(f"{URL}/new", FACTS | {"name": "cdn"})
    code = client_for(mona).post(f"{URL}/new", FACTS | {"name": "New", "sac": "12"})

    assert (twice.status_code, twice.context["form"].errors) == (
        422,
        {"name": ["There is another product called “cdn”."]},
    )
    assert code.context["form"].errors == {"sac": ["Give the 4 to 8 digits of a service accounting code."]}
    assert names(mona) == ["CDN"]


def test_only_what_nobody_has_is_deleted(mona: Membership, client_for: ClientFor) -> None:
    sold, unsold = ProductFactory.create_batch(2, organization=mona.organization)
    account = AccountFactory(organization=mona.organization)
    account.entitlements.create(organization=mona.organization, product=sold, starts_on="2026-01-01")

    for product in (sold, unsold):
        client_for(mona).post(f"{URL}/{product.uuid}/delete")

    assert list(Product.objects.all()) == [sold]


def test_others_may_look_only(
    alice: Membership, farah: Membership, rita: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    copy_catalogue(organization=alice.organization)
    product = alice.organization.products.first()
    for member in (alice, farah, rita):
        client = client_for(member)
        page = client.get(URL)
        assert (page.status_code, "Kubernetes" in page.text, f"{URL}/new" in page.text) == (200, True, False)
        assert client.get(f"{URL}/new").status_code == 403
        for part in ("", "/archive", "/restore", "/move", "/delete"):
            assert client.post(f"{URL}/{product.uuid}{part}", FACTS).status_code == 403
    assert client_for(mallory).get(f"{URL}/{product.uuid}").status_code == 404
    assert "Kubernetes" not in client_for(mallory).get(URL).text


def test_holders_are_counted_and_the_page_costs_the_same(mona: Membership, client_for: ClientFor) -> None:
    organization = mona.organization
    product = ProductFactory(organization=organization, name="Held")
    held = {"organization": organization, "product": product}
    accounts = AccountFactory.create_batch(3, organization=organization)
    for account in accounts:
        account.entitlements.create(**held, starts_on="2026-01-01", ends_on="2026-01-31")
    for account in accounts[:2]:
        account.entitlements.create(**held, starts_on="2026-02-01")
    client = client_for(mona)
    client.get(URL)
    costs = []
    for more in (0, 30):
        ProductFactory.create_batch(more, organization=organization)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(URL)
        costs.append(len(queries))

    assert {each.name: each.holders for each in page.context["products"]}["Held"] == 2
    assert costs[0] == costs[1]
