"""GET /billing-api.php: the contract's shape, its sums, and the figures of documents worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.services.account import update_account
from billing.enums import RefundReason, Treatment
from billing.services.invoice import LineFacts, void_invoice
from billing.services.payment import reverse_payment
from billing.services.refund import complete_refund, request_refund
from billing.services.write_off import write_off_invoice
from csplatform.models import Membership
from tests.contracts import violations
from tests.factories.documents import MAHARASHTRA, customer, issued, paid, with_lut
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
D = Decimal
URL = "/billing-api.php"
PERIODS = ("7days", "15days", "30days", "90days")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


def ask(api_for: Callable[..., APIClient], member: Membership, **query: str) -> dict[str, Any]:
    response = api_for(member).get(URL, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def lakh(text: str) -> Decimal:
    """A KPI as rupees: `₹0.5L` and `₹2,360` alike."""
    number = text.replace("₹", "").replace(",", "")
    if number.endswith("L"):
        return D(number[:-1]) * 100_000
    return D(number[:-2]) * 10_000_000 if number.endswith("Cr") else D(number)


@pytest.mark.parametrize("period", [None, *PERIODS])
def test_an_organisation_without_documents_keeps_to_the_schema(
    api_for, farah: Membership, period: str | None
) -> None:
    body = ask(api_for, farah, **({"period": period} if period else {}))

    assert violations("billing", body) == []
    compared = {"7days": "vs last week", "15days": "vs previous 15 days", "90days": "vs last quarter"}
    trend = f"0% {compared.get(period or '', 'vs last month')}"
    assert body["kpis"]["totalInvoiced"] == {"value": "₹0", "trend": trend}
    assert body["kpis"]["totalCollected"]["subtitle"] == "0% collection rate"
    assert [bucket["amount"] for bucket in body["agingBuckets"]] == ["0.0"] * 4
    assert body["overdueDetails"] == body["alerts"] == body["teamPerformance"] == []


def test_the_keys_come_in_the_order_of_the_contract(api_for, farah: Membership) -> None:
    assert list(ask(api_for, farah)) == [
        "kpis", "collectionEfficiency", "gstSummary", "highRiskCustomers", "salesVsCollection", "agingBuckets",
        "collectionTrend", "refundMetrics", "productRevenue", "overdueDetails", "refundDetails", "gstDetails",
        "customerHealth", "teamPerformance", "alerts",
    ]  # fmt: skip


def a_month(member: Membership) -> None:
    """Three customers and one November, in whole numbers.

    - Karnataka, registered: 1,00,000 + 18,000 GST on 1 Nov, paid in full on the 11th with 10,000 TDS.
    - Maharashtra, registered: 2,00,000 + 36,000 on 5 Nov, paid half (1,18,000) on the 15th.
    - Abroad under LUT: 50,000 on 10 Nov; nothing paid; 5,000 of it refunded as credit on the 18th.
    """
    organization = member.organization
    with_lut(organization)
    home = customer(organization, "Home Ltd", treatment=Treatment.REGISTERED, gstin="29AAPFU0939F1ZR")
    inter = customer(organization, "Inter Ltd", treatment=Treatment.REGISTERED, gstin=MAHARASHTRA)
    abroad = customer(organization, "Abroad Inc", treatment=Treatment.OVERSEAS, country="US")
    first = issued(home, "100000", on=date(2026, 11, 1), owner=member.user)
    second = issued(inter, "200000", on=date(2026, 11, 5), owner=member.user)
    third = issued(abroad, "50000", on=date(2026, 11, 10))
    paid(first, "108000", tds="10000", on=date(2026, 11, 11))
    paid(second, "118000", on=date(2026, 11, 15))
    refund = request_refund(
        by=member.user,
        invoice=third,
        amount=D(5000),
        reason=RefundReason.DOWNTIME_CREDIT,
        mode="credit",
        on=date(2026, 11, 18),
    )
    complete_refund(refund=refund, by=member.user)


def test_a_month_worked_out_by_hand(api_for, farah: Membership) -> None:
    a_month(farah)

    body = ask(api_for, farah)

    kpis = body["kpis"]
    # Invoiced, without GST: 1,00,000 + 2,00,000 + 50,000 = 3,50,000.
    assert kpis["totalInvoiced"] == {"value": "₹3.5L", "trend": "n/a vs last month"}
    # Collected: 1,18,000 and 1,18,000 gross are 1,00,000 and 1,00,000 of value: 2,00,000 of 3,50,000 is 57.1 %.
    assert kpis["totalCollected"] == {"value": "₹2.0L", "subtitle": "57.1% collection rate"}
    # Owed: 1,18,000 by one, 50,000 - 5,000 by the other; nothing is due before 20 November.
    assert kpis["pendingReceivables"] == {"value": "₹1.6L", "customerCount": 2}
    assert kpis["overdueAmount"] == {"value": "₹0", "avgDaysOverdue": 0}
    assert kpis["refundsCredits"] == {"value": "₹5,000", "refundRate": "2.5%"}
    assert kpis["netRealizedRevenue"] == {"value": "₹2.0L", "subtitle": "After refunds"}  # 1,95,000
    # GST: 18,000 + 36,000 + 0 = 54,000 of 3,50,000 - 5,000 = 3,45,000 is 15.65 %.
    assert kpis["gstCollected"] == {"value": "₹0.5L", "percentOfInvoiced": "15.7%"}
    assert kpis["badDebts"] == {"value": "₹0", "writeOffPercent": "0%"}
    # All that should have come in did: nothing is overdue. (118000 x 10 + 118000 x 10) / 236000 = 10 days.
    assert body["collectionEfficiency"] == {
        "collectionRate": "100%",
        "avgCollectionPeriod": "10 days",
        "totalOverdue": "₹0",
    }
    assert body["gstSummary"] == {
        "gstRegisteredB2B": {"amount": "₹3.0L", "invoiceCount": 2, "gstAmount": "₹0.54L"},
        "unregisteredB2C": {"amount": "₹0", "invoiceCount": 0, "gstAmount": "₹0"},
        "overseas": {"amount": "₹0.5L", "invoiceCount": 1, "gstAmount": "₹0"},
    }
    assert body["salesVsCollection"]["labels"] == ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    assert [body["salesVsCollection"][name][-1] for name in ("invoiced", "collected", "pending")] == [3.5, 2, 1.45]
    assert body["refundMetrics"]["reasons"]["values"] == [0, 0, 1, 0, 0]
    assert [(row["customer"], row["cgst"], row["sgst"], row["igst"]) for row in body["gstDetails"]] == [
        ("Abroad Inc", "0", "0", "0"),
        ("Inter Ltd", "0", "0", "36,000"),
        ("Home Ltd", "9,000", "9,000", "0"),
    ]
    assert [row["placeOfSupply"] for row in body["gstDetails"]] == ["USA", "Maharashtra", "Karnataka"]
    assert [(row["name"], row["invoices"], row["amount"], row["collections"]) for row in body["teamPerformance"]] == [
        ("Farah", 2, "3.0L", "2.0L"),
        ("Unassigned", 1, "0.5L", "0.0L"),
    ]
    assert body["teamPerformance"][0]["paymentTime"] == 10
    assert violations("billing", body) == []


@pytest.mark.parametrize("as_of", ["2026-11-20", "2026-11-14", "2026-11-04", "2026-10-31"])
@pytest.mark.parametrize("period", PERIODS)
def test_the_sums_hold_for_every_period_and_day(api_for, farah: Membership, period: str, as_of: str) -> None:
    """What adds up in the contract's sample adds up in ours."""
    a_month(farah)
    late = customer(farah.organization, "Late & Sons", gstin="")
    issued(late, "10000", on=date(2026, 8, 1))  # due on the 16th
    write_off_invoice(
        invoice=issued(late, "1000", on=date(2026, 9, 1)),
        by=farah.user,
        amount=D(1180),
        on=date(2026, 11, 12),
        reason="x",
    )

    body = ask(api_for, farah, period=period, as_of=as_of)

    assert violations("billing", body) == []
    kpis, tenth = body["kpis"], D(10_000)  # one decimal of a lakh
    summary = body["gstSummary"].values()
    assert abs(sum(lakh(part["amount"]) for part in summary) - lakh(kpis["totalInvoiced"]["value"])) <= 2 * tenth
    assert abs(sum(lakh(part["gstAmount"]) for part in summary) - lakh(kpis["gstCollected"]["value"])) <= tenth
    ages = sum(D(bucket["amount"]) for bucket in body["agingBuckets"]) * 100_000
    assert abs(ages - lakh(kpis["overdueAmount"]["value"])) <= 2 * tenth
    assert kpis["overdueAmount"]["value"] == body["collectionEfficiency"]["totalOverdue"]
    assert sum(body["refundMetrics"]["reasons"]["values"]) == body["refundMetrics"]["refundCount"]
    assert kpis["refundsCredits"] == {
        "value": body["refundMetrics"]["totalRefunds"],
        "refundRate": body["refundMetrics"]["refundRate"],
    }
    for series, kpi in (("invoiced", "totalInvoiced"), ("collected", "totalCollected")):
        total = sum(D(str(value)) for value in body["productRevenue"][series]) * 100_000
        assert abs(total - lakh(kpis[kpi]["value"])) <= tenth
    for column, kpi in (("amount", "totalInvoiced"), ("collections", "totalCollected")):
        team = sum(D(row[column].removesuffix("L")) for row in body["teamPerformance"]) * 100_000
        assert abs(team - lakh(kpis[kpi]["value"])) <= 2 * tenth
    for row in body["overdueDetails"]:
        amount, paid_so_far, outstanding = (
            D(row[name].replace(",", "")) for name in ("amount", "paid", "outstanding")
        )
        assert amount - paid_so_far == outstanding


@pytest.mark.parametrize(
    ("days", "status", "bucket"),
    [
        (1, "Low", 0), (14, "Low", 0), (15, "Medium", 0), (30, "Medium", 0),
        (31, "High", 1), (60, "High", 1), (61, "Critical", 2), (90, "Critical", 2), (91, "Critical", 3),
    ],
)  # fmt: skip
def test_days_overdue_decide_on_status_and_bucket(
    api_for, farah: Membership, days: int, status: str, bucket: int
) -> None:
    with_lut(farah.organization)
    due = date.fromordinal(date(2026, 11, 20).toordinal() - days)
    issued(customer(farah.organization), "100000", on=date(2026, 4, 1), due=due)

    body = ask(api_for, farah)

    (row,) = body["overdueDetails"]
    assert (row["daysOverdue"], row["status"], row["statusClass"]) == (days, status, status.lower())
    assert [each["amount"] for each in body["agingBuckets"]] == ["1.2" if at == bucket else "0.0" for at in range(4)]


def test_what_is_due_today_is_not_overdue(api_for, farah: Membership) -> None:
    with_lut(farah.organization)
    issued(customer(farah.organization), "100000", on=date(2026, 11, 1), due=date(2026, 11, 20))

    body = ask(api_for, farah)

    assert body["overdueDetails"] == []
    assert [alert["title"] for alert in body["alerts"]] == ["Payment Reminder"]
    assert body["alerts"][0]["description"] == "1 customer has payments due within next 7 days totaling ₹1.2L."


def test_a_bounced_payment_brings_the_debt_back_and_lowers_that_days_collection(api_for, farah: Membership) -> None:
    """1,18,000 came on 10 October and bounced on 18 November: the last 30 days collected minus 1,00,000."""
    with_lut(farah.organization)
    invoice = issued(customer(farah.organization), "100000", on=date(2026, 10, 1))
    payment = paid(invoice, "118000", on=date(2026, 10, 10))
    reverse_payment(payment=payment, by=farah.user, on=date(2026, 11, 18), reason="Cheque returned")

    now, before = ask(api_for, farah), ask(api_for, farah, as_of="2026-11-17")

    assert now["kpis"]["totalCollected"]["value"] == "-₹1.0L"
    assert now["kpis"]["overdueAmount"]["value"] == "₹1.2L"
    assert before["kpis"]["overdueAmount"]["value"] == "₹0"
    assert now["collectionEfficiency"]["collectionRate"] == "0%"  # kept within 0 and 100


def test_a_past_day_is_answered_from_entries_up_to_it(api_for, farah: Membership) -> None:
    a_month(farah)
    body = ask(api_for, farah, as_of="2026-11-12")

    # By then 1,18,000 had come in, and the refund was not asked for yet.
    assert body["kpis"]["totalCollected"]["value"] == "₹1.0L"
    assert body["kpis"]["pendingReceivables"] == {"value": "₹2.9L", "customerCount": 2}  # 2,36,000 + 50,000
    assert body["refundDetails"] == []


def test_voided_and_draft_invoices_count_nowhere(api_for, farah: Membership) -> None:
    with_lut(farah.organization)
    void_invoice(
        invoice=issued(customer(farah.organization), "100000", on=date(2026, 11, 1)), by=farah.user, reason="Wrong"
    )

    body = ask(api_for, farah)

    assert body["kpis"]["totalInvoiced"]["value"] == "₹0"
    assert body["kpis"]["pendingReceivables"] == {"value": "₹0", "customerCount": 0}


def test_payments_belong_to_products_by_the_value_of_the_lines(api_for, farah: Membership) -> None:
    """30,000 of machines and 10,000 without a product; half is paid: 15,000 and 5,000."""
    organization = farah.organization
    with_lut(organization)
    machines = ProductFactory(organization=organization, billing_label="VMs")
    lines = [LineFacts(unit_price=D(30000), product=machines), LineFacts(unit_price=D(10000))]
    invoice = issued(customer(organization), on=date(2026, 11, 1), lines=lines)
    paid(invoice, "23600", on=date(2026, 11, 5))

    revenue = ask(api_for, farah)["productRevenue"]

    assert revenue["labels"] == ["VMs", "Kubernetes", "Storage", "Databases", "Load Balancer", "DR & Backup"]
    assert revenue["invoiced"] == [0.3, 0, 0, 0, 0, 0.1]
    assert revenue["collected"] == [0.15, 0, 0, 0, 0, 0.05]


def test_customers_show_their_health_and_how_late_they_pay(api_for, farah: Membership) -> None:
    """Due 16 Oct and paid 26 Oct: 10 days; due 16 Nov and not paid by the 20th: 4. The mean is 7."""
    with_lut(farah.organization)
    account = customer(farah.organization, "TechStart Inc")
    update_account(account=account, by=farah.user, arr=D(1020000))
    type(account).objects.filter(pk=account.pk).update(health_score=D("59.9"))
    paid(issued(account, "10000", on=date(2026, 10, 1)), "11800", on=date(2026, 10, 26))
    issued(account, "10000", on=date(2026, 11, 1))

    assert ask(api_for, farah)["customerHealth"] == [
        {
            "name": "TechStart Inc",
            "mrr": "85,000",
            "healthScore": 59,
            "avgDelay": 7,
            "totalOverdues": "11,800",
            "refundCount": 0,
            "riskLevel": "High",
            "riskClass": "high",
        }
    ]


def test_large_old_debts_and_overdue_returns_alarm(api_for, farah: Membership) -> None:
    with_lut(farah.organization)
    issued(customer(farah.organization, "InnovateTech Ltd"), "100000", on=date(2026, 8, 1), due=date(2026, 9, 14))

    alerts = ask(api_for, farah)["alerts"]

    # From 14 September to 20 November are 67 days; the August return was due on 11 September.
    assert alerts == [
        {
            "title": "Large Overdue Amount",
            "description": "InnovateTech Ltd has ₹1.2L overdue for 67+ days. Immediate escalation recommended.",
            "severity": "High",
            "action": "Contact Customer",
        },
        {
            "title": "GST Filing Deadline",
            "description": "GSTR-1 filing overdue by 70 days. 1 invoice pending reconciliation.",
            "severity": "High",
            "action": "Review Invoices",
        },
    ]


@pytest.mark.parametrize(
    ("query", "name"), [({"period": "foo"}, "period"), ({"as_of": "2026-11-21"}, "as_of"), ({"as_of": "x"}, "as_of")]
)
def test_a_bad_parameter_is_400_with_two_keys(api_for, farah: Membership, query: dict[str, str], name: str) -> None:
    response = api_for(farah).get(URL, query)

    body = response.json()
    assert response.status_code == 400
    assert violations("error", body) == []
    assert set(body) == {"error", "message"}
    assert body["message"].startswith(name)


def test_other_methods_and_nobody_get_the_same_two_keys(api_for, client, farah: Membership) -> None:
    for response, status in ((api_for(farah).post(URL), 405), (client.get(URL), 401)):
        assert (response.status_code, set(response.json())) == (status, {"error", "message"})


def test_unchanged_data_is_304(api_for, farah: Membership) -> None:
    a_month(farah)
    client = api_for(farah)

    tag = client.get(URL)["ETag"]

    assert client.get(URL, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert client.get(URL, {"period": "7days"}, HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize("customers", [1, 4])
@pytest.mark.parametrize("as_of", ["2026-11-20", "2026-11-19"])
def test_it_costs_the_same_for_any_number_of_documents(
    api_for, farah: Membership, customers: int, as_of: str, django_assert_max_num_queries
) -> None:
    with_lut(farah.organization)
    for number in range(customers):
        account = customer(farah.organization, f"Customer {number}")
        update_account(account=account, by=farah.user, arr=D(120000))
        type(account).objects.filter(pk=account.pk).update(health_score=D(50))
        paid(issued(account, "10000", "500", on=date(2026, 10, 1), owner=farah.user), "5000", on=date(2026, 11, 3))
        issued(account, "200000", on=date(2026, 8, 1))
    client = api_for(farah)

    with django_assert_max_num_queries(55):
        client.get(URL, {"as_of": as_of})


def test_another_organisation_sees_nothing_of_it(api_for, farah: Membership, mallory: Membership) -> None:
    a_month(farah)

    assert "Home Ltd" not in api_for(mallory).get(URL).content.decode()
    assert ask(api_for, mallory)["kpis"]["totalInvoiced"]["value"] == "₹0"
