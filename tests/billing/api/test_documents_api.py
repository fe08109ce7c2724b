"""Tax documents over the API: shapes, roles, refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from billing.models import Allocation, Invoice, Payment, Reminder
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.documents import KARNATAKA, MAHARASHTRA, customer, draft, issued, tax_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


@pytest.fixture
def api(farah: Membership, api_for: Any) -> APIClient:
    tax_profile(farah.organization)
    client: APIClient = api_for(farah)
    return client


def post(api: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(f"/api/{path}", body or {}, format="json", headers=headers)


def test_the_organisations_tax_profile(farah: Membership, rita: Membership, api_for: Any) -> None:
    api = api_for(farah)
    assert api.get("/api/organization/tax-profile").status_code == 404
    body = {"gstin": "29-aapfu 0939f1zr", "legal_name": "Acme", "address": "1 MG Road", "filing_frequency": "monthly"}

    answer = api.put("/api/organization/tax-profile", body, format="json")

    assert answer.status_code == 200
    assert (answer.json()["gstin"], answer.json()["state_code"]) == (KARNATAKA, "29")
    assert answer.json()["lut_number"] is None
    for wrong, field in (
        ({"gstin": "29AAPFU0939F1ZA"}, "gstin"),
        ({"state_code": "27"}, "gstin"),
        ({"lut_number": "X"}, "lut_number"),
        ({"lut_number": "X", "lut_valid_from": "2026-04-01", "lut_valid_to": "2027-04-01"}, "lut_valid_to"),
        ({"filed_periods": ["2026-13"]}, "filed_periods"),
        ({"turnover_band": "huge"}, "turnover_band"),
    ):
        refused = api.put("/api/organization/tax-profile", wrong, format="json")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field]), wrong
    stale = api.put(
        "/api/organization/tax-profile", {"legal_name": "X"}, format="json", headers={"If-Match": '"1-1"'}
    )
    assert stale.status_code == 412
    assert api_for(rita).put("/api/organization/tax-profile", body, format="json").status_code == 403


def test_a_customers_tax_profile(api: APIClient, farah: Membership) -> None:
    account = AccountFactory(organization=farah.organization)
    path = f"/api/accounts/{account.number}/tax-profile"
    assert api.get(path).json()["treatment"] == "unregistered"

    answer = api.put(path, {"treatment": "registered", "gstin": MAHARASHTRA, "tds_rate": 10}, format="json")

    assert answer.status_code == 200
    assert (answer.json()["state_code"], answer.json()["tds_rate"], answer.json()["payment_terms_days"]) == (
        "27",
        10.0,
        15,
    )
    for wrong, field in (
        ({"gstin": "27AAPFU0939F1ZW"}, "gstin"),
        ({"state_code": "29"}, "gstin"),
        ({"pan": "AAPFU0939G"}, "pan"),
        ({"treatment": "overseas", "gstin": ""}, "country"),
        ({"country": "QQ"}, "country"),
        ({"payment_terms_days": -1}, "payment_terms_days"),
        ({"customer_type": "Huge"}, "customer_type"),
    ):
        refused = api.put(path, wrong, format="json")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field]), wrong


def test_an_invoice_from_draft_to_reconciled(api: APIClient, farah: Membership) -> None:
    buyer = customer(farah.organization, treatment="registered", gstin=MAHARASHTRA)
    line = {"description": "Hosting", "quantity": 2, "unit_price": 500.25, "discount_pct": 10, "kind": "usage"}
    created = post(api, "invoices", {"account_id": str(buyer.uuid), "issue_date": "2026-11-05", "lines": [line]})

    assert created.status_code == 201
    invoice = created.json()
    # 1000.50 less 100.05 is 900.45; 18 % is 162.081
    assert (invoice["status"], invoice["number"], invoice["taxable"], invoice["igst"], invoice["total"]) == (
        "draft",
        None,
        900.45,
        162.08,
        1062.53,
    )
    assert invoice["owner_id"] == str(farah.user.uuid)
    path = f"invoices/{invoice['id']}"
    changed = api.put(f"/api/{path}", {"due_date": "2026-11-30"}, format="json")
    assert (changed.status_code, changed.json()["total"]) == (200, 1062.53)

    final = post(api, f"{path}/issue", **{"If-Match": ""})

    assert final.status_code == 200
    invoice = final.json()
    assert (invoice["number"], invoice["status"], invoice["section"], invoice["place_of_supply"]) == (
        "INV-2026-0001",
        "unpaid",
        "B2B",
        "27",
    )
    assert (invoice["paid"], invoice["outstanding"], invoice["days_overdue"]) == (0, 1062.53, 0)
    for method, body in (("put", {"notes": "x"}), ("delete", {})):
        refused = getattr(api, method)(f"/api/{path}", body, format="json")
        assert (refused.status_code, refused.json()["error"]) == (409, True)
    assert post(api, f"{path}/issue").status_code == 409
    assert post(api, f"{path}/mark-reconciled").json()["reconciled_at"] is not None
    assert api.get("/api/invoices?status=unpaid&search=0001").json()["total"] == 1
    assert api.get("/api/invoices?status=nonsense").status_code == 400
    csv = b"".join(api.get("/api/invoices?format=csv"))
    assert b"INV-2026-0001" in csv
    assert post(api, f"{path}/void").status_code == 400
    assert post(api, f"{path}/void", {"reason": "Mistake"}).json()["status"] == "void"
    assert api.get(f"/api/{path}/pdf").status_code in {200, 503}


def test_a_draft_is_deleted_and_wrong_bodies_say_what_is_wrong(api: APIClient, farah: Membership) -> None:
    buyer = customer(farah.organization)
    invoice = draft(buyer, "1")
    assert api.delete(f"/api/invoices/{invoice.uuid}").status_code == 204
    for lines in ([{"unit_price": -1}], [{"unit_price": 1, "discount": 2}], [{"unit_price": 1, "sac": "x"}], [{}]):
        assert post(api, "invoices", {"account_id": str(buyer.uuid), "lines": lines}).status_code == 400
    for body in (
        {},
        {"account_id": "nobody"},
        {"account_id": str(buyer.uuid), "currency": "USD"},
        {"account_id": str(buyer.uuid), "exchange_rate": 2},
        {"account_id": str(buyer.uuid), "due_date": "2026-01-01", "issue_date": "2026-02-01"},
    ):
        assert post(api, "invoices", body).status_code == 400, body
    assert not Invoice.objects.exists()


def test_payments_are_recorded_allocated_and_reversed(api: APIClient, farah: Membership) -> None:
    buyer = customer(farah.organization)
    first, second = issued(buyer, "100000", on=date(2026, 11, 1)), issued(buyer, "100", on=date(2026, 11, 1))
    body = {
        "account_id": str(buyer.uuid),
        "amount": 108118,
        "tds": 10000,
        "received_on": "2026-11-10",
        "method": "upi",
        "allocations": [{"invoice_id": str(first.uuid), "cash": 108000, "tds": 10000}],
    }
    again = {"Idempotency-Key": "once"}

    payment = post(api, "payments", body, **again)

    assert payment.status_code == 201
    assert (payment.json()["unallocated"], payment.json()["allocations"][0]["amount"]) == (118, 118000)
    assert api.get(f"/api/invoices/{first.uuid}").json()["status"] == "paid"
    path = f"payments/{payment.json()['id']}"
    too_much = {"allocations": [{"invoice_id": str(second.uuid), "cash": 118.01}]}
    assert post(api, f"{path}/allocate", too_much).status_code == 409
    assert post(api, f"{path}/allocate", {"allocations": [{"invoice_id": "x", "cash": 1}]}).status_code == 400
    exact = {"allocations": [{"invoice_id": str(second.uuid), "cash": 118}]}
    assert post(api, f"{path}/allocate", exact).json()["unallocated"] == 0
    reversed_ = post(api, f"{path}/reverse", {"on": "2026-11-15", "reason": "Charged back"})
    assert (reversed_.status_code, reversed_.json()["reversed_on"]) == (200, "2026-11-15")
    assert api.get(f"/api/invoices/{first.uuid}").json()["outstanding"] == 118000
    assert post(api, f"{path}/reverse", {"reason": "Again"}).status_code == 409
    assert Payment.objects.count() == 1
    assert Allocation.objects.count() == 4


def test_refunds_and_write_offs(api: APIClient, farah: Membership) -> None:
    buyer = customer(farah.organization)
    invoice = issued(buyer, "100", on=date(2026, 11, 1))
    body = {"invoice_id": str(invoice.uuid), "amount": 18, "reason": "billing_error", "date": "2026-11-05"}

    refund = post(api, "refunds", body)

    assert (refund.status_code, refund.json()["number"], refund.json()["status"]) == (
        201,
        "REF-2026-0001",
        "processing",
    )
    done = post(api, f"refunds/{refund.json()['id']}/complete")
    assert (done.json()["status"], done.json()["credit_note"]) == ("completed", "CN-2026-0001")
    assert post(api, f"refunds/{refund.json()['id']}/reject").status_code == 409
    assert post(api, "refunds", {**body, "amount": 100.01}).status_code == 409
    assert post(api, "refunds", {**body, "amount": 0}).status_code == 400

    written = post(api, "write-offs", {"invoice_id": str(invoice.uuid), "amount": 100, "reason": "Insolvent"})

    assert written.status_code == 201
    assert api.get(f"/api/invoices/{invoice.uuid}").json()["status"] == "written_off"
    assert post(api, f"write-offs/{written.json()['id']}/reverse").json()["reversed_on"] == "2026-11-20"
    assert post(api, f"write-offs/{written.json()['id']}/reverse").status_code == 409


def test_reminders_go_out_once_a_step(api: APIClient, farah: Membership) -> None:
    buyer = customer(farah.organization)
    late = issued(buyer, "100", on=date(2026, 10, 20), due=date(2026, 11, 5))
    far = issued(buyer, "100", on=date(2026, 11, 20), due=date(2026, 12, 5))
    body = {"invoice_ids": [str(late.uuid), str(far.uuid)], "channel": "phone"}

    answer = post(api, "reminders", body)

    assert answer.status_code == 201
    assert [(each["status"], each["step"]) for each in answer.json()["reminders"]] == [
        ("sent", "after_15"),
        ("skipped", None),
    ]
    assert post(api, "reminders", body).status_code == 409
    assert Reminder.objects.count() == 1
    (kept,) = api.get("/api/reminders?step=after_15").json()["data"]
    assert (kept["invoice_number"], kept["channel"], kept["sent_to"]) == (late.number, "phone", None)
    assert api.get("/api/reminders?step=never").status_code == 400


def test_what_would_be_sent_is_listed_and_sends_nothing(api: APIClient, farah: Membership) -> None:
    late = issued(customer(farah.organization), "100", on=date(2026, 10, 20), due=date(2026, 11, 5))

    (due,) = api.get("/api/reminders/due").json()["data"]

    assert (due["invoice_number"], due["step"], due["days_overdue"]) == (late.number, "after_15", 15)
    assert due["outstanding"] == 118
    assert "no billing or primary contact" in due["refusal"]
    assert not Reminder.objects.exists()


def test_the_return_lists_documents_by_section(api: APIClient, farah: Membership) -> None:
    issued(customer(farah.organization, treatment="registered", gstin=MAHARASHTRA), "100", on=date(2026, 10, 5))
    issued(customer(farah.organization, "Local"), "50", on=date(2026, 10, 6))

    answer = api.get("/api/gst/gstr1?period=2026-10").json()

    assert sorted(answer["sections"]) == ["B2B", "B2CS"]
    assert answer["sums"] == {"taxable": 150, "cgst": 4.5, "sgst": 4.5, "igst": 18}
    assert [each["reasons"] for each in answer["not_ready"]] == [["Not marked reconciled."]] * 2
    assert answer["due_on"] == "2026-11-11"
    assert api.get("/api/gst/gstr1?period=october").status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_any_length(
    api: APIClient, farah: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    buyer = customer(farah.organization)
    for _ in range(rows):
        issued(buyer, "100", on=date(2026, 11, 1))

    with django_assert_max_num_queries(14):
        answer = api.get("/api/invoices").json()

    assert answer["total"] == rows


def test_a_csm_reads_and_does_not_write(api: APIClient, alice: Membership, api_for: Any) -> None:
    invoice = issued(customer(alice.organization), "100", on=date(2026, 11, 1))
    theirs = api_for(alice)

    assert theirs.get(f"/api/invoices/{invoice.uuid}").status_code == 200
    assert theirs.post(f"/api/invoices/{invoice.uuid}/void", {"reason": "x"}, format="json").status_code == 403
