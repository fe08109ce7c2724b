"""Invoices, refunds and returns on pages: what finance does, what others see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from billing.models import CollectionNote, Invoice, Payment, Refund, WriteOff
from csplatform.models import Membership
from tests.factories.documents import D, customer, draft, issued, paid, tax_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


@pytest.fixture
def invoice(farah: Membership) -> Invoice:
    tax_profile(farah.organization)
    return issued(customer(farah.organization, "TechStart <Inc>"), "100", on=date(2026, 10, 1))


def act(client: Any, invoice: Invoice, key: str, **data: Any) -> Any:
    return client.post(reverse(f"billing:invoice_{key}", args=[invoice.uuid]), data)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    farah: Membership, client_for: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    tax_profile(farah.organization)
    for at in range(rows):
        issued(customer(farah.organization, f"Customer {at}"), "100", on=date(2026, 10, 1))

    with django_assert_max_num_queries(35):
        response = client_for(farah).get(reverse("billing:overdue"))

    assert len(response.context["rows"]) == rows


def test_a_draft_is_written_issued_and_paid(farah: Membership, client_for: Any, invoice: Invoice) -> None:
    client = client_for(farah)
    body = {
        "account": invoice.account_id,
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
        "lines-0-description": "Hosting",
        "lines-0-unit_price": "1000",
        "lines-0-quantity": "2",
        "lines-0-kind": "usage",
    }

    response = client.post(reverse("billing:invoice_create"), body)

    made = Invoice.objects.drafts().get()
    assert response["Location"] == made.get_absolute_url()
    assert made.total == D(2360)
    assert act(client, made, "issue", issue_date="2026-11-20").status_code == 302
    assert act(client, made, "pay", amount="3000", received_on="2026-11-20", method="upi").status_code == 302
    made.refresh_from_db()
    assert (made.number, made.outstanding) == ("INV-2026-0002", D(0))
    assert Payment.objects.get().unallocated == D(640)
    assert client.get(reverse("billing:invoice_edit", args=[made.uuid])).status_code == 302


def test_what_finance_does_to_an_invoice(farah: Membership, client_for: Any, invoice: Invoice) -> None:
    client = client_for(farah)

    assert act(client, invoice, "remind", channel="phone").status_code == 302
    assert act(client, invoice, "remind", channel="phone").status_code == 422
    assert act(client, invoice, "note", kind="promise", promised_on="2026-12-01").status_code == 302
    assert act(client, invoice, "note", kind="promise").status_code == 422
    assert (
        act(client, invoice, "refund", amount="18", reason="other", mode="cash", date="2026-11-01").status_code == 302
    )
    refund = Refund.objects.get()
    client.post(reverse("billing:refund_complete", args=[refund.uuid]))
    assert act(client, invoice, "write-off", amount="100", date="2026-11-20", reason="Gone").status_code == 302
    write_off = WriteOff.objects.get()
    client.post(reverse("billing:write_off_reverse", args=[write_off.uuid]))
    assert act(client, invoice, "dispute", is_disputed="on", reason="Wrong price").status_code == 302
    client.post(reverse("billing:invoice_reconcile", args=[invoice.uuid]))

    invoice.refresh_from_db()
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert invoice.outstanding == D(100)
    assert invoice.is_disputed
    assert invoice.reconciled_at is not None
    assert CollectionNote.objects.count() == 1
    assert "CN-2026-0001" in page
    assert "One hundred and eighteen rupees only" in page
    assert "TechStart &lt;Inc&gt;" in page


def test_a_payment_bounces(farah: Membership, client_for: Any, invoice: Invoice) -> None:
    payment = paid(invoice, "118", on=date(2026, 10, 5))
    url = reverse("billing:payment_reverse", args=[payment.uuid])

    assert client_for(farah).get(url).status_code == 200
    assert client_for(farah).post(url, {"on": "2026-10-09", "reason": "Returned"}).status_code == 302

    invoice.refresh_from_db()
    assert invoice.outstanding == D(118)


def test_a_csm_reads_and_is_offered_nothing_to_write(alice: Membership, client_for: Any, invoice: Invoice) -> None:
    client = client_for(alice)

    for name in ("billing:invoice_list", "billing:overdue", "billing:refund_list", "billing:gst"):
        assert client.get(reverse(name)).status_code == 200
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert "Record payment" not in page
    assert client.get(reverse("billing:invoice_pay", args=[invoice.uuid])).status_code == 403
    assert client.get(reverse("billing:invoice_create")).status_code == 403


def test_the_return_and_its_export(farah: Membership, client_for: Any, invoice: Invoice) -> None:
    client = client_for(farah)

    page = client.get(reverse("billing:gst") + "?period=2026-10").content.decode()
    export = b"".join(client.get(reverse("billing:gst") + "?period=2026-10&format=csv")).decode()

    assert "INV-2026-0001" in page
    assert "Not marked reconciled." in page
    assert "Sum,cgst,,,,,,,9.00" in export
    assert client.get(reverse("billing:gst") + "?period=never").status_code == 302


def test_the_export_holds_the_filtered_rows(farah: Membership, client_for: Any, invoice: Invoice) -> None:
    draft(invoice.account, "5")

    export = b"".join(client_for(farah).get(reverse("billing:invoice_export") + "?status=unpaid")).decode()

    assert export.count("\r\n") == 2
    assert "INV-2026-0001" in export
