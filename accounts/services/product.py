"""Writing the catalogue."""

from __future__ import annotations

from django.db import transaction

from accounts.catalogue import CATALOGUE
from accounts.models import Product
from csplatform.models import Organization


@transaction.atomic
def copy_catalogue(*, organization: Organization) -> list[Product]:
    """Give an organisation the built-in products it lacks; a second time adds nothing."""
    known = set(organization.products.values_list("key", flat=True))
    taken = set(organization.products.values_list("name", flat=True))
    return [
        Product.objects.create(
            organization=organization,
            key=item.key,
            name=item.name,
            billing_label=item.billing_label,
            icon=item.icon,
            position=position,
        )
        for position, item in enumerate(CATALOGUE, start=1)
        if item.key not in known and item.name not in taken
    ]
