"""Money that came in, and what it settled."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from billing.document_querysets import AllocationQuerySet, PaymentQuerySet
from billing.enums import EntryKind, PaymentMethod, TdsCertificate
from billing.models.document import FinalModel, added, money
from billing.models.invoice import ONE, Invoice
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO, round2


class Payment(FinalModel, TimestampedModel):
    """What a customer paid, with the tax it withheld. What is not allocated is the customer's advance."""

    MAY_CHANGE = frozenset(
        {
            "allocated",
            "allocated_tds",
            "refunded",
            "reversed_on",
            "reverse_reason",
            "tds_certificate",
            "account",
            "updated_at",
        }
    )

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="payments")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.RESTRICT, related_name="payments", db_index=False
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    amount = money()
    tds = money("TDS", default=ZERO)
    """Income tax (or GST) that the customer withheld for us; it settles like cash."""
    currency = models.CharField(max_length=3, default="INR")
    exchange_rate = models.DecimalField(max_digits=14, decimal_places=6, default=ONE)
    """On the day it came. Against the invoice's rate this is exchange gain or loss, not collection."""
    received_on = models.DateField()
    method = models.CharField(max_length=10, choices=PaymentMethod, default=PaymentMethod.BANK)
    reference = models.CharField(max_length=100, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    provider_reference = models.CharField(max_length=100, blank=True)
    """The gateway's own id: the same event twice is one payment."""
    tds_certificate = models.CharField(max_length=10, choices=TdsCertificate, default=TdsCertificate.NONE, blank=True)
    allocated = money(default=ZERO)
    allocated_tds = money(default=ZERO)
    refunded = money(default=ZERO)
    reversed_on = models.DateField(null=True, blank=True)
    """The day it bounced or was charged back."""
    reverse_reason = models.CharField(max_length=255, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PaymentQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="payment_provider_event_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & Q(tds__gte=0) & (Q(amount__gt=0) | Q(tds__gt=0)),
                name="payment_is_something",
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0) & Q(refunded__gte=0) & Q(amount__gte=added("allocated", "refunded")),
                name="payment_not_over_allocated",
            ),
            models.CheckConstraint(
                condition=Q(allocated_tds__gte=0) & Q(allocated_tds__lte=F("tds")),
                name="payment_tds_not_over_allocated",
            ),
            models.CheckConstraint(condition=Q(exchange_rate__gt=0), name="payment_exchange_rate_above_zero"),
            models.CheckConstraint(
                condition=Q(reversed_on=None) | Q(reversed_on__gte=F("received_on")),
                name="payment_reversed_after_it_came",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "received_on"], name="payment_day"),
            models.Index(fields=["organization", "account", "received_on"], name="payment_of_account"),
            models.Index(fields=["account"], name="payment_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} of {self.received_on:%d %b %Y}"

    def get_absolute_url(self) -> str:
        return reverse("billing:payment_detail", args=[self.uuid])

    @property
    def settled_invoices(self) -> list[Invoice]:
        """What it settles now, as prefetched: an entry that was taken back settles nothing."""
        net: dict[Invoice, Decimal] = {}
        for entry in self.allocations.all():
            net[entry.invoice] = net.get(entry.invoice, ZERO) + entry.amount
        return [invoice for invoice, amount in net.items() if amount]

    @property
    def is_reversed(self) -> bool:
        return self.reversed_on is not None

    @property
    def unallocated(self) -> Decimal:
        """Cash on account: the customer's advance."""
        return ZERO if self.is_reversed else self.amount - self.allocated - self.refunded

    @property
    def unallocated_tds(self) -> Decimal:
        return ZERO if self.is_reversed else self.tds - self.allocated_tds


class Allocation(FinalModel, models.Model):
    """An entry that settles part of an invoice on a day: of a payment, a credit note or a write-off.

    Entries are never changed. What is taken back is an entry of the opposite amount on its own day, so figures of
    past days stay as they were."""

    MAY_CHANGE = frozenset({"account"})

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="allocations")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.RESTRICT, related_name="allocations", db_index=False
    )
    kind = models.CharField(max_length=10, choices=EntryKind)
    payment = models.ForeignKey(Payment, on_delete=models.RESTRICT, null=True, blank=True, related_name="allocations")
    credit_note = models.ForeignKey(
        "billing.CreditNote", on_delete=models.RESTRICT, null=True, blank=True, related_name="applications"
    )
    write_off = models.ForeignKey(
        "billing.WriteOff", on_delete=models.RESTRICT, null=True, blank=True, related_name="entries"
    )
    date = models.DateField()
    cash = money(default=ZERO)
    tds = money("TDS", default=ZERO)
    amount = money()
    """What it settles, in the invoice's currency; negative where it takes an entry back."""
    amount_inr = money()
    """At the invoice's rate."""
    value_inr = money()
    """The part of it that is taxable value; the rest is tax."""
    reversal_of = models.OneToOneField(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AllocationQuerySet.as_manager()

    class Meta:
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="payment", payment__isnull=False, credit_note=None, write_off=None)
                    | Q(kind="credit", credit_note__isnull=False, payment=None, write_off=None)
                    | Q(kind="write_off", write_off__isnull=False, payment=None, credit_note=None)
                ),
                name="allocation_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(reversal_of=None, amount__gt=0) | Q(reversal_of__isnull=False, amount__lt=0),
                name="allocation_sign_says_reversal",
            ),
            models.CheckConstraint(
                condition=~Q(kind="payment") | Q(amount=added("cash", "tds")), name="allocation_is_cash_and_tds"
            ),
        ]
        indexes = [
            # Answers what was settled of an invoice by a day without reading a row.
            models.Index(fields=["invoice", "date", "amount_inr"], name="allocation_of_invoice"),
            models.Index(fields=["organization", "date"], name="allocation_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.date:%d %b %Y}"

    @property
    def exchange_gain(self) -> Decimal:
        """Rupees at the receipt's rate less rupees at the invoice's; nothing for what is in rupees."""
        if self.payment is None or self.payment.currency == "INR":
            return ZERO
        return round2(self.amount * self.payment.exchange_rate) - self.amount_inr
