"""Who bills and collects: per billing owner, adding up to what the whole organisation invoiced and collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from billing.document_querysets import summed
from billing.enums import DocumentState, EntryKind, RefundReason
from billing.models import CreditNote
from billing.selectors.dashboard.view import BillingView
from csplatform.models import User
from csplatform.money import ZERO, round2, round_half_up

ONE_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class TeamRow:
    """One billing owner in the window; `user` is None for invoices that nobody looks after."""

    user: User | None = None
    invoices: int = 0
    amount: Decimal = field(default=ZERO)
    """Taxable value invoiced."""
    collections: Decimal = field(default=ZERO)
    """Taxable value that came in for their invoices."""
    reminders: int = 0
    refunds: int = 0
    errors: int = 0
    """Their invoices of the window that were voided, or credited because of a billing error."""
    invoice_days: Decimal = field(default=ZERO)
    """Mean days from draft to issue, one decimal."""
    payment_days: int = 0
    """Mean days from issue to full settlement, of invoices settled in the window."""

    @property
    def name(self) -> str:
        return self.user.display_name if self.user else "Unassigned"

    @property
    def did_something(self) -> bool:
        return bool(self.invoices or self.amount or self.collections or self.reminders or self.refunds or self.errors)


def team_rows(view: BillingView) -> list[TeamRow]:
    """The highest amount first, in eight queries whatever the number of people."""
    organization, window = view.organization, view.window
    rows: dict[int | None, TeamRow] = {}

    def of(owner: int | None) -> TeamRow:
        return rows.setdefault(owner, TeamRow())

    drafting = ExpressionWrapper(F("issued_at") - F("created_at"), output_field=DurationField())
    issued = (
        view.issued()
        .values_list("owner")
        .annotate(count=Count("pk"), amount=summed("taxable_inr"), days=Avg(drafting))
    )
    for owner, count, amount, days in issued:
        row = of(owner)
        row.invoices, row.amount, row.invoice_days = count, round2(amount), round_half_up(_days(days), 1)
    entries = organization.allocations.dated_in(window).filter(kind=EntryKind.PAYMENT).order_by()
    for owner, value in entries.values_list("invoice__owner").annotate(value=summed("value_inr")):
        of(owner).collections = round2(value)
    waiting = ExpressionWrapper(F("settled_on") - F("issue_date"), output_field=DurationField())
    settled = view.standing().filter(settled_on__range=(window.start, window.end))
    for owner, days in settled.values_list("owner").annotate(days=Avg(waiting)):
        of(owner).payment_days = int(round_half_up(_days(days), 0))
    reminders = organization.reminders.filter(sent_on__range=(window.start, window.end)).order_by()
    for owner, count in _counted(reminders, "sent_by"):
        of(owner).reminders = count
    refunds = organization.refunds.filter(decided_on__range=(window.start, window.end)).order_by()
    for owner, count in _counted(refunds, "processed_by"):
        of(owner).refunds = count
    for owner, count in _counted(_with_errors(view), "owner"):
        of(owner).errors = count
    people = User.objects.in_bulk([owner for owner in rows if owner is not None])
    for owner, row in rows.items():
        row.user = None if owner is None else people.get(owner)
    told = [row for row in rows.values() if row.did_something]
    return sorted(told, key=lambda row: (-row.amount, -row.collections, row.name))


def _with_errors(view: BillingView) -> QuerySet[Any]:
    """Invoices dated in the window that were voided, or credited because of a billing error, by its end."""
    window = view.window
    credited = CreditNote.objects.filter(
        invoice=OuterRef("pk"), reason=RefundReason.BILLING_ERROR, date__lte=view.day
    )
    dated = view.organization.invoices.filter(issue_date__range=(window.start, window.end)).order_by()
    voided = Q(state=DocumentState.VOID, voided_on__lte=view.day)
    return dated.exclude(state=DocumentState.DRAFT).filter(voided | Exists(credited))


def _counted(rows: QuerySet[Any], owner: str) -> Iterable[tuple[int | None, int]]:
    return rows.values_list(owner).annotate(count=Count("pk"))


def _days(span: timedelta | None) -> Decimal:
    return Decimal(str((span or timedelta(0)) / ONE_DAY))
