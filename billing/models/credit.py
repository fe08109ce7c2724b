"""What is taken back: refunds, the credit notes that they issue, and debts given up."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from billing.document_querysets import CreditNoteQuerySet, RefundQuerySet, WriteOffQuerySet
from billing.enums import IrnStatus, ItcReversal, RefundMode, RefundReason, RefundStatus, Section
from billing.models.document import FinalModel, added, money
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO

REFUND_TONES = {
    RefundStatus.PROCESSING: "warning",
    RefundStatus.COMPLETED: "success",
    RefundStatus.FAILED: "danger",
    RefundStatus.REJECTED: "danger",
}


class CreditNote(FinalModel, TimestampedModel):
    """Lowers one invoice, at its own rates, split and place of supply. Every one comes from a refund."""

    MAY_CHANGE = frozenset(
        {
            "applied",
            "paid_out",
            "itc_reversal",
            "reconciled_at",
            "irn_status",
            "irn",
            "irn_acknowledged_at",
            "account",
            "updated_at",
        }
    )

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="credit_notes")
    account = models.ForeignKey("accounts.Account", on_delete=models.RESTRICT, related_name="credit_notes")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.RESTRICT, related_name="credit_notes")
    number = models.CharField(max_length=16)
    financial_year = models.CharField(max_length=7)
    supplier_gstin = models.CharField(max_length=15)
    date = models.DateField()
    reason = models.CharField(max_length=20, choices=RefundReason)
    section = models.CharField(max_length=10, choices=Section)
    is_gst = models.BooleanField(default=True)
    """A commercial note, after the last day for it, lowers what is owed but not the tax that is filed."""
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
    applied = money(default=ZERO)
    """What of it settled invoices."""
    paid_out = money(default=ZERO)
    itc_reversal = models.CharField(max_length=20, choices=ItcReversal, default=ItcReversal.NOT_APPLICABLE)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    irn_status = models.CharField(max_length=20, choices=IrnStatus, default=IrnStatus.NOT_REQUIRED)
    irn = models.CharField("IRN", max_length=64, blank=True)
    irn_acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = CreditNoteQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "supplier_gstin", "financial_year", "number"], name="credit_note_number_once"
            ),
            models.CheckConstraint(condition=Q(igst=0) | Q(cgst=0, sgst=0), name="credit_note_one_kind_of_tax"),
            models.CheckConstraint(condition=Q(cgst=F("sgst")), name="credit_note_halves_are_equal"),
            models.CheckConstraint(
                condition=Q(total=added("taxable", "cgst", "sgst", "igst", "round_off")), name="credit_note_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0) & Q(applied__gte=0) & Q(paid_out__gte=0),
                name="credit_note_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=added("applied", "paid_out")), name="credit_note_not_over_applied"
            ),
        ]
        indexes = [models.Index(fields=["organization", "date"], name="credit_note_day")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("billing:credit_note_detail", args=[self.uuid])

    @property
    def left_over(self) -> Decimal:
        """What is neither settled nor paid out: kept for later invoices."""
        return self.total - self.applied - self.paid_out

    @property
    def tax(self) -> Decimal:
        return self.cgst + self.sgst + self.igst

    @property
    def tax_inr(self) -> Decimal:
        return self.cgst_inr + self.sgst_inr + self.igst_inr


class CreditNoteLine(FinalModel, models.Model):
    """What a credit note takes from one line of its invoice."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="credit_note_lines"
    )
    credit_note = models.ForeignKey(CreditNote, on_delete=models.CASCADE, related_name="lines")
    invoice_line = models.ForeignKey("billing.InvoiceLine", on_delete=models.RESTRICT, related_name="credits")
    taxable = money(default=ZERO)
    cgst = money(default=ZERO)
    sgst = money(default=ZERO)
    igst = money(default=ZERO)

    class Meta:
        ordering = ["credit_note", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taxable__gte=0) & Q(cgst__gte=0) & Q(igst__gte=0) & Q(cgst=F("sgst")),
                name="credit_note_line_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credit_note}: {self.invoice_line}"


class Refund(FinalModel, TimestampedModel):
    """A request to give money back, of an invoice or of an advance; completing it issues the credit note."""

    MAY_CHANGE = frozenset(
        {"status", "credit_note", "decided_on", "processed_by", "outcome_note", "account", "updated_at"}
    )

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="refunds")
    account = models.ForeignKey("accounts.Account", on_delete=models.RESTRICT, related_name="refunds", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=16)
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.RESTRICT, null=True, blank=True, related_name="refunds"
    )
    payment = models.ForeignKey(
        "billing.Payment", on_delete=models.RESTRICT, null=True, blank=True, related_name="refunds"
    )
    """Where an overpayment is returned: there is no invoice then, no credit note and no GST."""
    credit_note = models.OneToOneField(
        CreditNote, on_delete=models.RESTRICT, null=True, blank=True, related_name="refund"
    )
    amount = money()
    """With tax, in the currency of the invoice or payment."""
    amount_inr = money()
    value_inr = money(default=ZERO)
    """The part of it that is taxable value."""
    reason = models.CharField(max_length=20, choices=RefundReason, default=RefundReason.OTHER)
    mode = models.CharField(max_length=10, choices=RefundMode, default=RefundMode.CASH)
    date = models.DateField()
    status = models.CharField(max_length=20, choices=RefundStatus, default=RefundStatus.PROCESSING)
    decided_on = models.DateField(null=True, blank=True)
    outcome_note = models.CharField(max_length=255, blank=True)
    processed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="processed_refunds"
    )

    objects = RefundQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="refund_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, payment=None) | Q(invoice=None, payment__isnull=False),
                name="refund_of_an_invoice_or_a_payment",
            ),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
            models.CheckConstraint(
                condition=Q(status="processing", decided_on=None)
                | (~Q(status="processing") & Q(decided_on__isnull=False)),
                name="refund_decided_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "date"], name="refund_day"),
            models.Index(fields=["account", "date"], name="refund_of_account"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status_tone(self) -> str:
        return REFUND_TONES[RefundStatus(self.status)]


class WriteOff(FinalModel, TimestampedModel):
    """A debt given up. It settles its invoice and never touches GST; what is recovered later is reversed first."""

    MAY_CHANGE = frozenset({"reversed_on", "updated_at"})

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="write_offs")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.RESTRICT, related_name="write_offs")
    amount = money()
    """With tax."""
    date = models.DateField()
    reason = models.CharField(max_length=255)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reversed_on = models.DateField(null=True, blank=True)

    objects = WriteOffQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_above_zero")]
        indexes = [models.Index(fields=["organization", "date"], name="write_off_day")]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.date:%d %b %Y}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_on is not None
