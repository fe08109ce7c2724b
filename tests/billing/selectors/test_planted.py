"""Whatever is changed behind the services' back, `check_ledger` finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import models

from accounts.models import Account
from billing.models import Allocation, CreditNote, Invoice, InvoiceLine, MrrMovement, Payment, Refund, Renewal
from billing.selectors.dashboard import contract
from billing.selectors.dashboard_checks import dashboard_problems, line_tax_problems
from billing.selectors.document_checks import document_problems
from billing.selectors.ledger import ledger_problems
from billing.selectors.subscription_ledger import subscription_problems
from billing.services.refund import complete_refund, request_refund
from billing.services.subscription import ItemFacts, start_subscription
from billing.services.write_off import write_off_invoice
from csplatform.models import Organization
from tests.factories.documents import D, customer, issued, paid, tax_profile
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(organization: Organization) -> Iterator[Organization]:
    """Two invoices of October and November: paid, refunded and written off in part; one subscription with a term."""
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        tax_profile(organization)
        buyer = customer(organization)
        invoice = issued(buyer, "100", "50", on=date(2026, 10, 25))
        other = issued(buyer, "1000", on=date(2026, 11, 1))
        paid(invoice, "100", on=date(2026, 11, 2))
        paid(other, "590", on=date(2026, 11, 3))
        complete_refund(refund=request_refund(invoice=invoice, by=None, amount=D(50)), by=None)
        write_off_invoice(invoice=other, by=None, amount=D(118), reason="x", on=date(2026, 11, 10))
        start_subscription(
            account=customer(organization, "Subscriber"),
            items=[ItemFacts(product=ProductFactory(organization=organization), unit_price=D(1000))],
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 8, 31),
            by=None,
        )
        yield organization


def tamper(rows: models.QuerySet[Any], **fields: object) -> None:
    """Past the guards, as only somebody at the database could."""
    models.QuerySet.update(rows, **fields)


def problems(organization: Organization) -> list[str]:
    """Everything that `check_ledger` looks at, of today."""
    return [
        *ledger_problems(organization),
        *subscription_problems(organization),
        *document_problems(organization),
        *line_tax_problems(organization),
        *dashboard_problems(organization, days=(0,)),
    ]


def test_nothing_is_found_where_nothing_was_touched(acme: Organization) -> None:
    assert problems(acme) == []


@pytest.mark.parametrize(
    ("rows", "fields", "told"),
    [
        (lambda: InvoiceLine.objects.filter(position=2), {"taxable_inr": 49}, "its lines come to"),
        (lambda: InvoiceLine.objects.filter(taxable=1000), {"rate": 12}, "of tax, where 12.00 % of 1000.00 is due"),
        (lambda: Invoice.objects.filter(taxable=1000), {"settled": 700}, "is settled, its entries come to"),
        (lambda: Invoice.objects.filter(taxable=1000), {"settled_inr": 700}, "pending comes to"),
        (lambda: Invoice.objects.filter(taxable=1000), {"settled_on": date(2026, 11, 3)}, "since when it is settled"),
        (lambda: Invoice.objects.filter(taxable=1000), {"number": "INV-2026-0009"}, "are not consecutive"),
        (lambda: Payment.objects.filter(amount=590), {"allocated": 1}, "is allocated, it says"),
        (lambda: Allocation.objects.filter(amount=590), {"amount": 500, "cash": 500}, "its entries come to"),
        (lambda: Allocation.objects.filter(amount=590), {"value_inr": 400}, "its entries come to"),
        (lambda: CreditNote.objects.all(), {"applied": D("49.99")}, "is applied, its entries"),
        (lambda: CreditNote.objects.all(), {"number": "CN-2026-0007"}, "credit note numbers"),
        (lambda: MrrMovement.objects.all(), {"amount": 999}, "the ledger says 999.00 a month"),
        (lambda: Account.objects.filter(name="Subscriber"), {"arr": 11_000}, "its subscriptions come to"),
        (
            lambda: Account.objects.filter(name="Subscriber"),
            {"contract_end": date(2027, 8, 30)},
            "its subscriptions run 2026-09-01 to 2027-08-31",
        ),
        (lambda: Renewal.objects.all(), {"due_on": date(2027, 7, 31)}, "has no renewal"),
    ],
)
def test_what_somebody_changed_is_found(
    acme: Organization, rows: Callable[[], models.QuerySet[Any]], fields: dict[str, object], told: str
) -> None:
    tamper(rows(), **fields)

    found = problems(acme)

    assert any(told in line for line in found), found


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ("billing_revenue", "invoiced comes to"),
        ("receivables", "overdue"),
        ("product_revenue", "by products comes to"),
        ("team_rows", "by the team comes to"),
        ("sales_and_collection", "in November comes to"),
    ],
)
def test_a_figure_that_loses_a_row_is_found(
    acme: Organization, monkeypatch: pytest.MonkeyPatch, figure: str, told: str
) -> None:
    """A selector that no longer sees the larger invoice disagrees with everything that does."""
    real = getattr(contract, figure)

    def without_the_larger(view: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(
                type(view), "standing", lambda self: _small(view.organization.invoices.standing_on(view.day))
            )
            patch.setattr(
                type(view), "issued", lambda self: _small(view.organization.invoices.issued_in(view.window))
            )
            return real(view)

    monkeypatch.setattr(contract, figure, without_the_larger)

    assert any(told in line for line in dashboard_problems(acme, today=date(2026, 12, 1), days=(0,)))


def _small(invoices: Any) -> Any:
    return invoices.order_by().exclude(taxable_inr=1000)


def test_a_reason_that_is_not_counted_is_found(acme: Organization) -> None:
    tamper(Refund.objects.all(), reason="unknown")

    assert any("refunds by reason comes to 0, not 1" in line for line in problems(acme))
