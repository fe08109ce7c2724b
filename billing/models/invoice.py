"""What customers are billed."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from billing.document_querysets import InvoiceLineQuerySet, InvoiceQuerySet
from billing.enums import (
    DocumentState,
    GstCategory,
    InvoiceStatus,
    IrnStatus,
    LineKind,
    OverdueStatus,
    Section,
    Treatment,
)
from billing.exceptions import DocumentIsFinal
from billing.models.document import FinalModel, added, money
from billing.tax.receivables import overdue_status
from billing.tax.returns import gst_category
from billing.tax.states import place_name, state_tax_label
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO

ONE = Decimal("1.000000")
STATUS_TONES = {
    InvoiceStatus.DRAFT: "gray",
    InvoiceStatus.UNPAID: "warning",
    InvoiceStatus.PARTIALLY_PAID: "info",
    InvoiceStatus.PAID: "success",
    InvoiceStatus.WRITTEN_OFF: "danger",
    InvoiceStatus.VOID: "gray",
}


class Invoice(FinalModel, TimestampedModel):
    """A tax invoice. As a draft it may change; once issued it keeps what was printed, and only what has been settled
    of it, its IRN, its marks and its voiding are written, each by a service of its own."""

    MAY_CHANGE = frozenset(
        {
            "settled",
            "settled_inr",
            "settled_value_inr",
            "written_off",
            "settled_on",
            "state",
            "voided_on",
            "void_reason",
            "reconciled_at",
            "reconciled_by",
            "irn_status",
            "irn",
            "irn_acknowledged_at",
            "is_disputed",
            "dispute_reason",
            "account",
            "updated_at",
        }
    )

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="invoices")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.RESTRICT, related_name="invoices", db_index=False
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=DocumentState, default=DocumentState.DRAFT)
    number = models.CharField(max_length=16, blank=True)
    financial_year = models.CharField(max_length=7, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="billed_invoices"
    )
    """Who looks after it until it is paid: the billing owner."""

    supplier_gstin = models.CharField(max_length=15, blank=True)
    supplier = models.JSONField(default=dict, blank=True)
    """Name, address, GSTIN, state and undertaking of the supplier, as printed."""
    customer = models.JSONField(default=dict, blank=True)
    """Name, address, GSTIN and state of the customer, as printed."""
    treatment = models.CharField(max_length=20, choices=Treatment, blank=True)
    place_of_supply = models.CharField(max_length=2, blank=True)
    country = models.CharField(max_length=2, default="IN")
    is_inter_state = models.BooleanField(default=False)
    is_with_payment = models.BooleanField(default=True)
    """Of exports and supplies to special economic zones: whether they bear IGST."""
    section = models.CharField(max_length=10, choices=Section, blank=True)
    reverse_charge = models.BooleanField(default=False)

    currency = models.CharField(max_length=3, default="INR")
    exchange_rate = models.DecimalField(max_digits=14, decimal_places=6, default=ONE)
    """Rupees for one unit of the currency."""
    issue_date = models.DateField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    subscription = models.ForeignKey(
        "billing.Subscription", on_delete=models.SET_NULL, null=True, blank=True, related_name="invoices"
    )
    period_start = models.DateField(null=True, blank=True)
    """The first day of the subscription's interval that it bills."""
    notes = models.CharField(max_length=500, blank=True)
    is_imported = models.BooleanField(default=False, db_default=False)
    """Issued elsewhere, under a number of its own, and brought in from a file."""

    taxable = money(default=ZERO)
    cgst = money(default=ZERO)
    sgst = money(default=ZERO)
    igst = money(default=ZERO)
    round_off = money(default=ZERO)
    total = money(default=ZERO)
    taxable_inr = money(default=ZERO)
    cgst_inr = money(default=ZERO)
    sgst_inr = money(default=ZERO)
    igst_inr = money(default=ZERO)
    total_inr = money(default=ZERO)

    settled = money(default=ZERO)
    """The sum of its entries: payments, credits and write-offs, less what was reversed."""
    settled_inr = money(default=ZERO)
    settled_value_inr = money(default=ZERO)
    """The part of what is settled that is taxable value."""
    written_off = money(default=ZERO)
    settled_on = models.DateField(null=True, blank=True)
    """The day since which nothing is outstanding."""

    voided_on = models.DateField(null=True, blank=True)
    void_reason = models.CharField(max_length=255, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    reconciled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    irn_status = models.CharField(max_length=20, choices=IrnStatus, default=IrnStatus.NOT_REQUIRED)
    irn = models.CharField("IRN", max_length=64, blank=True)
    irn_acknowledged_at = models.DateTimeField(null=True, blank=True)
    is_disputed = models.BooleanField(default=False)
    dispute_reason = models.CharField(max_length=255, blank=True)

    objects = InvoiceQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-issue_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "supplier_gstin", "financial_year", "number"],
                condition=~Q(number=""),
                name="invoice_number_once",
            ),
            models.UniqueConstraint(
                fields=["subscription", "period_start"],
                condition=Q(subscription__isnull=False) & ~Q(state="void"),
                name="invoice_period_billed_once",
            ),
            models.CheckConstraint(condition=Q(state__in=DocumentState.values), name="invoice_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (~Q(number="") & Q(issue_date__isnull=False) & Q(due_date__gte=F("issue_date"))),
                name="invoice_issued_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(taxable__gte=0) & Q(cgst__gte=0) & Q(sgst__gte=0) & Q(igst__gte=0) & Q(total__gte=0),
                name="invoice_amounts_not_negative",
            ),
            models.CheckConstraint(condition=Q(igst=0) | Q(cgst=0, sgst=0), name="invoice_one_kind_of_tax"),
            models.CheckConstraint(condition=Q(cgst=F("sgst")), name="invoice_halves_are_equal"),
            models.CheckConstraint(
                condition=Q(total=added("taxable", "cgst", "sgst", "igst", "round_off")), name="invoice_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(settled__gte=0) & Q(settled__lte=F("total")), name="invoice_settled_within_total"
            ),
            models.CheckConstraint(condition=Q(exchange_rate__gt=0), name="invoice_exchange_rate_above_zero"),
            models.CheckConstraint(
                condition=Q(round_off__range=(Decimal("-0.50"), Decimal("0.50"))), name="invoice_round_off_small"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "issue_date"], name="invoice_issued"),
            models.Index(fields=["organization", "account", "due_date"], name="invoice_of_account"),
            models.Index(fields=["organization", "settled_on", "due_date"], name="invoice_open"),
            models.Index(fields=["account"], name="invoice_account"),
            # Of subscriptions, by the first day of what they charge for.
            models.Index(
                fields=["organization", "period_start"],
                condition=Q(subscription__isnull=False),
                name="invoice_of_period",
            ),
        ]

    def __str__(self) -> str:
        return self.number or "Draft invoice"

    def get_absolute_url(self) -> str:
        return reverse("billing:invoice_detail", args=[self.uuid])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and self.state == DocumentState.DRAFT and self._is_final():
            raise DocumentIsFinal
        super().save(*args, **kwargs)

    def _is_final(self) -> bool:
        stored = type(self)._base_manager.filter(pk=self.pk).values_list("state", flat=True).first()
        return stored not in (None, DocumentState.DRAFT)

    @property
    def is_draft(self) -> bool:
        return self.state == DocumentState.DRAFT

    @property
    def is_issued(self) -> bool:
        return self.state == DocumentState.ISSUED

    @property
    def is_void(self) -> bool:
        return self.state == DocumentState.VOID

    @property
    def tax(self) -> Decimal:
        return self.cgst + self.sgst + self.igst

    @property
    def tax_inr(self) -> Decimal:
        return self.cgst_inr + self.sgst_inr + self.igst_inr

    @property
    def outstanding(self) -> Decimal:
        """What is still owed, in its currency."""
        return self.total - self.settled if self.is_issued else ZERO

    @property
    def outstanding_inr(self) -> Decimal:
        return self.total_inr - self.settled_inr if self.is_issued else ZERO

    @property
    def status(self) -> InvoiceStatus:
        """Where it stands now."""
        if self.state != DocumentState.ISSUED:
            return InvoiceStatus(self.state)
        if self.outstanding:
            return InvoiceStatus.PARTIALLY_PAID if self.settled else InvoiceStatus.UNPAID
        return InvoiceStatus.WRITTEN_OFF if self.written_off else InvoiceStatus.PAID

    @property
    def status_tone(self) -> str:
        return STATUS_TONES[self.status]

    @property
    def category(self) -> GstCategory:
        return gst_category(self.section)

    @property
    def place_name(self) -> str:
        """The state, or the country of an export."""
        return place_name(self.place_of_supply, self.country)

    @property
    def state_tax_label(self) -> str:
        return state_tax_label(self.place_of_supply)

    @property
    def is_foreign(self) -> bool:
        return self.currency != "INR"

    def days_overdue(self, today: date) -> int:
        """Days since it was due, while something is outstanding; due today is not overdue."""
        if not self.outstanding or self.due_date is None:
            return 0
        return max((today - self.due_date).days, 0)

    def overdue_status(self, today: date) -> OverdueStatus | None:
        days = self.days_overdue(today)
        return overdue_status(days) if days else None


class InvoiceLine(FinalModel, TimestampedModel):
    """One service on an invoice, with its own tax."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="invoice_lines"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=LineKind, default=LineKind.RECURRING)
    product = models.ForeignKey(
        "accounts.Product", on_delete=models.RESTRICT, null=True, blank=True, related_name="invoice_lines"
    )
    description = models.CharField(max_length=255)
    sac = models.CharField("SAC", max_length=8)
    quantity = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(1))
    unit_price = money()
    discount_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=5, decimal_places=2)
    """Of GST, in percent."""
    service_from = models.DateField(null=True, blank=True)
    service_to = models.DateField(null=True, blank=True)
    gross = money()
    discount = money(default=ZERO)
    taxable = money()
    cgst = money(default=ZERO)
    sgst = money(default=ZERO)
    igst = money(default=ZERO)
    taxable_inr = money()

    objects = InvoiceLineQuerySet.as_manager()

    class Meta:
        ordering = ["invoice", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="invoice_line_quantity_above_zero"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0) & Q(discount__gte=0) & Q(taxable__gte=0),
                name="invoice_line_amounts_not_negative",
            ),
            models.CheckConstraint(condition=Q(gross=added("taxable", "discount")), name="invoice_line_adds_up"),
            models.CheckConstraint(
                condition=Q(cgst=F("sgst")) & (Q(igst=0) | Q(cgst=0)), name="invoice_line_one_kind_of_tax"
            ),
            models.CheckConstraint(
                condition=Q(service_from=None) | Q(service_to=None) | Q(service_to__gte=F("service_from")),
                name="invoice_line_service_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["invoice", "position"], name="invoice_line_of_invoice")]

    def __str__(self) -> str:
        return self.description

    def _is_final(self) -> bool:
        return self.invoice._is_final()

    @property
    def tax(self) -> Decimal:
        return self.cgst + self.sgst + self.igst

    @property
    def half_rate(self) -> Decimal:
        """Of central and of state tax, each."""
        return self.rate / 2

    @property
    def total(self) -> Decimal:
        return self.taxable + self.tax
