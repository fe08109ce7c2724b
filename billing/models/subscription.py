"""What accounts have subscribed to, at what price and for how long."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from billing.calculations import Item, Pause, Terms
from billing.enums import Interval
from billing.querysets import SubscriptionQuerySet
from csplatform.formatting import trimmed
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO

HOME_CURRENCY = "INR"
ONE = Decimal("1.000000")
NOTICE_DAYS = 30
MOST_NOTICE_DAYS = 730


class Subscription(TimestampedModel):
    """An account's agreement to pay for some products, interval after interval, for a term or without end.

    Whether it is active, paused or over is read from its dates and pauses (`Terms.status_on`), so a day in the past
    can be asked for too. Written by `billing.services.subscription` only: each change of its price is booked.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="subscriptions"
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="subscriptions", db_index=False
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    interval = models.CharField(max_length=10, choices=Interval, default=Interval.MONTH)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    """The last day of its current term; without one it runs until it is cancelled."""
    term_starts_on = models.DateField()
    """The first day of the term that `ends_on` ends."""
    auto_renew = models.BooleanField(default=False)
    notice_days = models.PositiveSmallIntegerField(
        default=NOTICE_DAYS, validators=[MaxValueValidator(MOST_NOTICE_DAYS)]
    )
    """Until so many days before the term ends it can be stopped from renewing by itself."""
    currency = models.CharField(
        max_length=3,
        default=HOME_CURRENCY,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", "Give the three capital letters of a currency, such as USD.")],
    )
    exchange_rate = models.DecimalField(
        max_digits=14, decimal_places=6, default=ONE, validators=[MinValueValidator(Decimal("0.000001"))]
    )
    """Rupees for one unit of the currency, fixed: exchange moves are no movement of MRR."""
    cancelled_on = models.DateField(null=True, blank=True)
    """The first day without service."""
    cancel_reason = models.CharField(max_length=255, blank=True)

    objects = SubscriptionQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(interval__in=Interval.values), name="subscription_interval_known"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="subscription_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(exchange_rate__gt=0), name="subscription_rate_above_zero"),
            models.CheckConstraint(
                condition=~Q(currency=HOME_CURRENCY) | Q(exchange_rate=1), name="subscription_home_rate_is_one"
            ),
            models.CheckConstraint(
                condition=Q(notice_days__lte=MOST_NOTICE_DAYS), name="subscription_notice_in_range"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "account"], name="subscription_of_account"),
            models.Index(fields=["organization", "starts_on"], name="subscription_start"),
            models.Index(fields=["organization", "ends_on"], name="subscription_end"),
            models.Index(fields=["account"], name="subscription_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.get_interval_display().lower()} since {self.starts_on:%d %b %Y}"

    def terms(self) -> Terms:
        """What its MRR is worked out from; free of queries on rows of `.with_terms()`."""
        return Terms(
            interval=self.interval,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            cancelled_on=self.cancelled_on,
            exchange_rate=self.exchange_rate,
            items=tuple(item.as_item() for item in self.items.all()),
            pauses=tuple(pause.as_pause() for pause in self.pauses.all()),
        )

    @property
    def is_foreign(self) -> bool:
        return self.currency != HOME_CURRENCY


class SubscriptionItem(TimestampedModel):
    """A product of a subscription at a price, for some days: a change ends this row and begins a new one."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="subscription_items"
    )
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="items", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.ForeignKey("accounts.Product", on_delete=models.PROTECT, related_name="subscription_items")
    quantity = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=14, decimal_places=2)
    """Of one, for one interval, in the subscription's currency, without tax."""
    discount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    """An amount an interval; `discount_pct` is the other way to say it."""
    discount_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="subscription_item_quantity_above_zero"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="subscription_item_price_not_negative"),
            models.CheckConstraint(condition=Q(discount__gte=0), name="subscription_item_discount_not_negative"),
            models.CheckConstraint(
                condition=Q(discount_pct=None) | Q(discount_pct__range=(0, 100)),
                name="subscription_item_discount_pct_in_range",
            ),
            models.CheckConstraint(
                condition=Q(discount=0) | Q(discount_pct=None), name="subscription_item_one_discount"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="subscription_item_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["subscription", "starts_on"], name="subscription_item_days")]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity_in_words}"

    @property
    def quantity_in_words(self) -> str:
        """`12.5`, `1`: without the zeros behind it."""
        return trimmed(self.quantity, 4)

    def as_item(self) -> Item:
        return Item(
            quantity=self.quantity,
            unit_price=self.unit_price,
            discount=self.discount,
            discount_pct=self.discount_pct,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


class SubscriptionPause(TimestampedModel):
    """Days on which a subscription gives no service and costs nothing."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="subscription_pauses"
    )
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="pauses", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    starts_on = models.DateField()
    resumes_on = models.DateField(null=True, blank=True)
    """The first day with service again."""

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resumes_on=None) | Q(resumes_on__gt=F("starts_on")), name="subscription_pause_lasts_a_day"
            ),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(resumes_on=None), name="subscription_paused_once_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["subscription", "starts_on"], name="subscription_pause_days")]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.resumes_on or '…'}"

    def as_pause(self) -> Pause:
        return Pause(starts_on=self.starts_on, resumes_on=self.resumes_on)
