"""What the organisation sells."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.catalogue import CLOUD_SAC
from accounts.enums import BillingLabel
from accounts.querysets import ProductQuerySet
from csplatform.models.base import TimestampedModel

STANDARD_RATE = Decimal("18.00")


class Product(TimestampedModel):
    """Something that accounts buy: under its name in adoption, under its billing label in revenue."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="products")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=30, blank=True, editable=False)
    """Names the built-in one it was copied from, whatever it is called now; empty for the organisation's own."""
    name = models.CharField(max_length=100)
    billing_label = models.CharField(max_length=20, choices=BillingLabel, default=BillingLabel.DR_AND_BACKUP)
    icon = models.CharField(max_length=16, blank=True)
    """An emoji."""
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    """The product under whose row adoption counts it; none where it has a row of its own."""
    sac = models.CharField(
        "SAC",
        max_length=8,
        default=CLOUD_SAC,
        validators=[RegexValidator(r"^[0-9]{4,8}\Z", "Give the 4 to 8 digits of a service accounting code.")],
    )
    rate = models.DecimalField(
        "GST rate",
        max_digits=5,
        decimal_places=2,
        default=STANDARD_RATE,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    """In percent."""
    position = models.PositiveSmallIntegerField(default=0)
    """Its place in the catalogue."""
    is_active = models.BooleanField(default=True)

    objects = ProductQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="product_name_unique_per_organization"),
            models.UniqueConstraint(
                fields=["organization", "key"], condition=~Q(key=""), name="product_copied_once_per_organization"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="product_has_a_name"),
            models.CheckConstraint(
                condition=Q(billing_label__in=BillingLabel.values), name="product_billing_label_known"
            ),
            models.CheckConstraint(condition=Q(rate__range=(0, 100)), name="product_rate_in_range"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="product_not_under_itself"),
        ]
        indexes = [models.Index(fields=["organization", "position"], name="product_catalogue")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_builtin(self) -> bool:
        return bool(self.key)
