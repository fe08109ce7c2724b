"""The payments import, through the API: allocated, on account, once, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from billing.models import Allocation, Payment
from billing.services.payment import reverse_payment
from csplatform.models import Membership, Organization
from tests.billing.imports.test_invoices_import import counts, ledger_is_silent, send, undo
from tests.factories.documents import D, customer, issued, paid, tax_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
ApiFor = Callable[..., APIClient]
HEAD = "utr,customer,payment date,amount,tds,invoice,mode\n"


@pytest.fixture
def _noon() -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=True):
        yield


@pytest.fixture
def local(organization: Organization) -> Account:
    tax_profile(organization)
    return customer(organization, "Local")


def invoices(local: Account) -> None:
    """Two of 1,18,000 and one of 59,000."""
    for price in ("100000", "100000", "50000"):
        issued(local, price, on=date(2026, 11, 1))


def settled(organization: Organization) -> list[tuple[str, object, object, object, object]]:
    rows = organization.invoices.order_by("number")
    fields = ("number", "settled", "settled_value_inr", "settled_on", "updated_at")
    return list(rows.values_list(*fields))


FILE = (
    f'{HEAD}U1,Local,2026-11-05,"1,08,000","10,000",inv-2026-0001,Bank transfer\n'
    "U2,Local,2026-11-10,59000,,INV-2026-0002,upi\nU2,Local,2026-11-10,59000,,INV-2026-0003,upi\n"
    "U2,Local,2026-11-10,2000,,,UPI\n"
    "U3,Local,2026-11-12,5000,,,\n"
)


def test_payments_settle_what_they_name_and_the_rest_is_an_advance(
    organization: Organization, local: Account, farah: Membership, api_for: ApiFor
) -> None:
    invoices(local)
    api = api_for(farah)

    first, second = send(api, FILE, kind="payments"), send(api, FILE, kind="payments")

    assert (counts(first), counts(second)) == ((5, 5, 0, 0, 0), (5, 0, 0, 5, 0))
    assert first["details"] == {"payments": 3, "payments_created": 3}
    fields = ("reference", "amount", "tds", "allocated", "allocated_tds", "method", "provider", "tds_certificate")
    assert list(organization.payments.order_by("received_on").values_list(*fields)) == [
        ("U1", D(108_000), D(10_000), D(108_000), D(10_000), "bank", "import", "claimed"),
        ("U2", D(120_000), D(0), D(118_000), D(0), "upi", "import", ""),
        ("U3", D(5_000), D(0), D(0), D(0), "bank", "import", ""),
    ]
    # Half of 1,18,000 is half of the taxable value: 50,000. The third invoice is paid whole.
    assert [row[:4] for row in settled(organization)] == [
        ("INV-2026-0001", D(118_000), D(100_000), date(2026, 11, 5)),
        ("INV-2026-0002", D(59_000), D(50_000), None),
        ("INV-2026-0003", D(59_000), D(50_000), date(2026, 11, 10)),
    ]
    assert local.activities.filter(kind="payment").count() == 3
    ledger_is_silent(organization)


def test_after_the_import_one_click_shows_the_payments(
    local: Account, farah: Membership, api_for: ApiFor, client: Client
) -> None:
    invoices(local)
    done = send(api_for(farah), FILE, kind="payments")
    client.force_login(farah.user)

    page = client.get(f"/dashboard/imports/{done['id']}").content.decode()

    assert 'href="/dashboard/billing/payments">Show payments</a>' in page


BAD = [
    ("U1,Local,2026-11-05,1000,,NONE-1,", "invoice", "is no issued invoice of this account"),
    ("U1,Other,2026-11-05,1000,,INV-2026-0001,", "invoice", "is no issued invoice of this account"),
    ("U1,Local,2026-11-05,118001,,INV-2026-0001,", "invoice", "has 1,18,000 outstanding, less than 1,18,001"),
    ("U1,Local,2026-11-05,118000,1,INV-2026-0001,", "invoice", "has 1,18,000 outstanding, less than 1,18,001"),
    ("U1,Local,2026-11-21,1000,,INV-2026-0001,", "payment date", "lies ahead of today"),
    ("U1,Local,2026-11-05,,,INV-2026-0001,", "amount", "is nothing; a payment is above 0"),
    ("U1,Local,2026-11-05,-5,,INV-2026-0001,", "amount", "is negative"),
    (",Local,2026-11-05,5,,,", "utr", "is empty; without an id the same payment would be written twice"),
    ("U1,Nobody,2026-11-05,5,,,", "customer", "is no account that is there"),
    ("U1,Local,2026-11-05,5,,,barter", "mode", "is not one of Bank transfer, UPI, Card, Cheque, Cash, Other"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "column", "reason"), BAD)
def test_a_bad_payment_is_refused_with_the_reason_and_the_others_are_taken(
    organization: Organization,
    local: Account,
    farah: Membership,
    api_for: ApiFor,
    row: str,
    column: str,
    reason: str,
) -> None:
    invoices(local)
    customer(organization, "Other")

    done = send(api_for(farah), f"{HEAD}{row}\nGOOD,Local,2026-11-05,100,,INV-2026-0003,\n", kind="payments")

    assert [(e["row"], e["column"], e["reason"]) for e in done["errors"]] == [(2, column, reason)]
    assert [each.reference for each in organization.payments.all()] == ["GOOD"]
    ledger_is_silent(organization)


def test_rows_of_one_file_never_settle_more_than_is_outstanding(
    organization: Organization, local: Account, farah: Membership, api_for: ApiFor
) -> None:
    invoices(local)
    rows = "".join(f"U{n},Local,2026-11-05,50000,,INV-2026-0001,\n" for n in (1, 2, 3))

    done = send(api_for(farah), f"{HEAD}{rows}U1,Local,2026-11-06,1,,,\n", kind="payments")

    # U1's rows say two days; of the others 1,00,000 fits into 1,18,000.
    assert [(e["row"], e["reason"]) for e in done["errors"]] == [
        (2, "is of payment U1, of which line 5 cannot be taken"),
        (5, "is not what line 2 says of the same document"),
    ]
    done = send(api_for(farah), f"{HEAD}U4,Local,2026-11-06,18001,,INV-2026-0001,\n", kind="payments")
    assert done["errors"][0]["reason"] == "has 18,000 outstanding, less than 18,001"
    done = send(api_for(farah), f"{HEAD}U2,Local,2026-11-05,50001,,INV-2026-0001,\n", kind="payments")
    assert done["errors"][0]["reason"] == "is a payment that is there already, with other figures"
    assert organization.payments.count() == 2
    ledger_is_silent(organization)


def test_an_undo_leaves_invoices_and_ledger_as_they_were(
    organization: Organization, local: Account, farah: Membership, api_for: ApiFor
) -> None:
    invoices(local)
    paid(organization.invoices.get(number="INV-2026-0002"), "1000", on=date(2026, 11, 2))
    before, told = settled(organization), local.activities.count()
    api = api_for(farah)
    done = send(api, FILE, kind="payments")

    undo(api, done)

    assert settled(organization) == before
    assert (organization.payments.count(), Allocation.objects.count(), local.activities.count()) == (1, 1, told)
    assert [row.history_type for row in Payment.history.filter(reference="U3")] == ["-", "+"]
    ledger_is_silent(organization)
    assert counts(send(api, FILE, kind="payments")) == (5, 5, 0, 0, 0)


def test_an_undo_is_refused_once_the_money_went_on(
    organization: Organization, local: Account, farah: Membership, api_for: ApiFor
) -> None:
    invoices(local)
    api = api_for(farah)
    done = send(api, f"{HEAD}U1,Local,2026-11-05,1000,,INV-2026-0001,\n", kind="payments")
    paid(organization.invoices.get(number="INV-2026-0001"), "1", on=date(2026, 11, 20))
    assert "Invoice INV-2026-0001 was settled further since." in undo(api, done, 409)["message"]

    reverse_payment(
        payment=organization.payments.get(reference="U1"), by=None, on=date(2026, 11, 20), reason="Bounced"
    )

    assert "The payment U1 was allocated, refunded or reversed since." in undo(api, done, 409)["message"]
    assert organization.payments.count() == 2
    ledger_is_silent(organization)


def test_invoices_and_their_payments_are_undone_one_after_the_other(
    organization: Organization, local: Account, farah: Membership, api_for: ApiFor
) -> None:
    api = api_for(farah)
    invoices_done = send(api, "number,account,issue_date,unit_price\nOLD-1,Local,2026-11-01,100\n")
    payments_done = send(api, f"{HEAD}U1,Local,2026-11-05,118,,OLD-1,\n", kind="payments")
    undo(api, invoices_done, 409)

    undo(api, payments_done)
    undo(api, invoices_done)

    assert not organization.invoices.exists()
    assert not organization.payments.exists()
