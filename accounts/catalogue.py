"""The products that every new organisation starts with: those whose names and labels both dashboards print."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.enums import BillingLabel

CLOUD_SAC = "998315"
"""Hosting and provisioning of IT infrastructure."""
CATCH_ALL = "other_services"
"""The key of the row that products without a row of their own count under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueProduct:
    key: str
    name: str
    billing_label: BillingLabel
    icon: str
    """What the dashboards' contracts print."""
    symbol: str
    """What our own pages draw for it: not every computer has the sign that `icon` is."""


CATALOGUE = (
    CatalogueProduct(
        key="cloud_instances", name="Cloud Instances", billing_label=BillingLabel.VMS, icon="☁️", symbol="cloud"
    ),
    CatalogueProduct(
        key="kubernetes", name="Kubernetes", billing_label=BillingLabel.KUBERNETES, icon="🔧", symbol="hexagons"
    ),
    CatalogueProduct(
        key="databases", name="Databases", billing_label=BillingLabel.DATABASES, icon="💾", symbol="database"
    ),
    CatalogueProduct(
        key="object_storage", name="Object Storage", billing_label=BillingLabel.STORAGE, icon="🗄️", symbol="archive"
    ),
    CatalogueProduct(
        key="load_balancers",
        name="Load Balancers",
        billing_label=BillingLabel.LOAD_BALANCER,
        icon="⚖️",
        symbol="scale",
    ),
    CatalogueProduct(
        key=CATCH_ALL, name="Other Services", billing_label=BillingLabel.DR_AND_BACKUP, icon="🔄", symbol="refresh"
    ),
)

SYMBOLS = {product.icon: product.symbol for product in CATALOGUE}
"""Of the signs that we gave; an organisation may have given its products others."""
