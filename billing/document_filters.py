"""Narrowing invoices, payments, refunds and write-offs, for pages and the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters

from accounts.list_filter import ListFilter, choice
from accounts.models import Account
from billing.document_querysets import InvoiceQuerySet
from billing.enums import (
    InvoiceStatus,
    ItcReversal,
    PaymentMethod,
    PaymentState,
    ProfileState,
    PromiseState,
    RefundMode,
    RefundReason,
    RefundStatus,
    ReminderChannel,
    ReminderStep,
    Section,
    TdsCertificate,
    Treatment,
)
from billing.models import CollectionNote, CreditNote, Invoice, Payment, Refund, Reminder, WriteOff
from billing.selectors.tax_profiles import with_profile_state
from csplatform import periods

OVERDUE = ("overdue", "Overdue")
YES_NO = [("true", "Yes"), ("false", "No")]


class InvoiceFilter(ListFilter):
    """Filters combine with AND; days are those of issue."""

    dated = "issue_date"

    status = choice([*InvoiceStatus.choices, OVERDUE], label="Status", empty_label="Any status", method="in_state")
    section = choice(Section.choices, label="Section", empty_label="Any section")
    ready = choice(YES_NO, label="Ready to file", empty_label="Ready or not", method="by_readiness")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def by_readiness(self, invoices: InvoiceQuerySet, _: str, value: str) -> InvoiceQuerySet:
        return invoices.ready_to_file() if value == "true" else invoices.not_ready_to_file()

    def in_state(self, invoices: InvoiceQuerySet, _: str, state: str) -> InvoiceQuerySet:
        return invoices.in_status(state, today=periods.today(self.member.organization))


class PaymentFilter(ListFilter):
    """Filters combine with AND; days are those on which money came."""

    dated = "received_on"

    method = choice(PaymentMethod.choices, label="Method", empty_label="Any method")
    state = choice(PaymentState.choices, label="State", empty_label="Any state", method="by_state")
    certificate = choice(
        [(each.value, each.label) for each in TdsCertificate if each.value],
        label="TDS certificate",
        empty_label="Any",
        field_name="tds_certificate",
    )
    reversed = choice(YES_NO, label="Reversed", empty_label="Reversed or not", method="by_reversal")

    class Meta:
        model = Payment
        fields: list[str] = []

    def by_state(self, payments: Any, _: str, state: str) -> Any:
        return payments.in_state(state)

    def by_reversal(self, payments: Any, _: str, value: str) -> Any:
        return payments.exclude(reversed_on=None) if value == "true" else payments.standing()


class RefundFilter(ListFilter):
    """Filters combine with AND; days are those of the record."""

    dated = "date"

    status = choice(RefundStatus.choices, label="Status", empty_label="Any status")
    reason = choice(RefundReason.choices, label="Reason", empty_label="Any reason")
    mode = choice(RefundMode.choices, label="Mode", empty_label="Any mode")
    invoice_id = django_filters.CharFilter(method="of_invoice", max_length=40)

    class Meta:
        model = Refund
        fields: list[str] = []

    def of_invoice(self, refunds: Any, _: str, key: str) -> Any:
        return refunds.filter(invoice__uuid=_uuid(key))


class WriteOffFilter(ListFilter):
    """Filters combine with AND; days are those of writing off."""

    dated = "date"

    reversed = choice(YES_NO, label="Reversed", empty_label="Reversed or not", method="by_reversal")

    class Meta:
        model = WriteOff
        fields: list[str] = []

    def by_reversal(self, write_offs: Any, _: str, value: str) -> Any:
        return write_offs.exclude(reversed_on=None) if value == "true" else write_offs.filter(reversed_on=None)

    def of_account(self, rows: Any, _: str, key: str) -> Any:
        return rows.filter(invoice__account__in=self.member.organization.accounts.with_key(key))

    def by_owner(self, rows: Any, _: str, scope: str) -> Any:
        return rows.filter(
            invoice__account__in=self.member.organization.accounts.for_member_scope(self.member, scope)
        )


class CustomerProfileFilter(ListFilter):
    """Filters combine with AND. Rows are accounts."""

    profile = choice(ProfileState.choices, label="Profile", empty_label="Any", method="by_state")
    treatment = choice(
        Treatment.choices, label="Treatment", empty_label="Any treatment", field_name="tax_profile__treatment"
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def by_state(self, accounts: Any, _: str, state: str) -> Any:
        return with_profile_state(accounts, state)

    def of_account(self, accounts: Any, _: str, key: str) -> Any:
        return accounts.with_key(key)

    def by_owner(self, accounts: Any, _: str, scope: str) -> Any:
        return accounts.for_member_scope(self.member, scope)


class CreditNoteFilter(ListFilter):
    """Filters combine with AND; days are those of the notes."""

    dated = "date"

    reason = choice(RefundReason.choices, label="Reason", empty_label="Any reason")
    itc_reversal = choice(ItcReversal.choices, label="Credit reversed", empty_label="Any")
    is_gst = choice(YES_NO, label="Lowers GST", empty_label="GST or commercial", method="by_kind")
    ready = choice(YES_NO, label="Reconciled", empty_label="Reconciled or not", method="by_readiness")

    class Meta:
        model = CreditNote
        fields: list[str] = []

    def by_kind(self, notes: Any, _: str, value: str) -> Any:
        return notes.filter(is_gst=value == "true")

    def by_readiness(self, notes: Any, _: str, value: str) -> Any:
        return notes.filter(reconciled_at__isnull=value == "false")


class PromiseFilter(ListFilter):
    """Filters combine with AND; days are those promised."""

    dated = "promised_on"

    state = choice(PromiseState.choices, label="State", empty_label="Any state", method="by_state")

    class Meta:
        model = CollectionNote
        fields: list[str] = []

    def by_state(self, rows: Any, _: str, state: str) -> Any:
        return rows.in_state(state, today=periods.today(self.member.organization))

    def of_account(self, rows: Any, _: str, key: str) -> Any:
        return rows.filter(invoice__account__in=self.member.organization.accounts.with_key(key))

    def by_owner(self, rows: Any, _: str, scope: str) -> Any:
        return rows.filter(
            invoice__account__in=self.member.organization.accounts.for_member_scope(self.member, scope)
        )


class DueReminderFilter(ListFilter):
    """Filters combine with AND; days are those on which invoices are due. Rows come from `to_remind`."""

    dated = "due_date"

    step = choice(ReminderStep.choices, label="Step", empty_label="Any step")

    class Meta:
        model = Invoice
        fields: list[str] = []


class ReminderFilter(ListFilter):
    """Filters combine with AND; days are those on which customers were reminded."""

    dated = "sent_on"

    step = choice(ReminderStep.choices, label="Step", empty_label="Any step")
    channel = choice(ReminderChannel.choices, label="Channel", empty_label="Any channel")

    class Meta:
        model = Reminder
        fields: list[str] = []

    def of_account(self, rows: Any, _: str, key: str) -> Any:
        return rows.filter(invoice__account__in=self.member.organization.accounts.with_key(key))

    def by_owner(self, rows: Any, _: str, scope: str) -> Any:
        return rows.filter(
            invoice__account__in=self.member.organization.accounts.for_member_scope(self.member, scope)
        )


def _uuid(text: str) -> UUID:
    """What is no id is that of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
