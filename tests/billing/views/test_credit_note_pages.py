"""Credit notes and filings on pages, and what documents have to say by law."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from billing.models import CreditNote, Invoice, ReturnFiling
from billing.services.refund import complete_refund, request_refund
from csplatform.models import Membership
from tests.factories.documents import KARNATAKA, MAHARASHTRA, D, customer, draft, issued, paid, tax_profile, with_lut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(response.content.decode().replace("<", " <")))


def credited(invoice: Invoice, farah: Membership, amount: str, mode: str = "credit") -> CreditNote:
    refund = request_refund(
        invoice=invoice, by=farah.user, amount=D(amount), reason="billing_error", mode=mode, on=date(2026, 11, 3)
    )
    note = complete_refund(refund=refund, by=farah.user).credit_note
    assert note is not None
    return note


def registered(farah: Membership, **facts: Any) -> Any:
    given = {"treatment": "registered", "gstin": MAHARASHTRA, "address": "5 Fort, Mumbai", **facts}
    return customer(farah.organization, **given)


def test_an_invoice_says_what_the_law_asks(farah: Membership, client_for: Any) -> None:
    """Supplier in Karnataka, customer in Maharashtra: 18 % IGST on 1,000."""
    tax_profile(farah.organization)
    invoice = issued(registered(farah), "1000", on=date(2026, 10, 5))

    text = text_of(client_for(farah).get(invoice.get_absolute_url()))

    for part in (
        "Tax invoice", "INV-2026-0001", "5 Oct 2026", "Maharashtra (27)", "Reverse charge No", "Acme Cloud Pvt Ltd",
        "1 MG Road, Bengaluru", f"GSTIN {KARNATAKA}", "TechStart Inc", "5 Fort, Mumbai", f"GSTIN {MAHARASHTRA}",
        "998315", "1,000.00", "18%", "180.00", "1,180.00", "One thousand, one hundred and eighty rupees only",
    ):  # fmt: skip
        assert part in text, part


def test_taxes_within_a_state_show_half_the_rate_each(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    invoice = issued(customer(farah.organization), "1000", on=date(2026, 10, 5))

    text = text_of(client_for(farah).get(invoice.get_absolute_url()))

    assert text.count("90.00 9%") == 2
    assert "Unregistered" in text


def test_an_export_names_its_undertaking(farah: Membership, client_for: Any) -> None:
    with_lut(farah.organization)
    invoice = issued(customer(farah.organization, treatment="overseas", country="US"), "1000", on=date(2026, 10, 5))

    text = text_of(client_for(farah).get(invoice.get_absolute_url()))

    assert "USA (96)" in text
    assert "Supply meant for export under LUT without payment of IGST (LUT AD290426000001X)" in text


def test_a_credit_note_says_what_the_law_asks_and_lowers_its_invoice(farah: Membership, client_for: Any) -> None:
    """118 of an invoice over 1,180: 100 of value and 18 of IGST."""
    tax_profile(farah.organization)
    invoice = issued(registered(farah), "1000", on=date(2026, 10, 5))
    note = credited(invoice, farah, "118")

    text = text_of(client_for(farah).get(note.get_absolute_url()))

    for part in (
        "Credit note", "CN-2026-0001", "3 Nov 2026", "INV-2026-0001 of 5 Oct 2026", "Billing Error",
        "Acme Cloud Pvt Ltd", f"GSTIN {KARNATAKA}", "TechStart Inc", f"GSTIN {MAHARASHTRA}", "998315", "100.00",
        "18.00", "118.00", "One hundred and eighteen rupees only",
    ):  # fmt: skip
        assert part in text, part


def test_what_is_noted_on_a_credit_note(farah: Membership, rita: Membership, client_for: Any, api_for: Any) -> None:
    tax_profile(farah.organization)
    buyer = registered(farah)
    first = issued(buyer, "1000", on=date(2026, 10, 5))
    paid(first, "1180", on=date(2026, 10, 6))
    note = credited(first, farah, "118")
    second = issued(buyer, "50", on=date(2026, 11, 5))  # 59
    client = client_for(farah)

    def act(key: str, **data: Any) -> None:
        client.post(reverse(f"billing:credit_note_{key}", args=[note.uuid]), data)
        note.refresh_from_db()

    act("reconcile")
    act("itc", status="confirmed")
    act("apply", invoice=second.pk, amount="59")
    act("apply", invoice=second.pk, amount="1")  # nothing is owed any more

    second.refresh_from_db()
    assert note.reconciled_at is not None
    assert note.itc_reversal == "confirmed"
    assert (note.left_over, second.outstanding) == (D(59), D(0))
    assert client_for(rita).get(note.get_absolute_url()).status_code == 200
    refused = client_for(rita).post(reverse("billing:credit_note_itc", args=[note.uuid]), {"status": "pending"})
    assert refused.status_code == 403
    shown = api_for(farah).get(f"/api/credit-notes/{note.uuid}").json()
    assert (shown["taxable"], shown["igst"], shown["left_over"], shown["itc_reversal"]) == (100, 18, 59, "confirmed")
    again = api_for(farah).post(f"/api/credit-notes/{note.uuid}/itc", {"status": "pending"}, format="json")
    assert again.json()["itc_reversal"] == "pending"
    assert api_for(farah).post(f"/api/credit-notes/{note.uuid}/irn", {"irn": "a"}, format="json").status_code == 409


def test_an_unregistered_customer_has_no_credit_to_reverse(farah: Membership, api_for: Any) -> None:
    tax_profile(farah.organization)
    note = credited(issued(customer(farah.organization), "100", on=date(2026, 10, 5)), farah, "10")

    refused = api_for(farah).post(f"/api/credit-notes/{note.uuid}/itc", {"status": "confirmed"}, format="json")

    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        {"status": ["This customer has no input credit to reverse."]},
    )


def test_the_list_of_credit_notes_filters_sums_and_exports(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    first = credited(issued(registered(farah), "1000", on=date(2026, 10, 5)), farah, "118")
    local = issued(customer(farah.organization, "Local"), "100", on=date(2026, 10, 5))
    second = credited(local, farah, "59")
    client, url = client_for(farah), reverse("billing:credit_note_list")

    page = client.get(url)

    assert [note for note, _ in page.context["rows"]] == [second, first]
    assert page.context["total"] == {"taxable": D(150), "tax": D(27)}
    assert list(client.get(f"{url}?itc_reversal=pending").context["notes"]) == [first]
    assert b"".join(client.get(f"{url}?q=Local&format=csv")).decode().count("\r\n") == 2


def test_a_return_is_marked_filed_and_taken_back(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    issued(buyer, "100", on=date(2026, 10, 5))
    client, url = client_for(farah), reverse("billing:gst")
    body = {"period": "2026-10", "filed_on": "2026-11-10", "reference": "aa291026"}

    client.post(reverse("billing:return_file"), body)
    filed = client.get(f"{url}?period=2026-10").content.decode()
    closed = client.post(
        reverse("billing:invoice_issue", args=[draft(buyer, "1").uuid]), {"issue_date": "2026-10-06"}
    )
    client.post(reverse("billing:return_unfile"), {"period": "2026-10", "reason": "Wrong ARN"})
    opened = client.get(f"{url}?period=2026-10").content.decode()

    assert "ARN AA291026" in filed
    assert closed.status_code == 422
    assert "Taken back: Wrong ARN" in opened
    assert farah.organization.tax_profiles.get().filed_periods == []
    assert [each.is_filed for each in ReturnFiling.objects.all()] == [False, True]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"period": "2026-11"}, "period"),  # not over yet
        ({"period": "2026-10", "filed_on": "2026-11-21"}, "filed_on"),
        ({"period": "2026-10", "filed_on": "2026-10-31"}, "filed_on"),
        ({"period": "october"}, "period"),
    ],
)
def test_what_cannot_be_filed_says_why(farah: Membership, api_for: Any, body: Any, field: str) -> None:
    tax_profile(farah.organization)

    refused = api_for(farah).post("/api/gst/filings", body, format="json")

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert not ReturnFiling.objects.exists()


def test_filings_over_the_api(farah: Membership, rita: Membership, api_for: Any) -> None:
    tax_profile(farah.organization, filing_frequency="quarterly")
    api = api_for(farah)

    filed = api.post("/api/gst/filings", {"period": "2026-08", "reference": "AA1"}, format="json")
    twice = api.post("/api/gst/filings", {"period": "2026-09"}, format="json")
    undone = api.post("/api/gst/filings/undo", {"period": "2026-09", "reason": "Rejected"}, format="json")

    assert (filed.status_code, filed.json()["period"], filed.json()["filed_on"]) == (201, "2026-09", "2026-11-20")
    assert twice.status_code == 409
    assert (undone.status_code, undone.json()["is_filed"], undone.json()["reason"]) == (201, False, "Rejected")
    assert api.post("/api/gst/filings/undo", {"period": "2026-09", "reason": "x"}, format="json").status_code == 409
    assert api.get("/api/gst/filings").json()["total"] == 2
    assert api_for(rita).post("/api/gst/filings", {"period": "2026-08"}, format="json").status_code == 403


def test_without_the_library_a_page_says_what_to_do_instead(
    farah: Membership, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    invoice = issued(buyer, "100", on=date(2026, 10, 5))
    note = credited(invoice, farah, "10")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    client = client_for(farah)

    for url in (
        reverse("billing:invoice_pdf", args=[invoice.uuid]),
        reverse("billing:credit_note_pdf", args=[note.uuid]),
        reverse("billing:statement", args=[buyer.number]) + "?format=pdf",
    ):
        refused = client.get(url)
        assert refused.status_code == 503
        assert "Print the page instead" in refused.content.decode()


def test_with_the_library_documents_are_pdfs(farah: Membership, client_for: Any) -> None:
    pytest.importorskip("weasyprint")
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    invoice = issued(buyer, "100", on=date(2026, 10, 5))
    note = credited(invoice, farah, "10")
    client = client_for(farah)

    for url in (
        reverse("billing:invoice_pdf", args=[invoice.uuid]),
        reverse("billing:credit_note_pdf", args=[note.uuid]),
        reverse("billing:statement", args=[buyer.number]) + "?format=pdf",
    ):
        answer = client.get(url)
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


def test_the_list_of_refunds_sums_and_exports(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    invoice = issued(customer(farah.organization), "1000", on=date(2026, 10, 5))
    credited(invoice, farah, "118")
    client, url = client_for(farah), reverse("billing:refund_list")
    rejected = request_refund(invoice=invoice, by=farah.user, amount=D(10), reason="other", mode="cash")
    client.post(reverse("billing:refund_reject", args=[rejected.uuid]))

    page = client.get(f"{url}?sort=amount")

    assert [refund.amount for refund in page.context["refunds"]] == [D(10), D(118)]
    assert page.context["total"] == {"amount": D(128), "counted": D(118)}
    assert b"".join(client.get(f"{url}?status=rejected&format=csv")).decode().count("\r\n") == 2
