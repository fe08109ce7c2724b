"""Payments on pages: money on account, what it is proposed to settle, and the certificate of tax withheld."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from billing.models import Invoice, Payment
from billing.services.payment import record_payment, reverse_payment
from billing.tax.allocation import Proposed, propose
from csplatform.models import Membership
from tests.factories.documents import D, customer, issued, paid, tax_profile

URL = "/dashboard/billing/payments"


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


def shares(*pairs: tuple[str, str]) -> list[Proposed]:
    return [Proposed(cash=D(cash), tds=D(tds)) for cash, tds in pairs]


@pytest.mark.parametrize(
    ("cash", "tds", "outstanding", "expected"),
    [
        # The oldest is filled, the next gets the rest, the last nothing.
        ("150", "0", ["118", "118", "50"], [("118", "0"), ("32", "0"), ("0", "0")]),
        # 108 + 10 withheld settle 118 and nothing else.
        ("108", "10", ["118", "118"], [("108", "10"), ("0", "0")]),
        # 216 + 20 over two equal ones: ten withheld of each.
        ("216", "20", ["118", "118"], [("108", "10"), ("108", "10")]),
        # More than is owed: the rest stays on account.
        ("500", "0", ["118"], [("118", "0")]),
        # Only tax withheld, more of it than is owed.
        ("0", "20", ["5"], [("0", "5")]),
        # 10.01 withheld of 30 over three of 10: 3.34, 3.33, 3.34 by running sums.
        ("19.99", "10.01", ["10", "10", "10"], [("6.66", "3.34"), ("6.67", "3.33"), ("6.66", "3.34")]),
        ("10", "0", [], []),
    ],
)
def test_the_oldest_invoices_are_proposed_first(
    cash: str, tds: str, outstanding: list[str], expected: list[tuple[str, str]]
) -> None:
    found = propose(cash=D(cash), tds=D(tds), outstanding=[D(each) for each in outstanding])

    assert found == shares(*expected)


@pytest.mark.django_db
@pytest.mark.usefixtures("_noon")
class TestPages:
    def test_an_advance_is_recorded_and_settles_two_invoices_later(self, farah: Membership, client_for: Any) -> None:
        """2,36,000 with 20,000 withheld cover an invoice of 1,18,000 whole and 1,18,000 of another over 2,36,000."""
        tax_profile(farah.organization)
        buyer = customer(farah.organization)
        client = client_for(farah)
        body = {
            "account": buyer.pk,
            "amount": "216000",
            "tds": "20000",
            "received_on": "2026-11-10",
            "method": "bank",
            "reference": "UTR 77",
        }

        created = client.post(reverse("billing:payment_create"), body)
        payment = Payment.objects.get()
        first = issued(buyer, "100000", on=date(2026, 11, 12), due=date(2026, 11, 15))
        second = issued(buyer, "200000", on=date(2026, 11, 12), due=date(2026, 11, 18))
        page = client.get(reverse("billing:payment_allocate", args=[payment.uuid]))
        proposal = {
            f"{name}-{invoice.uuid}": str(field.value() or "")
            for invoice, cash, tds in page.context["form"].rows()
            for name, field in (("cash", cash), ("tds", tds))
        }
        allocated = client.post(reverse("billing:payment_allocate", args=[payment.uuid]), proposal)

        assert created["Location"] == payment.get_absolute_url()
        assert payment.unallocated == D(216000)
        assert proposal == {
            f"cash-{first.uuid}": "108000.00",
            f"tds-{first.uuid}": "10000.00",
            f"cash-{second.uuid}": "108000.00",
            f"tds-{second.uuid}": "10000.00",
        }
        assert allocated["Location"] == payment.get_absolute_url()
        for invoice in (first, second):
            invoice.refresh_from_db()
        assert (first.outstanding, second.outstanding) == (D(0), D(118000))
        shown = client.get(payment.get_absolute_url()).content.decode()
        assert first.number in shown
        assert "certificate claimed" in shown

    def test_more_than_there_is_cannot_be_allocated(self, farah: Membership, client_for: Any) -> None:
        tax_profile(farah.organization)
        buyer = customer(farah.organization)
        invoice = issued(buyer, "100", on=date(2026, 11, 1))
        payment = record_payment(account=buyer, by=None, facts={"amount": D(50)})
        url = reverse("billing:payment_allocate", args=[payment.uuid])
        client = client_for(farah)

        too_much = client.post(url, {f"cash-{invoice.uuid}": "51"})
        nothing = client.post(url, {})

        assert (too_much.status_code, nothing.status_code) == (422, 422)
        assert "50 and 0 of tax withheld left" in too_much.content.decode()
        assert "Name at least one invoice." in nothing.content.decode()
        assert Invoice.objects.get().settled == 0

    def test_a_payment_of_nothing_is_refused_at_its_field(self, farah: Membership, client_for: Any) -> None:
        buyer = customer(farah.organization)
        body = {"account": buyer.pk, "received_on": "2026-11-21", "method": "bank", "amount": "5"}
        client = client_for(farah)

        ahead = client.post(reverse("billing:payment_create"), body)
        empty = client.post(reverse("billing:payment_create"), {**body, "amount": "", "received_on": "2026-11-20"})

        assert ahead.context["form"].errors["received_on"] == ["Money cannot have come ahead of today."]
        assert empty.context["form"].errors["amount"] == ["A payment is above 0."]
        assert not Payment.objects.exists()

    def test_the_list_filters_sums_and_exports(self, farah: Membership, client_for: Any) -> None:
        tax_profile(farah.organization)
        buyer = customer(farah.organization)
        settled = paid(issued(buyer, "100", on=date(2026, 11, 1)), "108", tds="10", on=date(2026, 11, 5))
        advance = record_payment(account=buyer, by=None, facts={"amount": D(50), "received_on": date(2026, 11, 6)})
        bounced = record_payment(account=buyer, by=None, facts={"amount": D(70), "received_on": date(2026, 11, 7)})
        reverse_payment(payment=bounced, by=None, on=date(2026, 11, 8), reason="Returned")
        dollars = record_payment(
            account=buyer,
            by=None,
            facts={
                "amount": D(2),
                "received_on": date(2026, 11, 4),
                "currency": "USD",
                "exchange_rate": D("83.5"),
            },
        )
        client = client_for(farah)

        page = client.get(URL)

        assert list(page.context["payments"]) == [bounced, advance, settled, dollars]
        # 108 + 50 + 2 × 83.50, without the one that bounced; on account 50 + 167.
        assert page.context["total"] == {"amount": D(325), "tds": D(10), "advance": D(217)}
        for query, rows in (
            ("state=on_account", [advance, dollars]),
            ("state=allocated", [settled]),
            ("state=reversed", [bounced]),
            ("certificate=claimed", [settled]),
            ("from=2026-11-06&sort=received", [advance, bounced]),
        ):
            assert list(client.get(f"{URL}?{query}").context["payments"]) == rows, query
        export = b"".join(client.get(f"{URL}?state=reversed&format=csv")).decode()
        assert export.count("\r\n") == 2
        assert "Returned" in export

    def test_the_certificate_is_followed(self, farah: Membership, rita: Membership, client_for: Any) -> None:
        tax_profile(farah.organization)
        payment = paid(
            issued(customer(farah.organization), "100", on=date(2026, 11, 1)), "108", tds="10", on=date(2026, 11, 5)
        )
        url = reverse("billing:payment_certificate", args=[payment.uuid])

        client_for(farah).post(url, {"status": "verified"})
        client_for(farah).post(url, {"status": "lost"})

        payment.refresh_from_db()
        assert payment.tds_certificate == "verified"
        assert client_for(rita).post(url, {"status": "claimed"}).status_code == 403
        assert client_for(rita).get(payment.get_absolute_url()).status_code == 200

    def test_the_api_proposes_and_follows_the_certificate(self, farah: Membership, api_for: Any) -> None:
        tax_profile(farah.organization)
        buyer = customer(farah.organization)
        payment = record_payment(account=buyer, by=None, facts={"amount": D(108), "tds": D(10)})
        invoice = issued(buyer, "100", on=date(2026, 11, 1))
        api = api_for(farah)

        (share,) = api.get(f"/api/payments/{payment.uuid}/proposal").json()
        shown = api.post(f"/api/payments/{payment.uuid}/certificate", {"status": "verified"}, format="json").json()

        assert (share["invoice_number"], share["cash"], share["tds"]) == (invoice.number, 108, 10)
        assert shown["tds_certificate"] == "verified"
        assert api.get("/api/payments?state=on_account").json()["total"] == 1

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_for_any_length(
        self, farah: Membership, client_for: Any, rows: int, django_assert_max_num_queries: Any
    ) -> None:
        tax_profile(farah.organization)
        for at in range(rows):
            paid(
                issued(customer(farah.organization, f"C {at}"), "100", on=date(2026, 11, 1)),
                "5",
                on=date(2026, 11, 5),
            )

        with django_assert_max_num_queries(38):
            page = client_for(farah).get(URL)

        assert len(page.context["payments"]) == rows
