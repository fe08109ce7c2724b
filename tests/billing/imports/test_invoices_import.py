"""The invoices import, through the API: every figure held against the law, and all or nothing of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from billing.enums import Treatment
from billing.models import Invoice
from billing.services.invoice import set_dispute
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.documents import KARNATAKA, MAHARASHTRA, D, customer, issued, paid, tax_profile, with_lut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
ApiFor = Callable[..., APIClient]


@pytest.fixture
def _noon() -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=True):
        yield


@pytest.fixture
def acme(organization: Organization) -> Organization:
    tax_profile(organization)
    return organization


def send(api: APIClient, text: str, status: int = 201, kind: str = "invoices", **options: Any) -> dict[str, Any]:
    file = SimpleUploadedFile(f"{kind}.csv", text.encode(), content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": kind, **options}, format="multipart")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def counts(done: dict[str, Any]) -> tuple[int, ...]:
    return tuple(done[name] for name in ("rows", "created", "updated", "unchanged", "rejected"))


def undo(api: APIClient, done: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = api.post(f"/api/imports/{done['id']}/undo")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def ledger_is_silent(organization: Organization) -> None:
    call_command("check_ledger", organization=organization.slug)


FILE = """invoice no,customer,invoice date,due date,gstin,pos,description,qty,price,discount,gst rate,\
taxable,cgst,sgst,igst,total
old/118,Buyer,2026-10-01,2026-10-16,27AAPFU0939F1ZV,27-Maharashtra,Cluster,1,"1,00,000",0,18,100000,0,0,18000,
old/118,Buyer,2026-10-01,,,,Support,2.5,333.33,33.33,18%,800,,,144,118944
OLD/119,Local,02 Nov 2026,,,,Cluster,1,42500.50,,18,42500.50,3825.05,3825.05,0,50150.60
"""


def test_invoices_keep_their_own_numbers_and_the_same_file_again_changes_nothing(
    acme: Organization, farah: Membership, api_for: ApiFor
) -> None:
    buyer = customer(acme, "Buyer", treatment=Treatment.REGISTERED, gstin=MAHARASHTRA)
    local = customer(acme, "Local", payment_terms_days=30)
    api = api_for(farah)

    first, second = send(api, FILE), send(api, FILE)

    assert (counts(first), counts(second)) == ((3, 3, 0, 0, 0), (3, 0, 0, 3, 0))
    assert first["details"] == {"invoices": 2, "invoices_created": 2}
    # 2.5 x 333.33 = 833.325, half up 833.33; less 33.33 = 800.00. 18 % of 1,00,000 + 800 = 18,144, to another state.
    one = Invoice.objects.get(number="OLD/118")
    assert api.get(f"/api/invoices/{one.uuid}").json()["is_imported"] is True
    assert (one.account, one.state, one.is_imported, one.financial_year) == (buyer, "issued", True, "2026-27")
    assert (one.taxable, one.cgst, one.igst, one.total, one.due_date) == (
        *(D("100800.00"), D(0), D("18144.00"), D("118944.00")),
        date(2026, 10, 16),
    )
    assert (one.place_of_supply, one.section, one.customer["gstin"]) == ("27", "B2B", MAHARASHTRA)
    assert [line.description for line in one.lines.order_by("position")] == ["Cluster", "Support"]
    # 9 % of 42,500.50 = 3,825.045, half up 3,825.05, twice. 30 days after 2 November is 2 December.
    two = Invoice.objects.get(number="OLD/119")
    assert (two.account, two.cgst, two.sgst, two.total) == (local, D("3825.05"), D("3825.05"), D("50150.60"))
    assert two.due_date == date(2026, 12, 2)
    assert [row.history_user for row in two.history.all()] == [farah.user]
    line = local.activities.get()
    assert (line.title, line.occurred_at.date(), line.actor) == (
        "Invoice OLD/119 issued: ₹50,150.60",
        date(2026, 11, 2),
        farah.user,
    )
    # The numbers that are given out here are not touched by it.
    assert issued(local, "100", on=date(2026, 11, 20)).number == "INV-2026-0001"
    ledger_is_silent(acme)


BAD = [
    ("INV-2026-0007,Local,2026-11-01,,,1,100,,18,,,,", "number", "is of the series that is given out here, INV-2026-0001 and on"),  # noqa: E501
    ("-12,Local,2026-11-01,,,1,100,,18,,,,", "number", "takes 1 to 16 of A-Z, 0-9, hyphen and slash, and begins with no 0, - or /"),  # noqa: E501
    ("A1,Local,2026-11-21,,,1,100,,18,,,,", "issue_date", "lies ahead of today"),
    ("A1,Local,2026-11-01,27AAPFU0939F1ZX,,1,100,,18,,,,", "gstin", "is no GSTIN: the check character at the end does not fit the rest: look for a typo"),  # noqa: E501
    ("A1,Local,2026-11-01,,27,1,100,,18,,,,", "pos", "is not the place of supply, which is Karnataka"),
    ("A1,Local,2026-11-01,,,1,100,,18,99,,,", "taxable", "is not 100, which follows from price and discount and the place"),  # noqa: E501
    ("A1,Local,2026-11-01,,,1,100,,18,,,18,", "igst", "is not 0, which follows from 18.00 % of 100 and the place"),
    ("A1,Local,2026-11-01,,,1,100,,18,,8.99,,", "cgst", "is not 9, which follows from 18.00 % of 100 and the place"),
    ("A1,Local,2026-11-01,,,1,100,,18,,,,117", "invoice_total", "is not what its rows come to with tax, 118"),
    ("A1,Local,2026-11-01,,,1,,,18,,,,", "number", "needs a unit_price, or a taxable value, in each row"),
    ("A1,Local,2026-11-01,,,1,100,101,18,,,,", "number", "the discount is more than the price"),
    ("A1,Local,2026-11-01,,,0,100,,18,,,,", "quantity", "is not above 0"),
    ("A1,Nobody,2026-11-01,,,1,100,,18,,,,", "account", "is no account that is there"),
    ("A1,Local,,,,1,100,,18,,,,", "issue_date", "is empty; every invoice has its day"),
    ("A1,Local,2026-11-01,,,1,1.005,,18,,,,", "unit_price", "has more than 2 decimals"),
    ("A1,Local,2026-11-01,,,1,0,,18,,,,", "number", "an invoice over nothing cannot be issued"),
]  # fmt: skip
HEAD = "number,account,issue_date,gstin,pos,quantity,unit_price,discount,rate,taxable,cgst,igst,invoice_total\n"


@pytest.mark.parametrize(("row", "column", "reason"), BAD)
def test_a_bad_invoice_is_refused_with_the_reason_and_the_others_are_taken(
    acme: Organization, farah: Membership, api_for: ApiFor, row: str, column: str, reason: str
) -> None:
    customer(acme, "Local")

    done = send(api_for(farah), f"{HEAD}{row}\nGOOD,Local,2026-11-01,,,1,100,,18,100,9,0,118\n")

    assert [(e["row"], e["column"], e["reason"]) for e in done["errors"]] == [(2, column, reason)]
    assert list(acme.invoices.values_list("number", flat=True)) == ["GOOD"]
    ledger_is_silent(acme)


def test_of_an_invoice_all_rows_are_taken_or_none(acme: Organization, farah: Membership, api_for: ApiFor) -> None:
    customer(acme, "Local")
    customer(acme, "Other")
    text = (
        f"{HEAD}"
        "A1,Local,2026-11-01,,,1,100,,18,,,,\nA1,Local,2026-11-01,,,x,100,,18,,,,\n"  # a cell that cannot be read
        "A2,Local,2026-11-01,,,1,100,,18,,,,\nA2,Other,2026-11-01,,,1,100,,18,,,,\n"  # two customers
        "A3,Local,2026-11-01,,,1,100,,18,,,,\nA3,Local,2026-11-02,,,1,100,,18,,,,\n"  # two days
        "A4,Local,2026-11-01,,,1,100,,18,,,,\nA4,Local,2026-11-01,,,1,100,,18,,1,,\n"  # a wrong tax in the second
    )

    done = send(api_for(farah), text)

    assert counts(done) == (8, 0, 0, 0, 8)
    assert [(e["row"], e["column"], e["reason"]) for e in done["errors"]] == [
        (2, "number", "is of invoice A1, of which line 3 cannot be taken"),
        (3, "quantity", "is not a number"),
        (4, "number", "is of invoice A2, of which line 5 cannot be taken"),
        (5, "number", "is the invoice of another account in line 4"),
        (6, "number", "is of invoice A3, of which line 7 cannot be taken"),
        (7, "issue_date", "is not what line 6 says of the same document"),
        (8, "number", "is of invoice A4, of which line 9 cannot be taken"),
        (9, "cgst", "is not 9, which follows from 18.00 % of 100 and the place"),
    ]
    assert not acme.invoices.exists()
    lines = api_for(farah).get(f"/api/imports/{done['id']}/errors.csv").getvalue().decode()
    assert "A4,Local,2026-11-01,,,1,100,,18,,1,," in lines


def test_an_issued_invoice_never_changes_by_a_file(acme: Organization, farah: Membership, api_for: ApiFor) -> None:
    customer(acme, "Local")
    send(api_for(farah), f"{HEAD}A1,Local,2026-11-01,,,1,100,,18,,,,\n")

    done = send(api_for(farah), f"{HEAD}A1,Local,2026-11-01,,,1,200,,18,,,,\n")

    assert done["errors"][0]["reason"] == "is issued already and says something else; an issued invoice never changes"
    assert acme.invoices.get().total == D("118.00")


def test_exports_foreign_money_and_whole_rupees(
    organization: Organization, farah: Membership, api_for: ApiFor
) -> None:
    with_lut(organization)
    customer(organization, "Abroad", treatment=Treatment.OVERSEAS, country="US", currency="USD")
    customer(organization, "Local")
    text = (
        "number,account,issue_date,exchange_rate,unit_price,rate,igst,round_off,total\n"
        "EX-1,Abroad,2026-11-01,84.123456,1000,18,0,,1000\n"
        "EX-2,Abroad,2026-11-01,,1000,18,0,,1000\n"
        "L-1,Local,2026-11-01,,99.99,18,,0.01,118.00\n"
        "L-2,Local,2026-11-01,,99.99,18,,,118\n"
        "L-3,Local,2026-11-01,,99.99,18,,0.02,118.01\n"
    )

    done = send(api_for(farah), text)

    assert [(e["row"], e["reason"]) for e in done["errors"]] == [
        (3, "needs an exchange_rate: the rupees for one USD"),
        # 99.99 + 9.00 + 9.00 = 117.99, 0.01 short of 118.
        (6, "is not 0.01, which makes 117.99 whole rupees"),
    ]
    abroad = organization.invoices.get(number="EX-1")
    # 1,000 x 84.123456 = 84,123.456, half up 84,123.46; under the undertaking without tax.
    assert (abroad.section, abroad.igst, abroad.total, abroad.total_inr) == ("EXPWOP", 0, 1000, D("84123.46"))
    rounded = organization.invoices.filter(number__startswith="L-").values_list(
        "number", "round_off", "total", "total_inr"
    )
    assert sorted(rounded) == [
        ("L-1", D("0.01"), D("118.00"), D("118.00")),
        ("L-2", D("0.01"), D("118.00"), D("118.00")),
    ]
    ledger_is_silent(organization)


def test_an_undo_takes_them_away_until_something_hangs_on_one(
    acme: Organization, farah: Membership, api_for: ApiFor
) -> None:
    customer(acme, "Buyer", treatment=Treatment.REGISTERED, gstin=MAHARASHTRA)
    local = customer(acme, "Local")
    api = api_for(farah)
    done = send(api, FILE)
    undo(api, done)
    assert not acme.invoices.exists()
    assert not acme.invoice_lines.exists()
    assert not local.activities.exists()
    assert [row.history_type for row in Invoice.history.filter(number="OLD/119")] == ["-", "+"]

    again = send(api, FILE)
    payment = paid(acme.invoices.get(number="OLD/119"), "100", on=date(2026, 11, 20))

    assert "Invoice OLD/119 was changed, settled or voided since." in undo(api, again, 409)["message"]
    assert (acme.invoices.count(), payment.allocated) == (2, D("100.00"))
    set_dispute(invoice=acme.invoices.get(number="OLD/118"), by=None, is_disputed=True, reason="Price")
    undo(api, again, 409)
    ledger_is_silent(acme)


def test_a_dry_run_and_a_strict_refusal_write_nothing(acme: Organization, farah: Membership, api_for: ApiFor) -> None:
    customer(acme, "Local")
    rows = (
        "A1,Local,2026-11-01,,,1,100,,18,,,,",
        "A1,Local,2026-11-01,,,1,50,,18,,,,",
        "A2,Local,2026-11-01,,,1,1,,18,,,,9",
    )
    text = HEAD + "\n".join(rows)

    dry = send(api_for(farah), text, dry_run="true")
    strict = send(api_for(farah), text, strict="true")

    assert (counts(dry), strict["status"]) == ((3, 2, 0, 0, 1), "failed")
    assert not acme.invoices.exists()


def test_without_a_tax_profile_nothing_is_taken(
    organization: Organization, farah: Membership, api_for: ApiFor
) -> None:
    AccountFactory(organization=organization, name="Local")

    done = send(api_for(farah), f"{HEAD}A1,Local,2026-11-01,,,1,100,,18,,,,\n")

    assert done["errors"][0]["reason"].startswith("Your organisation has no tax profile yet")


def test_the_samples_import_without_a_complaint(acme: Organization, farah: Membership, api_for: ApiFor) -> None:
    AccountFactory(organization=acme, name="Acme Cloud")
    api = api_for(farah)
    invoices, payments = (
        Path(str(finders.find(f"samples/{name}-sample.csv"))).read_text() for name in ("invoices", "payments")
    )

    assert counts(send(api, invoices)) == (3, 3, 0, 0, 0)
    assert counts(send(api, payments, kind="payments")) == (3, 3, 0, 0, 0)
    ledger_is_silent(acme)


def test_a_piece_costs_the_same_for_any_number_of_invoices(
    acme: Organization, farah: Membership, api_for: ApiFor
) -> None:
    customer(acme, "Local")
    api, costs = api_for(farah), []

    for size in (1, 1, 3):
        rows = "".join(f"A{n}-{len(costs)},Local,2026-11-01,,,1,100,,18,,,,\n" for n in range(size))
        with CaptureQueriesContext(connection) as queries:
            send(api, f"{HEAD}{rows}")
        costs.append(len(queries))

    assert costs[1] == costs[2]


def test_finance_and_admins_bring_documents_and_nobody_else(
    acme: Organization,
    api_for: ApiFor,
    amir: Membership,
    mona: Membership,
    alice: Membership,
    farah: Membership,
    rita: Membership,
    mallory: Membership,
) -> None:
    customer(acme, "Local")
    text = f"{HEAD}A1,Local,2026-11-01,,,1,100,,18,,,,\n"
    for member in (mona, alice, rita):
        send(api_for(member), text, 403)
    send(api_for(farah), "name\nAcme\n", 403, kind="accounts")
    assert not acme.invoices.exists()

    assert counts(send(api_for(amir), text)) == (1, 1, 0, 0, 0)
    tax_profile(mallory.organization, gstin=KARNATAKA)
    assert counts(send(api_for(mallory), text)) == (1, 0, 0, 0, 1)
    assert not mallory.organization.invoices.exists()
