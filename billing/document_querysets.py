"""Ways of narrowing invoices, payments and what corrects them; none of them changes what is final."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round

from billing.enums import (
    CollectionNoteKind,
    DocumentState,
    InvoiceStatus,
    IrnStatus,
    PaymentState,
    PromiseState,
    RefundStatus,
    Treatment,
)
from billing.exceptions import DocumentIsFinal
from billing.tax.reminders import FIRST_DAY, STEPS
from csplatform.money import ZERO
from csplatform.periods import Window

if TYPE_CHECKING:
    from billing.models import (
        Allocation,
        CollectionNote,
        CreditNote,
        CustomerTaxProfile,
        Invoice,
        InvoiceLine,
        Payment,
        Refund,
        Reminder,
        WriteOff,
    )

MONEY = models.DecimalField(max_digits=18, decimal_places=2)


def rounded(expression: Any) -> Round:
    """To paise in the database: SQLite adds decimals as binary fractions."""
    return Round(expression, precision=2, output_field=MONEY)


def summed(expression: Any, **options: Any) -> Round:
    """The sum of a column to paise, nothing where there are no rows."""
    return rounded(Coalesce(Sum(expression, **options), Value(ZERO), output_field=MONEY))


DUE_WITHIN = timedelta(days=6)
"""A promise is due within a week, its day included."""


class SearchedRows(QuerySet[Any]):
    """Rows that are looked for by text."""

    searched: ClassVar[tuple[str, ...]] = ()
    """Columns in which a text is looked for."""

    def search(self, text: str) -> Self:
        """Rows that hold each of the words somewhere."""
        rows = self
        for word in text.split():
            rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in self.searched)))
        return rows


class FinalRows(SearchedRows):
    """Refuses to change or delete what is final, many rows at a time."""

    def update(self, **fields: Any) -> int:
        may_change: frozenset[str] = getattr(self.model, "MAY_CHANGE")  # noqa: B009 -- every final model has one
        if not set(fields) <= may_change and self._final().exists():
            raise DocumentIsFinal
        return super().update(**fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self._final().exists():
            raise DocumentIsFinal
        return super().delete()

    def _final(self) -> Self:
        """Those of the rows that may no longer change."""
        return self.order_by()


class InvoiceQuerySet(FinalRows, QuerySet["Invoice"]):
    searched = ("number", "account__name")

    def _final(self) -> Self:
        return self.order_by().exclude(state=DocumentState.DRAFT)

    def drafts(self) -> Self:
        return self.filter(state=DocumentState.DRAFT)

    def issued(self) -> Self:
        """Issued and not void."""
        return self.filter(state=DocumentState.ISSUED)

    def standing_on(self, day: date) -> Self:
        """Issued by the close of the day and not void then."""
        return self.filter(
            Q(state=DocumentState.ISSUED) | Q(state=DocumentState.VOID, voided_on__gt=day), issue_date__lte=day
        )

    def issued_in(self, window: Window) -> Self:
        """Dated in the window and standing at its end; both days included."""
        return self.standing_on(window.end).filter(issue_date__gte=window.start)

    def open(self) -> Self:
        """With something outstanding now."""
        return self.issued().filter(settled__lt=F("total"))

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_date__lt=today)

    def not_ready_to_file(self) -> Self:
        """Issued, but an IRN is missing, a line has no SAC, or nobody has marked it reconciled. Place of supply and
        GSTIN were looked at when it was issued."""
        return self.issued().filter(self._flawed())

    def ready_to_file(self) -> Self:
        return self.issued().exclude(self._flawed())

    def _flawed(self) -> Q:
        from billing.models import InvoiceLine

        without_sac = Exists(InvoiceLine.objects.filter(invoice=OuterRef("pk"), sac=""))
        return Q(reconciled_at=None) | Q(irn_status=IrnStatus.PENDING) | Q(without_sac)

    def to_remind(self, today: date) -> Self:
        """Owed, not disputed, and at a step of which the customer has not been reminded; annotates `step`, the latest
        one reached, as `step_on` reads it."""
        from billing.models import Reminder

        reached = [
            When(due_date__lte=today - timedelta(days=from_day), then=Value(step.value))
            for step, from_day in sorted(STEPS.items(), key=lambda each: -each[1])
        ]
        sent = Reminder.objects.filter(invoice=OuterRef("pk"), step=OuterRef("step"))
        owed = self.open().filter(settled_on=None, is_disputed=False, due_date__lte=today - timedelta(days=FIRST_DAY))
        stepped = owed.annotate(step=Case(*reached, output_field=models.CharField()))
        return stepped.filter(~Exists(sent))

    def with_balance_on(self, day: date, *, today: date) -> Self:
        """Annotates `settled_then` and `balance`, what had been settled and what was owed at the close of a day, in
        rupees, from entries dated up to it. Today needs no entry read: `settled_inr` is their sum."""
        settled: Any = F("settled_inr")
        if day < today:
            settled = rounded(F("settled_inr") - self._entries("amount_inr", date__gt=day))
        return self.alias(settled_=settled).annotate(
            settled_then=F("settled_"), balance=rounded(F("total_inr") - F("settled_"))
        )

    def with_value_settled_on(self, day: date) -> Self:
        """Annotates `value_paid` and `value_credited`: taxable value settled by payments, and by credits and
        write-offs, up to a day."""
        return self.annotate(
            value_paid=self._entries("value_inr", date__lte=day, kind="payment"),
            value_credited=self._entries("value_inr", date__lte=day, kind__in=["credit", "write_off"]),
        )

    def with_last_entry_by(self, day: date, *, today: date) -> Self:
        """Annotates `last_entry_on`: since when an invoice without balance on that day is settled."""
        from billing.models import Allocation

        if day >= today:
            return self.annotate(last_entry_on=F("settled_on"))
        entries = Allocation.objects.filter(invoice=OuterRef("pk"), date__lte=day).order_by().values("invoice")
        return self.annotate(last_entry_on=Subquery(entries.annotate(last=Max("date")).values("last")))

    def _entries(self, column: str, **narrowed: Any) -> Any:
        from billing.models import Allocation

        entries = Allocation.objects.filter(invoice=OuterRef("pk"), **narrowed).order_by().values("invoice")
        total = Subquery(entries.annotate(total=Sum(column)).values("total"), output_field=MONEY)
        return rounded(Coalesce(total, Value(ZERO), output_field=MONEY))

    def in_status(self, status: str, *, today: date) -> Self:
        """As `Invoice.status` reads it; `overdue` too."""
        match status:
            case "overdue":
                return self.overdue(today)
            case InvoiceStatus.DRAFT | InvoiceStatus.VOID:
                return self.filter(state=status)
            case InvoiceStatus.UNPAID:
                return self.open().filter(settled=0)
            case InvoiceStatus.PARTIALLY_PAID:
                return self.open().filter(settled__gt=0)
            case InvoiceStatus.PAID:
                return self.issued().filter(settled__gte=F("total"), written_off=0)
            case InvoiceStatus.WRITTEN_OFF:
                return self.issued().filter(settled__gte=F("total"), written_off__gt=0)
        return self.none()

    def for_list(self) -> Self:
        return self.select_related("account", "owner")

    def for_detail(self) -> Self:
        return self.for_list().prefetch_related("lines__product")


class InvoiceLineQuerySet(FinalRows, QuerySet["InvoiceLine"]):
    def _final(self) -> Self:
        return self.order_by().exclude(invoice__state=DocumentState.DRAFT)


class PaymentQuerySet(FinalRows, QuerySet["Payment"]):
    searched = ("reference", "account__name")

    def standing(self) -> Self:
        """Not bounced or charged back."""
        return self.filter(reversed_on=None)

    def with_advance(self) -> Self:
        """Of which something is not allocated yet."""
        return self.standing().filter(Q(amount__gt=rounded(F("allocated") + F("refunded"))))

    def with_rupees(self) -> Self:
        """Annotates `amount_inr`, `tds_inr` and `advance_inr` (of which the customer has the rest on account), at the
        rate of the receipt; what was reversed has nothing on account."""
        left: Any = Case(
            When(reversed_on=None, then=F("amount") - F("allocated") - F("refunded")), default=Value(ZERO)
        )
        return self.annotate(
            amount_inr=rounded(F("amount") * F("exchange_rate")),
            tds_inr=rounded(F("tds") * F("exchange_rate")),
            advance_inr=rounded(left * F("exchange_rate")),
        )

    def in_state(self, state: str) -> Self:
        match state:
            case PaymentState.ON_ACCOUNT:
                return self.with_advance()
            case PaymentState.ALLOCATED:
                return self.standing().filter(amount__lte=rounded(F("allocated") + F("refunded")))
            case PaymentState.REVERSED:
                return self.exclude(reversed_on=None)
        return self.none()

    def for_list(self) -> Self:
        return self.select_related("account", "recorded_by").prefetch_related("allocations__invoice")


class AllocationQuerySet(FinalRows, QuerySet["Allocation"]):
    def dated_in(self, window: Window) -> Self:
        """Both days included."""
        return self.filter(date__range=(window.start, window.end))


class CreditNoteQuerySet(FinalRows, QuerySet["CreditNote"]):
    searched = ("number", "invoice__number", "account__name")

    def for_list(self) -> Self:
        return self.select_related("account", "invoice")

    def of_gst(self) -> Self:
        """Those that lower the tax that is filed."""
        return self.filter(is_gst=True)

    def dated_in(self, window: Window) -> Self:
        return self.filter(date__range=(window.start, window.end))


class RefundQuerySet(FinalRows, QuerySet["Refund"]):
    searched = ("number", "invoice__number", "account__name")

    def dated_in(self, window: Window) -> Self:
        return self.filter(date__range=(window.start, window.end))

    def counted_on(self, day: date) -> Self:
        """Completed or still processing at the close of the day: what the figures count."""
        return self.filter(Q(status__in=[RefundStatus.PROCESSING, RefundStatus.COMPLETED]) | Q(decided_on__gt=day))

    def for_list(self) -> Self:
        return self.select_related("account", "invoice", "credit_note", "processed_by")


class WriteOffQuerySet(FinalRows, QuerySet["WriteOff"]):
    searched = ("invoice__number", "invoice__account__name", "reason")

    def for_list(self) -> Self:
        return self.select_related("invoice__account", "approved_by")


class ReminderQuerySet(SearchedRows, QuerySet["Reminder"]):
    searched = ("invoice__number", "invoice__account__name", "sent_to")

    def for_list(self) -> Self:
        return self.select_related("invoice__account", "sent_by")


class CollectionNoteQuerySet(SearchedRows, QuerySet["CollectionNote"]):
    searched = ("invoice__number", "invoice__account__name", "text")

    def promises(self) -> Self:
        """Annotates `paid_since`: what was paid of the invoice after the promise, by the day promised."""
        from billing.models import Allocation

        entries = Allocation.objects.filter(
            invoice=OuterRef("invoice"),
            kind="payment",
            created_at__gte=OuterRef("created_at"),
            date__lte=OuterRef("promised_on"),
        )
        paid = Subquery(
            entries.order_by().values("invoice").annotate(total=Sum("amount")).values("total"), output_field=MONEY
        )
        promises = self.filter(kind=CollectionNoteKind.PROMISE)
        return promises.annotate(paid_since=rounded(Coalesce(paid, Value(ZERO), output_field=MONEY)))

    def given_last(self) -> Self:
        """Of each invoice's promises only the one given last: it replaces those before it."""
        newer = self.model._default_manager.filter(
            invoice=OuterRef("invoice"), kind=OuterRef("kind"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(newer))

    def in_state(self, state: str, *, today: date) -> Self:
        """Of promises: kept (the invoice, or the amount promised, was paid by the day), broken, or still open."""
        kept = Q(invoice__settled_on__lte=F("promised_on")) | Q(promised_amount__lte=F("paid_since"))
        match state:
            case PromiseState.KEPT:
                return self.filter(kept)
            case PromiseState.BROKEN:
                return self.filter(promised_on__lt=today).exclude(kept)
            case PromiseState.OPEN:
                return self.filter(promised_on__gt=today + DUE_WITHIN).exclude(kept)
            case PromiseState.DUE:
                return self.filter(promised_on__range=(today, today + DUE_WITHIN)).exclude(kept)
        return self.none()

    def for_list(self) -> Self:
        return self.select_related("invoice__account", "written_by")


class CustomerTaxProfileQuerySet(QuerySet["CustomerTaxProfile"]):
    def incomplete(self) -> Self:
        """Of which an invoice would lack something: the address, or the state of who has no GSTIN."""
        return self.filter(Q(address="") | Q(treatment=Treatment.UNREGISTERED, state_code=""))
