"""The catalogue comes with an organisation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Product
from accounts.services.product import copy_catalogue
from csplatform.models import Organization
from csplatform.services.organization import create_organization
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db


def test_a_new_organisation_has_the_names_and_labels_of_both_dashboards(db: None) -> None:
    organization = create_organization(name="New", email="new@example.com", user_name="New", password="a long one")

    assert list(organization.products.values_list("icon", "name", "billing_label")) == [
        ("☁️", "Cloud Instances", "VMs"),
        ("🔧", "Kubernetes", "Kubernetes"),
        ("💾", "Databases", "Databases"),
        ("🗄️", "Object Storage", "Storage"),
        ("⚖️", "Load Balancers", "Load Balancer"),
        ("🔄", "Other Services", "DR & Backup"),
    ]
    product = organization.products.first()
    assert product is not None
    assert (product.sac, product.rate, product.history.count()) == ("998315", Decimal("18.00"), 1)


def test_copying_again_adds_nothing_even_after_a_rename(organization: Organization) -> None:
    copy_catalogue(organization=organization)
    organization.products.filter(key="kubernetes").update(name="Managed Kubernetes")

    assert copy_catalogue(organization=organization) == []
    assert organization.products.count() == 6


def test_an_own_product_of_the_same_name_is_left_alone(organization: Organization) -> None:
    ProductFactory(organization=organization, name="Kubernetes")

    copy_catalogue(organization=organization)

    assert organization.products.filter(name="Kubernetes").get().key == ""
    assert organization.products.count() == 6


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"billing_label": "Vms"}, {"rate": Decimal("100.01")}, {"rate": Decimal("-1")}]
)
def test_the_database_refuses_what_no_product_can_be(organization: Organization, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductFactory(organization=organization, **wrong)

    assert not Product.objects.exists()
