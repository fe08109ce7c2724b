"""What check_ledger finds among documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import models

from billing.models import CreditNote, Invoice, InvoiceLine, Payment
from billing.selectors.document_checks import document_problems
from billing.services.refund import complete_refund, request_refund
from csplatform.models import Organization
from tests.factories.documents import D, customer, issued, paid, tax_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(organization: Organization) -> Iterator[Organization]:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        tax_profile(organization)
        buyer = customer(organization)
        invoice = issued(buyer, "100", "50", on=date(2026, 11, 1))
        issued(buyer, "10", on=date(2026, 11, 1))
        paid(invoice, "100", on=date(2026, 11, 2))
        complete_refund(refund=request_refund(invoice=invoice, by=None, amount=D(50)), by=None)
        yield organization


def tamper(rows: models.QuerySet, **fields: object) -> None:
    """Past the guards, as only somebody at the database could."""
    models.QuerySet.update(rows, **fields)


def test_what_services_wrote_adds_up(acme: Organization) -> None:
    assert list(document_problems(acme)) == []


@pytest.mark.parametrize(
    ("rows", "fields", "word"),
    [
        (InvoiceLine.objects.filter(position=2), {"taxable_inr": 1}, "its lines come to"),
        (Invoice.objects.filter(number="INV-2026-0001"), {"settled": D("99.99")}, "its entries come to"),
        (Invoice.objects.filter(number="INV-2026-0002"), {"settled_on": date(2026, 11, 3)}, "since when"),
        (Payment.objects.all(), {"allocated": D("99.99")}, "is allocated, it says"),
        (CreditNote.objects.all(), {"applied": D("49.99")}, "is applied, its entries"),
        (Invoice.objects.filter(number="INV-2026-0002"), {"number": "INV-2026-0003"}, "not consecutive"),
    ],
)
def test_what_somebody_changed_is_found(
    acme: Organization, rows: models.QuerySet, fields: dict[str, object], word: str
) -> None:
    tamper(rows.all(), **fields)

    problems = list(document_problems(acme))

    assert len(problems) == 1
    assert word in problems[0]
