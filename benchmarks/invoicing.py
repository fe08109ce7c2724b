"""The billing dashboard over a million invoices, beside the same figures in SQL written by hand."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Product
from benchmarks.by_hand import figures_by_hand
from benchmarks.importing import upsert_accounts
from benchmarks.measuring import line, middle_ms, organization
from billing.models import (
    Allocation,
    CreditNote,
    CustomerTaxProfile,
    Invoice,
    InvoiceLine,
    MrrMovement,
    Payment,
    Refund,
    Reminder,
    WriteOff,
)
from csplatform import bulk
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from csplatform.tenancy import organization_scope

ACCOUNTS = 10_000
INVOICES = int(os.environ.get("BENCHMARK_INVOICES", "1000000"))
DAYS = 720
"""Over so many days invoices are spread, evenly."""
PRODUCTS = 6
EARLIER = 40
"""Days ago: what was owed then is worked out from entries."""
TIMES = 3


def dashboard() -> None:
    """Three years of a busy organisation: nearly everything is paid, some of it late, a little never."""
    owner, client = organization("ours")
    with organization_scope(owner, write=True):
        upsert_accounts(owner, ACCOUNTS)
        _fill(owner, civil_today(owner))
        bulk.refresh_statistics()
    today = civil_today(owner)
    _compare(owner, client, "30days", today, "today")
    _compare(owner, client, "90days", today - timedelta(days=EARLIER), f"{EARLIER} days ago")


def _compare(owner: Organization, client: Client, period: str, day: date, told: str) -> None:
    def ours() -> None:
        answer = client.get(f"/billing-api.php?period={period}&as_of={day}")
        assert answer.status_code == 200, answer.content[:500]

    def by_hand() -> None:
        with organization_scope(owner, write=False):
            figures_by_hand(owner, days=int(period.removesuffix("days")), day=day)

    baseline, found = middle_ms(by_hand, times=TIMES, warm_up=1), middle_ms(ours, times=TIMES, warm_up=1)
    line(f"billing dashboard, {period}, {told}", f"{baseline:.0f} ms", f"{found:.0f} ms", f"{found / baseline:.2f}x")


# -- a million rows, without any of them passing through Python ----------------------------------------


def _fill(owner: Organization, today: date) -> None:
    sql = _Dialect(today)
    first = Account.objects.filter(organization=owner).order_by("pk").values_list("pk", flat=True).first() or 1
    products = Product.objects.filter(organization=owner).order_by("pk").values_list("pk", flat=True).first() or 1
    users = owner.memberships.values_list("user", flat=True).first()
    account = f"{first} + i % {ACCOUNTS}"
    base = Invoice.objects.count() + 1
    insert = _Insert(owner)
    # i % 50: 47 of 50 are paid on time or late, one is written off, one is credited, one stays open.
    paid, open_ = "i % 50 < 47", "i % 50 = 49"
    issued = sql.day(f"(i * 7) % {DAYS}")
    due = sql.day(f"(i * 7) % {DAYS} - 15")
    settled = sql.day(f"max_of((i * 7) % {DAYS} - 20 - i % 23, 0)")
    late = sql.day(f"(i * 7) % {DAYS} - 50")
    # What would be paid ahead of today is not paid yet.
    is_paid = f"({paid} AND (i * 7) % {DAYS} > 20 + i % 23)"
    done = f"({is_paid} OR (NOT {open_} AND (i * 7) % {DAYS} > 50 AND NOT ({paid})))"
    insert(
        Invoice,
        INVOICES,
        {
            "id": f"{base} + i",
            "account_id": account,
            "state": "'issued'",
            "number": sql.text("'INV' || i"),
            "financial_year": "'2026-27'",
            "owner_id": str(users),
            "supplier_gstin": "'29AAPFU0939F1ZR'",
            "place_of_supply": "CASE WHEN i % 10 = 0 THEN '96' ELSE '29' END",
            "treatment": "CASE WHEN i % 10 = 0 THEN 'overseas' ELSE 'registered' END",
            "section": "CASE WHEN i % 10 = 0 THEN 'EXPWOP' WHEN i % 3 = 0 THEN 'B2CS' ELSE 'B2B' END",
            "issue_date": issued,
            "due_date": due,
            "issued_at": sql.moment(issued),
            "created_at": sql.moment(issued),
            "updated_at": sql.moment(issued),
            **_amounts(),
            "settled": f"CASE WHEN {done} THEN {_TOTAL} ELSE 0 END",
            "settled_inr": f"CASE WHEN {done} THEN {_TOTAL} ELSE 0 END",
            "settled_value_inr": f"CASE WHEN {done} THEN 1000 + i % 500 ELSE 0 END",
            "settled_on": f"CASE WHEN {is_paid} THEN {settled} WHEN {done} THEN {late} END",
        },
    )
    lines = {"taxable": "1000 + i % 500", "cgst": _HALF, "sgst": _HALF}
    insert(
        InvoiceLine,
        INVOICES,
        {
            "invoice_id": f"{base} + i",
            "product_id": f"{products} + i % {PRODUCTS}",
            "description": "'Service'",
            "sac": "'998315'",
            "unit_price": "1000 + i % 500",
            "rate": "18",
            "gross": "1000 + i % 500",
            "taxable_inr": "1000 + i % 500",
            **lines,
        },
    )
    insert(
        Payment,
        ACCOUNTS,
        {
            "id": "1 + i",
            "account_id": f"{first} + i",
            "amount": "999999999",
            "received_on": sql.day(str(DAYS)),
            "allocated": "0",
        },
    )
    entry = {
        "invoice_id": f"{base} + i",
        "amount": _TOTAL,
        "amount_inr": _TOTAL,
        "value_inr": "1000 + i % 500",
    }
    insert(
        Allocation,
        INVOICES,
        {**entry, "kind": "'payment'", "payment_id": f"1 + i % {ACCOUNTS}", "date": settled, "cash": _TOTAL},
        where=is_paid,
    )
    gone = f"i % 50 = 47 AND (i * 7) % {DAYS} > 50"
    credited = f"i % 50 = 48 AND (i * 7) % {DAYS} > 50"
    insert(
        WriteOff,
        INVOICES,
        {"id": "1 + i", "invoice_id": f"{base} + i", "amount": _TOTAL, "date": late, "reason": "'Gone'"},
        where=gone,
    )
    insert(Allocation, INVOICES, {**entry, "kind": "'write_off'", "write_off_id": "1 + i", "date": late}, where=gone)
    figures = _amounts()
    insert(
        CreditNote,
        INVOICES,
        {
            "id": "1 + i",
            "account_id": account,
            "invoice_id": f"{base} + i",
            "number": sql.text("'CN' || i"),
            "financial_year": "'2026-27'",
            "supplier_gstin": "'29AAPFU0939F1ZR'",
            "section": "'CDNR'",
            "reason": "'other'",
            "date": late,
            "applied": _TOTAL,
            **{name: figures[name] for name in figures},
        },
        where=credited,
    )
    insert(
        Allocation, INVOICES, {**entry, "kind": "'credit'", "credit_note_id": "1 + i", "date": late}, where=credited
    )
    insert(
        Refund,
        INVOICES,
        {
            "account_id": account,
            "invoice_id": f"{base} + i",
            "credit_note_id": "1 + i",
            "number": sql.text("'REF' || i"),
            "amount": _TOTAL,
            "amount_inr": _TOTAL,
            "value_inr": "1000 + i % 500",
            "reason": "CASE i % 3 WHEN 0 THEN 'service_issue' WHEN 1 THEN 'cancellation' ELSE 'other' END",
            "mode": "'credit'",
            "status": "'completed'",
            "date": late,
            "decided_on": late,
            "processed_by_id": str(users),
        },
        where=credited,
    )
    insert(
        Reminder,
        INVOICES,
        {
            "invoice_id": f"{base} + i",
            "step": "'after_7'",
            "channel": "'email'",
            "sent_on": late,
            "sent_by_id": str(users),
        },
        where=f"i % 20 = 0 AND (i * 7) % {DAYS} > 50",
    )
    insert(
        CustomerTaxProfile,
        ACCOUNTS,
        {"account_id": f"{first} + i", "treatment": "'unregistered'", "state_code": "'29'", "customer_type": "'SMB'"},
    )
    insert(
        MrrMovement,
        ACCOUNTS,
        {
            "account_id": f"{first} + i",
            "date": sql.day("700"),
            "kind": "'new'",
            "amount": "1000 + i % 9000",
            "arr_amount": "12 * (1000 + i % 9000)",
        },
    )
    Account.objects.filter(organization=owner).update(arr=Decimal(12_000), health_score=Decimal(71))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('billing_invoice', 'id'), %s)", [base + INVOICES])


_HALF = "CASE WHEN i % 10 = 0 THEN 0 ELSE 9 * (1000 + i % 500) / 100.0 END"
_TOTAL = "CASE WHEN i % 10 = 0 THEN 1000 + i % 500 ELSE 118 * (1000 + i % 500) / 100.0 END"


def _amounts() -> dict[str, str]:
    figures = {"taxable": "1000 + i % 500", "cgst": _HALF, "sgst": _HALF, "igst": "0", "total": _TOTAL}
    return figures | {f"{name}_inr": value for name, value in figures.items()}


class _Dialect:
    """Where the two databases write the same thing differently."""

    def __init__(self, today: date) -> None:
        self.today, self.is_postgresql = today, connection.vendor == "postgresql"

    def day(self, back: str) -> str:
        """So many days before today."""
        back = back.replace("max_of", "GREATEST" if self.is_postgresql else "max")
        if self.is_postgresql:
            return f"(DATE '{self.today}' - ({back})::int)"
        return f"date('{self.today}', (-({back})) || ' days')"

    def moment(self, day: str) -> str:
        return f"({day})::timestamptz" if self.is_postgresql else f"({day}) || ' 06:00:00'"

    def text(self, expression: str) -> str:
        return expression.replace("|| i", "|| i::text") if self.is_postgresql else expression


class _Insert:
    """`INSERT … SELECT` from a run of numbers `i`; columns that are not given get the model's defaults."""

    def __init__(self, owner: Organization) -> None:
        self.owner = owner

    def __call__(
        self, model: type[models.Model], count: int, given: Mapping[str, str], *, where: str = "1 = 1"
    ) -> None:
        columns, expressions, parameters = [], [], []
        for field in model._meta.concrete_fields:
            name = field.column
            if field.primary_key and name not in given:
                continue
            columns.append(name)
            if name in given:
                expressions.append(given[name])
            elif isinstance(field, models.UUIDField):
                expressions.append(
                    "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
                )
            else:
                expressions.append("%s")
                parameters.append(self._default(field))
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1})"
        select = ", ".join(each.replace("%", "%%") if each != "%s" else each for each in expressions)
        statement = (
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
            f"{numbers} SELECT {select} FROM n WHERE {where.replace('%', '%%')}"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def _default(self, field: models.Field[Any, Any]) -> Any:
        if field.column == "organization_id":
            return self.owner.pk
        if isinstance(field, models.DateTimeField) and not field.null:
            return timezone.now()
        value = field.get_default()
        if isinstance(value, uuid.UUID):
            return value
        return field.get_db_prep_save(value, connection)
