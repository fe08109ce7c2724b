"""The billing page says what its JSON says."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest
import time_machine

from csplatform.models import Membership
from tests.factories.documents import customer, issued, paid, with_lut

pytestmark = pytest.mark.django_db
URL = "/dashboard/billing"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


def test_without_invoices_it_says_so_kindly(client_for, farah: Membership) -> None:
    assert "Nothing has been invoiced yet" in client_for(farah).get(URL).content.decode()


@pytest.mark.parametrize("period", ["7days", "15days", "30days", "90days"])
def test_every_figure_of_the_json_stands_on_the_page(client_for, farah: Membership, period: str) -> None:
    with_lut(farah.organization)
    account = customer(farah.organization, "Late & <b>Sons</b>")
    paid(issued(account, "123456", on=date(2026, 11, 16), owner=farah.user), "50000", on=date(2026, 11, 18))
    issued(account, "98765", on=date(2026, 9, 1))
    client = client_for(farah)

    body = client.get("/billing-api.php", {"period": period}).json()
    page = unescape(client.get(URL, {"period": period}).content.decode())

    printed = [
        *(value for kpi in body["kpis"].values() for value in kpi.values() if isinstance(value, str)),
        *(row[name] for row in body["overdueDetails"] for name in ("invoiceNo", "amount", "paid", "outstanding")),
        *(card["amount"] for card in body["gstSummary"].values()),
        *(row[name] for row in body["teamPerformance"] for name in ("name", "amount", "collections")),
        *(alert["description"] for alert in body["alerts"]),
    ]
    missing = [text for text in printed if text not in page]
    assert missing == []
    assert len(printed) > 20


def test_names_are_text_and_never_markup(client_for, farah: Membership) -> None:
    with_lut(farah.organization)
    issued(customer(farah.organization, "<script>alert(1)</script>"), "1000", on=date(2026, 9, 1))

    page = client_for(farah).get(URL).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_period_that_is_none_begins_anew(client_for, farah: Membership) -> None:
    response = client_for(farah).get(URL, {"period": "fortnight"})

    assert (response.status_code, response["Location"]) == (302, URL)


@pytest.mark.parametrize("customers", [1, 3])
def test_it_costs_the_same_for_any_number_of_rows(
    client_for, farah: Membership, customers: int, django_assert_max_num_queries
) -> None:
    with_lut(farah.organization)
    for number in range(customers):
        issued(customer(farah.organization, f"Customer {number}"), "200000", on=date(2026, 8, 1), owner=farah.user)
    client = client_for(farah)

    with django_assert_max_num_queries(60):
        assert client.get(URL).status_code == 200
