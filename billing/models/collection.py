"""Asking for money: reminders, promises and notes about an unpaid invoice."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.document_querysets import DUE_WITHIN, CollectionNoteQuerySet, ReminderQuerySet
from billing.enums import CollectionNoteKind, PromiseState, ReminderChannel, ReminderStep
from billing.models.document import money
from csplatform.models.base import TimestampedModel

STEP_TONES = {
    ReminderStep.BEFORE_7: "info",
    ReminderStep.AFTER_1: "overdue-low",
    ReminderStep.AFTER_7: "overdue-low",
    ReminderStep.AFTER_15: "overdue-medium",
    ReminderStep.AFTER_30: "overdue-high",
    ReminderStep.ESCALATION: "overdue-critical",
}


class Reminder(TimestampedModel):
    """That a customer was reminded of an invoice: once for each step."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="reminders")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.CASCADE, related_name="reminders", db_index=False)
    step = models.CharField(max_length=20, choices=ReminderStep)
    channel = models.CharField(max_length=10, choices=ReminderChannel, default=ReminderChannel.EMAIL)
    sent_on = models.DateField()
    sent_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    body = models.TextField(blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="sent_reminders"
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "step"], name="reminder_once_per_step"),
            models.CheckConstraint(condition=Q(step__in=ReminderStep.values), name="reminder_step_known"),
        ]
        indexes = [models.Index(fields=["organization", "sent_on"], name="reminder_day")]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_step_display()}"

    @property
    def step_tone(self) -> str:
        return STEP_TONES[ReminderStep(self.step)]


class CollectionNote(TimestampedModel):
    """What somebody learned about when an invoice will be paid."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="collection_notes"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.CASCADE, related_name="collection_notes")
    kind = models.CharField(max_length=10, choices=CollectionNoteKind, default=CollectionNoteKind.NOTE)
    text = models.CharField(max_length=500, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    """The day by which the customer promised to pay."""
    promised_amount = money(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CollectionNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="promise") | Q(promised_on__isnull=False), name="collection_promise_has_a_day"
            ),
        ]
        indexes = [models.Index(fields=["organization", "promised_on"], name="collection_promise_day")]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_kind_display()}"

    def state_on(self, day: date) -> PromiseState | None:
        """What has become of a promise by a day; None of a note. Rows come from `promises`."""
        if self.promised_on is None:
            return None
        settled = self.invoice.settled_on
        paid: Decimal | None = getattr(self, "paid_since", None)
        part = self.promised_amount is not None and paid is not None and paid >= self.promised_amount
        if part or (settled is not None and settled <= self.promised_on):
            return PromiseState.KEPT
        if self.promised_on < day:
            return PromiseState.BROKEN
        return PromiseState.DUE if self.promised_on <= day + DUE_WITHIN else PromiseState.OPEN
