"""Statements, ageing and promises: worked through by hand, and equal to the figures of the dashboard."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from billing.enums import AgeBucket
from billing.selectors.ageing import ageing, sums_of
from billing.selectors.dashboard.receivables import receivables
from billing.selectors.dashboard.view import billing_view
from billing.selectors.statement import statement
from billing.services.payment import record_payment, reverse_payment
from billing.services.refund import complete_refund, request_refund
from billing.services.reminder import write_collection_note
from billing.services.write_off import write_off_invoice
from csplatform.models import Membership
from csplatform.periods import Window
from tests.factories.documents import D, customer, draft, issued, paid, tax_profile

pytestmark = pytest.mark.django_db
YEAR = Window(date(2026, 4, 1), date(2026, 11, 20))


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def buyer(farah: Membership) -> Account:
    tax_profile(farah.organization)
    return customer(farah.organization)


def eventful(buyer: Account, farah: Membership) -> None:
    """1,180 and 590 invoiced; 500 paid with 50 withheld; 300 in advance; a cheque of 70 bounced; 118 refunded in
    cash, which first lowers what is owed; 90 written off."""
    first = issued(buyer, "1000", on=date(2026, 8, 1), due=date(2026, 8, 16))
    issued(buyer, "500", on=date(2026, 10, 1), due=date(2026, 10, 16))
    draft(buyer, "7")
    paid(first, "500", tds="50", on=date(2026, 8, 20), reference="UTR 1")
    record_payment(account=buyer, by=None, facts={"amount": D(300), "received_on": date(2026, 9, 5)})
    cheque = record_payment(
        account=buyer, by=None, facts={"amount": D(70), "received_on": date(2026, 9, 7), "method": "cheque"}
    )
    reverse_payment(payment=cheque, by=None, on=date(2026, 9, 10), reason="No cover")
    refund = request_refund(
        invoice=first, by=farah.user, amount=D(118), reason="other", mode="cash", on=date(2026, 9, 15)
    )
    complete_refund(refund=refund, by=farah.user)
    write_off_invoice(invoice=first, by=farah.user, amount=D(90), reason="Gone", on=date(2026, 11, 1))


def test_a_statement_adds_up_line_by_line(buyer: Account, farah: Membership) -> None:
    eventful(buyer, farah)

    found = statement(buyer, YEAR)

    # 1180 − 500 = 680; − 50 = 630; − 300 = 330; − 70 + 70; − 118 = 212; + 590 = 802; − 90 = 712.
    assert [(line.entry.day, line.balance) for line in found.lines] == [
        (date(2026, 8, 1), D(1180)),
        (date(2026, 8, 20), D(680)),
        (date(2026, 8, 20), D(630)),
        (date(2026, 9, 5), D(330)),
        (date(2026, 9, 7), D(260)),
        (date(2026, 9, 10), D(330)),
        (date(2026, 9, 15), D(212)),
        (date(2026, 10, 1), D(802)),
        (date(2026, 11, 1), D(712)),
    ]
    # 1180 − 550 − 118 − 90 = 422 of the first and 590 of the second; 300 are on account.
    assert (found.opening, found.charged, found.credited, found.closing) == (D(0), D(1840), D(1128), D(712))
    assert (found.outstanding, found.on_account) == (D(1012), D(300))


@pytest.mark.parametrize(
    ("day", "outstanding", "closing"),
    [
        (date(2026, 7, 31), "0", "0"),
        (date(2026, 8, 20), "630", "630"),
        (date(2026, 9, 8), "630", "260"),  # 300 and the cheque are on account
        (date(2026, 9, 10), "630", "330"),
        (date(2026, 10, 1), "1102", "802"),
    ],
)
def test_a_statement_of_a_past_day_is_what_it_was(
    buyer: Account, farah: Membership, day: date, outstanding: str, closing: str
) -> None:
    eventful(buyer, farah)

    found = statement(buyer, Window(date(2026, 4, 1), day))

    assert (found.outstanding, found.closing) == (D(outstanding), D(closing))
    owed = receivables(billing_view(buyer.organization, now=timezone.now(), as_of=day)).pending
    assert found.outstanding == owed


def test_a_later_window_opens_with_what_was_before(buyer: Account, farah: Membership) -> None:
    eventful(buyer, farah)

    found = statement(buyer, Window(date(2026, 10, 1), date(2026, 10, 31)))

    assert (found.opening, len(found.lines), found.closing) == (D(212), 1, D(802))


def test_a_cash_refund_of_a_paid_invoice_is_charged_when_it_is_paid_out(buyer: Account, farah: Membership) -> None:
    invoice = issued(buyer, "100", on=date(2026, 10, 1))
    paid(invoice, "118", on=date(2026, 10, 2))
    complete_refund(
        refund=request_refund(
            invoice=invoice, by=farah.user, amount=D(59), reason="other", mode="cash", on=date(2026, 10, 5)
        ),
        by=farah.user,
    )

    found = statement(buyer, YEAR)

    # 118 − 118 − 59 = −59 until it is paid out on the day of completion.
    assert [line.balance for line in found.lines] == [D(118), D(0), D(-59), D(0)]
    assert (found.closing, found.on_account) == (D(0), D(0))


def test_the_statement_page_prints_exports_and_names_wrong_days(
    buyer: Account, farah: Membership, rita: Membership, client_for: Any, api_for: Any
) -> None:
    eventful(buyer, farah)
    client, url = client_for(rita), reverse("billing:statement", args=[buyer.number])

    page = client.get(f"{url}?from=2026-10-01&to=2026-10-31").content.decode()
    export = b"".join(client.get(f"{url}?format=csv")).decode().splitlines()
    wrong = client.get(f"{url}?from=2026-12-01").content.decode()
    answer = api_for(rita).get(f"/api/accounts/{buyer.number}/statement?to=2026-10-31").json()

    assert "212.00" in page
    assert "802.00" in page
    assert export[-1] == "2026-11-20,Closing balance,,1840.00,1128.00,712.00"
    assert "must not be later than to" in wrong
    assert (answer["closing"], answer["outstanding"], answer["on_account"]) == (802, 1102, 300)
    assert api_for(rita).get(f"/api/accounts/{buyer.number}/statement?to=2027-01-01").status_code == 400


@pytest.mark.parametrize("day", [date(2026, 8, 20), date(2026, 10, 16), date(2026, 10, 17), date(2026, 11, 20)])
def test_ageing_adds_up_to_the_dashboard_on_any_day(buyer: Account, farah: Membership, day: date) -> None:
    eventful(buyer, farah)
    issued(customer(farah.organization, "Second Ltd"), "100", on=date(2026, 10, 10), due=date(2026, 10, 20))
    view = billing_view(farah.organization, now=timezone.now(), as_of=day)

    sums, board = sums_of(ageing(view, farah.organization.accounts.all())), receivables(view)

    assert (sums.total, sums.overdue, sums.ages) == (board.pending, board.overdue, board.ages)


def test_the_ageing_page_by_customer(buyer: Account, farah: Membership, client_for: Any, api_for: Any) -> None:
    eventful(buyer, farah)
    second = customer(farah.organization, "Second Ltd")
    issued(second, "100", on=date(2026, 11, 10), due=date(2026, 12, 20))
    client, url = client_for(farah), "/dashboard/billing/ageing"

    page = client.get(url)
    then = client.get(f"{url}?as_of=2026-08-20&q=TechStart")
    export = b"".join(client.get(f"{url}?format=csv")).decode()
    answer = api_for(farah).get("/api/receivables/ageing").json()

    # Due on 16 August: 96 days. Due on 16 October: 35 days.
    first, other = page.context["rows"]
    assert (first.account, first.overdue, first.oldest_days) == (buyer, D(1012), 96)
    assert {bucket: amount for bucket, amount in first.ages.items() if amount} == {
        AgeBucket.OVER_90: D(422),
        AgeBucket.UP_TO_60: D(590),
    }
    assert (other.account, other.not_due, other.overdue) == (second, D(118), D(0))
    assert [row.total for row in then.context["rows"]] == [D(630)]
    assert "TechStart Inc,0.00,0.00,590.00,0.00,422.00,1012.00,1012.00,96" in export
    assert answer["sums"] == {
        "not_due": 118,
        "ages": {"1-30": 0, "31-60": 590, "61-90": 0, "91-": 422},
        "overdue": 1012,
        "total": 1130,
    }
    assert "must not be later than today" in client.get(f"{url}?as_of=2027-01-01").content.decode()
    assert api_for(farah).get("/api/receivables/ageing?as_of=soon").status_code == 400


def test_promises_are_kept_broken_or_due(
    buyer: Account, farah: Membership, client_for: Any, api_for: Any, clock: Any
) -> None:
    invoices = [issued(buyer, "100", on=date(2026, 10, 1), due=date(2026, 10, 16)) for _ in range(5)]
    kept, broken, due, later, part = invoices
    clock.move_to("2026-11-10T06:30:00Z")
    for invoice, day, amount in (
        (kept, date(2026, 11, 14), None),
        (broken, date(2026, 11, 14), None),
        (due, date(2026, 11, 12), None),  # replaced by the next
        (due, date(2026, 11, 26), None),
        (later, date(2026, 11, 27), None),
        (part, date(2026, 11, 14), D(50)),
    ):
        write_collection_note(invoice=invoice, by=farah.user, kind="promise", promised_on=day, promised_amount=amount)
    clock.move_to("2026-11-15T06:30:00Z")
    paid(kept, "118", on=date(2026, 11, 14))
    paid(broken, "118", on=date(2026, 11, 15))  # a day late
    paid(part, "50", on=date(2026, 11, 13))
    clock.move_to("2026-11-20T06:30:00Z")
    client, url = client_for(farah), "/dashboard/billing/promises"

    page = client.get(url)

    assert {note.invoice: state.value for note, state, _ in page.context["rows"]} == {
        kept: "kept",
        broken: "broken",
        due: "due",
        later: "open",
        part: "kept",
    }
    assert [each["label"] for each in page.context["states"]] == [
        "All · 5",
        "Due within a week · 1",
        "Open · 1",
        "Broken · 1",
        "Kept · 2",
    ]
    for state, expected in (("kept", {kept, part}), ("broken", {broken}), ("due", {due}), ("open", {later})):
        listed = client.get(f"{url}?state={state}").context["promises"]
        assert {note.invoice for note in listed} == expected
    (row,) = api_for(farah).get("/api/promises?state=broken").json()["data"]
    assert (row["invoice_number"], row["state"]) == (broken.number, "broken")
    assert b"".join(client.get(f"{url}?format=csv")).decode().count("\r\n") == 6


def test_a_promise_is_written_over_the_api(buyer: Account, farah: Membership, rita: Membership, api_for: Any) -> None:
    invoice = issued(buyer, "100", on=date(2026, 10, 1))
    body = {"invoice_id": str(invoice.uuid), "promised_on": "2026-11-25", "promised_amount": 118}
    api = api_for(farah)

    written = api.post("/api/promises", body, format="json")

    assert (written.status_code, written.json()["state"], written.json()["promised_amount"]) == (201, "due", 118)
    for wrong, field in (({"promised_on": None}, "promised_on"), ({"promised_amount": 119}, "promised_amount")):
        refused = api.post("/api/promises", {**body, **wrong}, format="json")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert api_for(rita).post("/api/promises", body, format="json").status_code == 403


def test_the_high_risk_list_says_why(buyer: Account, farah: Membership, client_for: Any) -> None:
    for _ in range(3):
        issued(buyer, "100", on=date(2026, 10, 1), due=date(2026, 10, 16))
    client = client_for(farah)

    page = client.get("/dashboard/billing/high-risk")

    (row,) = page.context["rows"]
    assert (row.account, row.overdue, row.reasons) == (buyer, D(354), ["3 overdue invoices"])
    assert client.get("/dashboard/billing/payers").status_code == 200
    assert "354.00" in b"".join(client.get("/dashboard/billing/high-risk?format=csv")).decode()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["ageing", "promises", "high-risk", "payers"])
def test_the_pages_cost_the_same_for_any_length(
    farah: Membership, client_for: Any, rows: int, page: str, django_assert_max_num_queries: Any
) -> None:
    tax_profile(farah.organization)
    for at in range(rows):
        invoice = issued(customer(farah.organization, f"C {at}"), "100", on=date(2026, 10, 1), due=date(2026, 10, 16))
        write_collection_note(invoice=invoice, by=farah.user, kind="promise", promised_on=date(2026, 11, 25))

    with django_assert_max_num_queries(42):
        response = client_for(farah).get(f"/dashboard/billing/{page}")

    assert response.status_code == 200
