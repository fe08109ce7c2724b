"""What organisations sell."""

from __future__ import annotations

import factory

from accounts.models import Product
from tests.factories.csplatform import OrganizationFactory


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    class Meta:
        model = Product

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Product {n}")
