"""The demo's tax documents: twelve months of invoices, and what became of them.

Amounts come from the arithmetic that real invoices use; rows are written in bulk, so ten thousand accounts take
seconds. Who pays late, short, or by a cheque that bounces follows from how the account fares."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import models
from django.db.models import F

from accounts.enums import ActivityKind, Band
from accounts.services.activity import Happening, record_activities
from billing.enums import (
    EntryKind,
    IrnStatus,
    ItcReversal,
    PaymentMethod,
    RefundMode,
    RefundReason,
    RefundStatus,
    ReminderChannel,
    Section,
    TdsCertificate,
)
from billing.models import (
    Allocation,
    CollectionNote,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    Payment,
    Refund,
    Reminder,
    TaxProfile,
    WriteOff,
)
from billing.services.invoice import IRN_SECTIONS, customer_snapshot, supplier_snapshot
from billing.tax.amounts import Amounts, sum_of
from billing.tax.numbers import document_number
from billing.tax.reminders import STEPS
from billing.tax.returns import invoice_section, note_section
from billing.tax.settlement import next_share
from csplatform import bulk
from csplatform.formatting import rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO, round2
from csplatform.periods import financial_year
from csplatform.services.sequence import take_numbers
from insights.demo import data
from insights.demo.bills import Bill, bills_of, subscriptions_by_account
from insights.demo.customers import write_profiles, write_tax_profile
from insights.demo.portfolio import AccountPlan
from insights.demo.rows import Opening, Row, drawn_uuid, insert_rows

OWNERS = (data.RAHUL.email, data.CSM.email, "finance@demo.example", None)
OWNER_SHARES = (0.34, 0.3, 0.32, 0.04)
REASONS = tuple(RefundReason)
REASON_SHARES = (0.30, 0.22, 0.19, 0.18, 0.11)
REFUND_SHARE = 0.085
"""Of the invoices; about half of each, and nine in ten are granted: some 4 % of what is collected."""
BOUNCED_SHARE, PARTIAL_SHARE = 0.015, 0.05
PAID_IN_PARTS_FROM = Decimal(5_000)
"""In rupees: of less, nobody pays a part; and a part in whole rupees or dollars is never nothing and never all."""
WRITTEN_OFF_AFTER = 150
TOLD_DAYS = 45
ACCOUNTS_AT_ONCE = 200
"""Their bills are numbered by day, and held together with all that became of them: a dozen or more an account."""


def write_documents(
    organization: Organization,
    planned: Iterable[tuple[int, int, AccountPlan]],
    *,
    seed: int,
    today: date,
    opening: Opening,
) -> int:
    """Store a tax profile, those of the customers, and a year of documents; returns the number of invoices."""
    supplier = write_tax_profile(organization, today=today, with_filings=True)
    planned = list(planned)
    owners: dict[str | None, int | None] = dict(
        User.objects.filter(memberships__organization=organization).values_list("email", "pk")
    )
    products = list(organization.products.order_by("position"))
    writer = _Writer(organization, supplier, owners, today=today, opening=opening)
    for start in range(0, len(planned), ACCOUNTS_AT_ONCE):
        group = planned[start : start + ACCOUNTS_AT_ONCE]
        drawn = {key: np.random.default_rng([seed, at, 4]) for key, at, _ in group}
        profiles = write_profiles(organization, group, drawn, opening=opening)
        subscriptions = subscriptions_by_account(organization, list(drawn))
        bills = [
            bill
            for key, _, plan in group
            for bill in bills_of(
                key, plan, drawn[key], profiles[key], subscriptions.get(key), products, supplier, today=today
            )
        ]
        bills.sort(key=lambda bill: (bill.day, bill.account))
        writer.write(bills)
    return writer.written


class _Writer:
    """Writes one group of accounts' bills, and everything that happened to them."""

    def __init__(
        self,
        organization: Organization,
        supplier: TaxProfile,
        owners: dict[str | None, int | None],
        *,
        today: date,
        opening: Opening,
    ) -> None:
        self.organization, self.supplier, self.owners = organization, supplier, owners
        self.today, self.opening = today, opening
        self.filed = set(supplier.filed_periods)
        self.written = 0

    def write(self, bills: list[Bill]) -> None:
        if not bills:
            return
        self._number(bills)
        self._plan(bills)
        self._insert_invoices(bills)
        self._insert_money()
        self._tell(bills)
        self.written += len(bills)

    def _number(self, bills: list[Bill]) -> None:
        by_year: dict[str, list[Bill]] = defaultdict(list)
        for bill in bills:
            by_year[financial_year(bill.day)].append(bill)
        for year, of_year in by_year.items():
            first = take_numbers(self.organization, f"invoice {self.supplier.gstin} {year}", len(of_year))
            for counter, bill in enumerate(of_year, start=first):
                bill.number = document_number("INV", bill.day, counter)

    # What happens to them

    def _plan(self, bills: list[Bill]) -> None:
        self.payments: list[Row] = []
        self.entries: list[tuple[Bill, Row]] = []
        self.refunds: list[tuple[Bill, Row, Row | None, list[tuple[int, Amounts]]]] = []
        self.write_offs: list[tuple[Bill, Row]] = []
        self.reminders: list[tuple[Bill, Row]] = []
        self.notes: list[tuple[Bill, Row]] = []
        self.owner_of: dict[str, int | None] = {}
        for bill in bills:
            rng = bill.rng
            email = OWNERS[int(rng.choice(len(OWNERS), p=OWNER_SHARES))]
            self.owner_of[bill.number] = self.owners.get(email) if email else None
            self._pay(bill, rng)
            if rng.random() < REFUND_SHARE:
                self._refund(bill, rng)
            late = (self.today - bill.due).days
            if bill.outstanding > 0 and late > WRITTEN_OFF_AFTER:
                self._write_off(bill, rng)
            self._remind(bill, rng)
        self._pay_ahead(bills)

    def _pay(self, bill: Bill, rng: np.random.Generator) -> None:
        """When it is paid, if it is: the worse an account fares, the later."""
        total, band = bill.amounts.total, _band(bill.plan)
        never, (low, high) = {
            Band.HEALTHY: (0.004, (-9, 4)),
            Band.WATCHLIST: (0.012, (-5, 16)),
            Band.AT_RISK: (0.05, (3, 45)),
            Band.CRITICAL: (0.16, (14, 75)),
        }[band]
        if rng.random() < never:
            return
        day = max(bill.due + timedelta(days=int(rng.integers(low, high))), bill.day)
        if day > self.today:
            return
        tds = round2(bill.amounts.taxable * bill.profile.tds_rate / 100)
        if rng.random() < BOUNCED_SHARE and day + timedelta(days=5) <= self.today:
            payment = self._payment(bill, total - tds, tds, day, PaymentMethod.CHEQUE)
            entry = self._enter(bill, EntryKind.PAYMENT, total, day, payment=payment, cash=total - tds, tds=tds)
            bounced = day + timedelta(days=5)
            payment["reversed_on"], payment["reverse_reason"] = bounced, "Cheque returned: funds insufficient"
            self._reverse(bill, entry, bounced)
            day = bounced + timedelta(days=int(rng.integers(5, 25)))
            if day > self.today:
                return
        if rng.random() < PARTIAL_SHARE and bill.in_rupees.total >= PAID_IN_PARTS_FROM:
            part = (total * int(rng.integers(30, 70)) / 100).quantize(Decimal(1))
            payment = self._payment(bill, part, ZERO, day, PaymentMethod.BANK)
            self._enter(bill, EntryKind.PAYMENT, part, day, payment=payment, cash=part)
            day += timedelta(days=int(rng.integers(10, 40)))
            if day > self.today or rng.random() < 0.3:
                return
            tds = min(tds, bill.outstanding)
        method = (PaymentMethod.BANK, PaymentMethod.UPI, PaymentMethod.CARD)[int(rng.choice(3, p=[0.7, 0.2, 0.1]))]
        rest = bill.outstanding
        payment = self._payment(bill, rest - tds, tds, day, method)
        self._enter(bill, EntryKind.PAYMENT, rest, day, payment=payment, cash=rest - tds, tds=tds)

    def _payment(self, bill: Bill, cash: Decimal, tds: Decimal, day: date, method: PaymentMethod) -> Row:
        row = {
            "uuid": drawn_uuid(bill.rng),
            "account_id": bill.account,
            "amount": cash,
            "tds": tds,
            "currency": bill.profile.currency,
            "exchange_rate": bill.rate,
            "received_on": day,
            "method": method.value,
            "reference": f"UTR{int(bill.rng.integers(10**9, 10**10))}",
            "tds_certificate": TdsCertificate.CLAIMED.value if tds else "",
            "allocated": cash,
            "allocated_tds": tds,
            "reversed_on": None,
            "reverse_reason": "",
            "created_at": self.opening(day),
            "updated_at": self.opening(day),
        }
        self.payments.append(row)
        return row

    def _pay_ahead(self, bills: list[Bill]) -> None:
        """A few customers paid before they were invoiced."""
        recent = [bill for bill in bills if bill.day + timedelta(days=40) > self.today]
        for bill in recent[:: max(len(recent) // 4, 1)]:
            advance = self._payment(bill, Decimal(25_000), ZERO, bill.day, PaymentMethod.BANK)
            advance["allocated"] = ZERO

    def _enter(
        self,
        bill: Bill,
        kind: EntryKind,
        amount: Decimal,
        day: date,
        *,
        cash: Decimal = ZERO,
        tds: Decimal = ZERO,
        payment: Row | None = None,
        note: Row | None = None,
        write_off: Row | None = None,
    ) -> Row:
        figures = bill.in_rupees
        row = {
            "uuid": drawn_uuid(bill.rng),
            "kind": kind.value,
            "date": day,
            "cash": cash,
            "tds": tds,
            "amount": amount,
            "amount_inr": next_share(
                part=figures.total,
                whole=bill.amounts.total,
                before=bill.settled,
                amount=amount,
                given=bill.settled_inr,
            ),
            "value_inr": next_share(
                part=figures.taxable,
                whole=bill.amounts.total,
                before=bill.settled,
                amount=amount,
                given=bill.value_inr,
            ),
            "created_at": self.opening(day),
            "payment": payment,
            "note": note,
            "write_off": write_off,
            "reverses": None,
        }
        self._count(bill, row)
        return row

    def _reverse(self, bill: Bill, entry: Row, day: date) -> None:
        opposite = {name: -entry[name] for name in ("cash", "tds", "amount", "amount_inr", "value_inr")}
        row = {**entry, **opposite, "uuid": drawn_uuid(bill.rng), "date": day, "reverses": entry}
        row["created_at"] = self.opening(day)
        self._count(bill, row)

    def _count(self, bill: Bill, row: Row) -> None:
        bill.settled += row["amount"]
        bill.settled_inr += row["amount_inr"]
        bill.value_inr += row["value_inr"]
        if row["kind"] == EntryKind.WRITE_OFF:
            bill.written_off += row["amount"]
        bill.last_entry = max(bill.last_entry or row["date"], row["date"])
        self.entries.append((bill, row))

    def _refund(self, bill: Bill, rng: np.random.Generator) -> None:
        day = bill.day + timedelta(days=int(rng.integers(3, 28)))
        if day > self.today:
            return
        percent = int(rng.integers(15, 90))
        parts = [(at, _percent_of(amounts, percent)) for at, (_, amounts) in enumerate(bill.lines)]
        credited = sum_of([each for _, each in parts])
        if not credited.total:
            return
        fresh = (self.today - day).days < 10
        status = (RefundStatus.COMPLETED, RefundStatus.PROCESSING, RefundStatus.FAILED, RefundStatus.REJECTED)[
            int(rng.choice(4, p=[0.55, 0.35, 0.04, 0.06] if fresh else [0.88, 0.0, 0.05, 0.07]))
        ]
        mode = RefundMode.CASH if rng.random() < 0.7 else RefundMode.CREDIT
        reason = REASONS[int(rng.choice(len(REASONS), p=REASON_SHARES))]
        figures, done = bill.in_rupees, status == RefundStatus.COMPLETED
        total = bill.amounts.total
        refund = {
            "uuid": drawn_uuid(rng),
            "account_id": bill.account,
            "amount": credited.total,
            "amount_inr": next_share(part=figures.total, whole=total, before=ZERO, amount=credited.total, given=ZERO),
            "value_inr": next_share(
                part=figures.taxable, whole=total, before=ZERO, amount=credited.total, given=ZERO
            ),
            "reason": reason.value,
            "mode": mode.value,
            "date": day,
            "status": status.value,
            "decided_on": None if status == RefundStatus.PROCESSING else min(day + timedelta(days=2), self.today),
            "processed_by_id": None if status == RefundStatus.PROCESSING else self.owners.get("finance@demo.example"),
            "created_at": self.opening(day),
            "updated_at": self.opening(day),
        }
        note = self._note(bill, credited, refund, mode) if done else None
        self.refunds.append((bill, refund, note, parts if done else []))

    def _note(self, bill: Bill, credited: Amounts, refund: Row, mode: RefundMode) -> Row:
        day, figures = refund["date"], credited.at_rate(bill.rate)
        section = note_section(self._section(bill))
        applied = min(bill.outstanding, credited.total)
        note = {
            "uuid": drawn_uuid(bill.rng),
            "account_id": bill.account,
            "financial_year": financial_year(day),
            "date": day,
            "reason": refund["reason"],
            "section": section.value,
            "taxable": credited.taxable,
            "cgst": credited.cgst,
            "sgst": credited.sgst,
            "igst": credited.igst,
            "total": credited.total,
            "taxable_inr": figures.taxable,
            "cgst_inr": figures.cgst,
            "sgst_inr": figures.sgst,
            "igst_inr": figures.igst,
            "applied": applied,
            "paid_out": credited.total - applied if mode == RefundMode.CASH else ZERO,
            "itc_reversal": ItcReversal.PENDING.value if section == Section.CDNR else "not_applicable",
            "reconciled_at": self.opening(day) if f"{day:%Y-%m}" in self.filed else None,
            "created_at": self.opening(day),
            "updated_at": self.opening(day),
        }
        if applied:
            # Not before the last thing that happened: what a cheque had settled was not outstanding then.
            self._enter(bill, EntryKind.CREDIT, applied, max(day, bill.last_entry or day), note=note)
        return note

    def _write_off(self, bill: Bill, rng: np.random.Generator) -> None:
        day = min(bill.due + timedelta(days=int(rng.integers(100, WRITTEN_OFF_AFTER))), self.today)
        day = max(day, bill.last_entry or day)
        row = {
            "uuid": drawn_uuid(rng),
            "amount": bill.outstanding,
            "date": day,
            "reason": "No reply to the last reminder; not worth pursuing",
            "approved_by_id": self.owners.get("finance@demo.example"),
            "created_at": self.opening(day),
            "updated_at": self.opening(day),
        }
        self.write_offs.append((bill, row))
        self._enter(bill, EntryKind.WRITE_OFF, bill.outstanding, day, write_off=row)

    def _remind(self, bill: Bill, rng: np.random.Generator) -> None:
        until = bill.last_entry if not bill.outstanding and bill.last_entry else self.today
        for step, after in STEPS.items():
            day = bill.due + timedelta(days=after)
            if after > 0 and day < until and rng.random() < 0.75:
                self.reminders.append(
                    (
                        bill,
                        {
                            "uuid": drawn_uuid(rng),
                            "step": step.value,
                            "channel": (ReminderChannel.PHONE if after >= 30 else ReminderChannel.EMAIL).value,
                            "sent_on": day,
                            "sent_by_id": self.owner_of[bill.number],
                            "created_at": self.opening(day),
                            "updated_at": self.opening(day),
                        },
                    )
                )
        if bill.outstanding and bill.due < self.today and rng.random() < 0.25:
            self.notes.append(
                (
                    bill,
                    {
                        "uuid": drawn_uuid(rng),
                        "kind": "promise",
                        "text": "Their finance team will pay with the next run",
                        "promised_on": self.today + timedelta(days=int(rng.integers(1, 12))),
                        "written_by_id": self.owner_of[bill.number],
                        "created_at": self.opening(self.today - timedelta(days=2)),
                        "updated_at": self.opening(self.today - timedelta(days=2)),
                    },
                )
            )

    def _section(self, bill: Bill) -> Section:
        return invoice_section(
            treatment=bill.profile.treatment,
            place_of_supply=bill.supply.place_of_supply,
            is_inter_state=bill.supply.is_inter_state,
            with_payment=bill.supply.is_with_payment,
            total=bill.in_rupees.total,
            on=bill.day,
        )

    # Rows

    def _insert_invoices(self, bills: list[Bill]) -> None:
        rows = [self._invoice_row(bill) for bill in bills]
        keys = insert_rows(
            Invoice,
            rows,
            organization_id=self.organization.pk,
            state="issued",
            supplier_gstin=self.supplier.gstin,
            reverse_charge=False,
            notes="",
            round_off=ZERO,
            void_reason="",
            is_disputed=False,
            dispute_reason="",
        )
        bulk.record_history(Invoice, keys, kind="+", by=None, reason="Demo data")
        Invoice.history.filter(organization=self.organization).update(history_date=F("issued_at"))
        found = dict(
            self.organization.invoices.filter(issue_date__gte=bills[0].day).order_by().values_list("number", "pk")
        )
        for bill in bills:
            bill.key = found[bill.number]
        lines = [
            {**row, "invoice_id": bill.key, "created_at": self.opening(bill.day)}
            for bill in bills
            for row, _ in bill.lines
        ]
        for row in lines:
            row["updated_at"] = row["created_at"]
        insert_rows(InvoiceLine, lines, organization_id=self.organization.pk, quantity=Decimal(1), discount=ZERO)

    def _invoice_row(self, bill: Bill) -> Row:
        figures, amounts, issued_at = bill.in_rupees, bill.amounts, self.opening(bill.day)
        drafted_at = issued_at - timedelta(hours=int(bill.rng.integers(2, 70)))
        section, old = self._section(bill), f"{bill.day:%Y-%m}" in self.filed
        irn_status, irn = IrnStatus.NOT_REQUIRED, ""
        if section in IRN_SECTIONS:
            waits = not old and bill.rng.random() < 0.06
            irn_status = IrnStatus.PENDING if waits else IrnStatus.GENERATED
            irn = "" if waits else bill.rng.bytes(32).hex()
        reconciled = old or bill.rng.random() < 0.8
        return {
            "uuid": drawn_uuid(bill.rng),
            "account_id": bill.account,
            "number": bill.number,
            "financial_year": financial_year(bill.day),
            "owner_id": self.owner_of[bill.number],
            "supplier": supplier_snapshot(self.supplier, bill.day),
            "customer": customer_snapshot(bill.profile),
            "treatment": bill.profile.treatment,
            "place_of_supply": bill.supply.place_of_supply,
            "country": bill.profile.country,
            "is_inter_state": bill.supply.is_inter_state,
            "is_with_payment": bill.supply.is_with_payment,
            "section": section.value,
            "currency": bill.profile.currency,
            "exchange_rate": bill.rate,
            "issue_date": bill.day,
            "due_date": bill.due,
            "issued_at": issued_at,
            "subscription_id": bill.subscription,
            "period_start": bill.day if bill.subscription else None,
            "taxable": amounts.taxable,
            "cgst": amounts.cgst,
            "sgst": amounts.sgst,
            "igst": amounts.igst,
            "total": amounts.total,
            "taxable_inr": figures.taxable,
            "cgst_inr": figures.cgst,
            "sgst_inr": figures.sgst,
            "igst_inr": figures.igst,
            "total_inr": figures.total,
            "settled": bill.settled,
            "settled_inr": bill.settled_inr,
            "settled_value_inr": bill.value_inr,
            "written_off": bill.written_off,
            "settled_on": bill.last_entry if not bill.outstanding else None,
            "reconciled_at": issued_at + timedelta(days=1) if reconciled else None,
            "irn_status": irn_status.value,
            "irn": irn,
            "irn_acknowledged_at": issued_at if irn else None,
            "created_at": drafted_at,
            "updated_at": issued_at,
        }

    def _insert_money(self) -> None:
        org = {"organization_id": self.organization.pk}
        payments = self._keyed(
            Payment, self.payments, **org, provider="", provider_reference="", refunded=ZERO, recorded_by_id=None
        )
        write_offs = self._keyed(WriteOff, [{**row, "invoice_id": bill.key} for bill, row in self.write_offs], **org)
        notes = self._insert_refunds(org)
        first: list[tuple[Row, Row]] = []
        reversals: list[tuple[Row, Row]] = []
        for bill, row in self.entries:
            stored = {
                **{
                    name: value
                    for name, value in row.items()
                    if name not in {"payment", "note", "write_off", "reverses"}
                },
                "invoice_id": bill.key,
                "payment_id": payments[row["payment"]["uuid"]] if row["payment"] else None,
                "credit_note_id": notes[row["note"]["uuid"]] if row["note"] else None,
                "write_off_id": write_offs[row["write_off"]["uuid"]] if row["write_off"] else None,
            }
            (reversals if row["reverses"] else first).append((row, stored))
        entries = self._keyed(Allocation, [{**stored, "reversal_of_id": None} for _, stored in first], **org)
        self._keyed(
            Allocation,
            [{**stored, "reversal_of_id": entries[row["reverses"]["uuid"]]} for row, stored in reversals],
            **org,
        )
        insert_rows(
            Reminder,
            [{**row, "invoice_id": bill.key} for bill, row in self.reminders],
            **org,
            sent_to="",
            subject="",
            body="",
        )
        insert_rows(CollectionNote, [{**row, "invoice_id": bill.key} for bill, row in self.notes], **org)

    def _insert_refunds(self, org: Row) -> dict[uuid.UUID, int]:
        refunds = sorted(self.refunds, key=lambda each: each[1]["date"])
        _number_rows(self.organization, [row for _, row, _, _ in refunds], "refund {}", "REF")
        made = [(bill, note, parts) for bill, _, note, parts in refunds if note]
        _number_rows(
            self.organization, [note for _, note, _ in made], f"credit note {self.supplier.gstin} {{}}", "CN"
        )
        notes = self._keyed(
            CreditNote,
            [{**note, "invoice_id": bill.key} for bill, note, _ in made],
            **org,
            supplier_gstin=self.supplier.gstin,
            is_gst=True,
            round_off=ZERO,
            irn_status=IrnStatus.NOT_REQUIRED.value,
            irn="",
        )
        lines: dict[int, list[int]] = defaultdict(list)
        of_invoices = self.organization.invoice_lines.filter(invoice__in=[bill.key for bill, _, _ in made])
        for invoice, key in of_invoices.order_by("invoice", "position").values_list("invoice", "pk"):
            lines[invoice].append(key)
        insert_rows(
            CreditNoteLine,
            [
                {
                    "credit_note_id": notes[note["uuid"]],
                    "invoice_line_id": lines[bill.key][at],
                    "taxable": amounts.taxable,
                    "cgst": amounts.cgst,
                    "sgst": amounts.sgst,
                    "igst": amounts.igst,
                }
                for bill, note, parts in made
                for at, amounts in parts
            ],
            **org,
        )
        self._keyed(
            Refund,
            [
                {**row, "invoice_id": bill.key, "credit_note_id": notes[note["uuid"]] if note else None}
                for bill, row, note, _ in refunds
            ],
            **org,
            payment_id=None,
            outcome_note="",
        )
        return notes

    def _keyed(self, model: type[models.Model], rows: list[Row], **constants: Any) -> dict[uuid.UUID, int]:
        """Insert, and return the keys by public id."""
        keys = insert_rows(model, rows, **constants)
        if hasattr(model, "history"):
            bulk.record_history(model, keys, kind="+", by=None, reason="Demo data")
        wanted = {row["uuid"] for row in rows}
        stored = model._default_manager.filter(organization=self.organization).values_list("uuid", "pk")
        return {key: pk for key, pk in stored if key in wanted}

    def _tell(self, bills: list[Bill]) -> None:
        since = self.today - timedelta(days=TOLD_DAYS)
        accounts = self.organization.accounts.in_bulk({bill.account for bill in bills if bill.day >= since})
        record_activities(
            self.organization,
            [
                Happening(
                    account=accounts[bill.account],
                    kind=ActivityKind.INVOICE,
                    title=f"Invoice {bill.number} issued: {rupees_full(bill.in_rupees.total)}",
                    occurred_at=self.opening(bill.day),
                    is_system=True,
                )
                for bill in bills
                if bill.day >= since
            ],
        )


def _number_rows(organization: Organization, rows: list[Row], name: str, prefix: str) -> None:
    by_year: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_year[financial_year(row["date"])].append(row)
    for year, of_year in by_year.items():
        first = take_numbers(organization, name.format(year), len(of_year))
        for counter, row in enumerate(of_year, start=first):
            row["number"] = document_number(prefix, row["date"], counter)


def _percent_of(amounts: Amounts, percent: int) -> Amounts:
    def part(value: Decimal) -> Decimal:
        return round2(value * percent / 100)

    return Amounts(
        taxable=part(amounts.taxable), cgst=part(amounts.cgst), sgst=part(amounts.sgst), igst=part(amounts.igst)
    )


def _band(plan: AccountPlan) -> Band:
    target = plan.arc.target
    if target >= 80:
        return Band.HEALTHY
    return Band.WATCHLIST if target >= 60 else Band.AT_RISK if target >= 40 else Band.CRITICAL
