"""Who is to be reminded of what today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Max, Q

from billing.document_querysets import InvoiceQuerySet, summed
from billing.enums import CollectionNoteKind, ReminderStep
from billing.models import Invoice
from billing.models.collection import STEP_TONES
from billing.services.reminder import Letter, preview_reminders
from csplatform.models import Organization
from csplatform.money import round2


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSum:
    """What is due at one step."""

    step: ReminderStep
    invoices: int
    outstanding: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLetter:
    """A letter that would go out, and what the customer said last about paying."""

    letter: Letter
    days: int
    """Since the due date; negative ahead of it."""
    promised_on: date | None

    @property
    def step_tone(self) -> str:
        return STEP_TONES[self.letter.step] if self.letter.step else ""

    @property
    def is_promised(self) -> bool:
        return self.promised_on is not None

    @property
    def can_be_mailed(self) -> bool:
        return not self.letter.refusal


def sums_by_step(invoices: InvoiceQuerySet) -> list[StepSum]:
    """Of what `to_remind` found, the steps in their order."""
    rows = {
        step: (count, round2(owed))
        for step, count, owed in invoices.order_by()
        .values_list(F("step"))
        .annotate(count=Count("pk"), owed=summed("total_inr") - summed("settled_inr"))
    }
    return [
        StepSum(step=step, invoices=rows[step.value][0], outstanding=rows[step.value][1])
        for step in ReminderStep
        if step.value in rows
    ]


def due_letters(organization: Organization, invoices: Iterable[Invoice], *, today: date) -> list[DueLetter]:
    """The letters of these invoices, beside them the promises that still hold; the same queries for any number."""
    invoices = list(invoices)
    promises = dict(
        organization.collection_notes.filter(invoice__in=invoices, kind=CollectionNoteKind.PROMISE)
        .order_by()
        .values_list("invoice")
        .annotate(last=Max("promised_on", filter=Q(promised_on__gte=today)))
    )
    return [
        DueLetter(
            letter=letter,
            days=(today - letter.invoice.due_date).days if letter.invoice.due_date else 0,
            promised_on=promises.get(letter.invoice.pk),
        )
        for letter in preview_reminders(organization, invoices, today=today)
    ]
