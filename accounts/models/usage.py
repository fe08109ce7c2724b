"""What an account is entitled to, and what it used of it."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.querysets import AccountProductQuerySet, ProductUsageQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel


class AccountProduct(TimestampedModel):
    """A product that an account is entitled to, from a day on and perhaps until one: never a flag, so that the past
    stays what it was."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="account_products", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="entitlements")
    product = models.ForeignKey("accounts.Product", on_delete=models.PROTECT, related_name="entitlements")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seats = models.PositiveIntegerField(null=True, blank=True)
    """Users paid for; empty where the product is not sold by seat."""
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    """The last day; empty while it goes on."""

    objects = AccountProductQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for."""

    class Meta:
        ordering = ["product__position", "product__name", "-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "product", "starts_on"], name="entitlement_starts_once_a_day"),
            models.UniqueConstraint(
                fields=["account", "product"], condition=Q(ends_on=None), name="entitlement_one_goes_on"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="entitlement_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["organization", "product", "starts_on"], name="entitlement_of_product")]

    def __str__(self) -> str:
        return f"{self.product} of {self.account}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class ProductUsage(TimestampedModel):
    """What an account used of a product as measured on one day. One row per account, product and day:
    dated as they are, the rows are their own history."""

    organization = models.ForeignKey(
        "csplatform.Organization",
        on_delete=models.CASCADE,
        related_name="product_usage",
        db_constraint=False,
        db_index=False,
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="product_usage", db_index=False
    )
    product = models.ForeignKey("accounts.Product", on_delete=models.PROTECT, related_name="usage", db_index=False)
    used_on = models.DateField()
    active_users = models.PositiveIntegerField(null=True, blank=True)
    usage = models.JSONField(default=dict, blank=True)
    """Quantities by unit, such as `{"vms": 49, "storage_gb": 826}`."""
    plan = models.JSONField(default=dict, blank=True)
    """What was paid for on that day, by the same units."""

    objects = ProductUsageQuerySet.as_manager()

    class Meta:
        ordering = ["-used_on", "product__position", "-pk"]
        verbose_name_plural = "product usage"
        constraints = [
            models.UniqueConstraint(fields=["account", "product", "used_on"], name="usage_once_a_day"),
        ]
        indexes = [
            models.Index(fields=["organization", "used_on"], name="usage_by_day"),
            models.Index(fields=["organization", "product", "used_on"], name="usage_of_product"),
        ]

    def __str__(self) -> str:
        return f"{self.product} at {self.account} on {self.used_on}"
