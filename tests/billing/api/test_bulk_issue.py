"""`POST /api/invoices/bulk-issue`, and the pages that do the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from billing.models import BillingRun, Invoice
from billing.services.subscription import ItemFacts, start_subscription
from csplatform.models import Membership, Organization
from tests.factories.documents import D, customer, tax_profile
from tests.factories.products import ProductFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
ClientFor = Callable[[Membership], Client]
URL = "/api/invoices/bulk-issue"
PAGE = "/dashboard/billing/runs"
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-20T06:00Z", tick=False):
        yield


@pytest.fixture
def acme(organization: Organization) -> Organization:
    tax_profile(organization)
    return organization


def subscribe(organization: Organization, name: str, price: str = "1000") -> None:
    product = organization.products.first() or ProductFactory(organization=organization)
    items = [ItemFacts(product=product, unit_price=D(price))]
    start_subscription(
        account=customer(organization, name), items=items, starts_on=date(2026, 11, 2), by=None, today=TODAY
    )


def test_a_dry_run_says_what_would_be_billed_and_writes_nothing(
    api_for: ApiFor, acme: Organization, farah: Membership
) -> None:
    subscribe(acme, "One")
    subscribe(acme, "Two", "500")

    body = api_for(farah).post(URL, {"month": "2026-11", "dry_run": True}).json()

    # 1,500 and 270 of GST.
    assert body["message"] == "2 invoices over ₹1,770 with GST."
    assert body["result"] == {
        "dry_run": True,
        "planned": 2,
        "taxable": "1500.00",
        "total": "1770.00",
        "skipped": 0,
        "skipped_by_reason": {},
    }
    assert BillingRun.objects.count() == Invoice.objects.count() == 0


def test_it_issues_shows_and_takes_back(api_for: ApiFor, acme: Organization, farah: Membership) -> None:
    subscribe(acme, "One")

    issued = api_for(farah).post(URL, {"from": "2026-11-01", "to": "2026-11-30"})
    run_id = issued.json()["result"]["billing_run_id"]
    shown = api_for(farah).get(f"{URL}/{run_id}").json()
    undone = api_for(farah).post(f"{URL}/{run_id}/undo")

    assert (issued.status_code, issued.json()["result"]["issued"]) == (200, 1)
    assert issued["Location"] == f"/api/jobs/{issued.json()['id']}"
    assert (shown["from"], shown["to"], shown["result"]["issued"]) == ("2026-11-01", "2026-11-30", 1)
    assert [item["invoice_number"] for item in shown["items"]] == ["INV-2026-0001"]
    assert (undone.status_code, undone.json()["result"]["taken_back"]) == (200, 1)
    assert Invoice.objects.get().state == "void"


def test_who_would_rather_not_wait_gets_202(api_for: ApiFor, acme: Organization, farah: Membership) -> None:
    subscribe(acme, "One")

    response = api_for(farah).post(URL, {"month": "2026-11"}, headers={"Prefer": "respond-async"})

    assert (response.status_code, response.json()["status"]) == (202, "queued")
    assert Invoice.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "month"),
        ({"month": "2026-13"}, "month"),
        ({"month": "2026-11", "from": "2026-11-01"}, "month"),
        ({"from": "2026-11-01"}, "to"),
        ({"from": "2026-11-30", "to": "2026-11-01"}, "from"),
        ({"from": "2024-11-30", "to": "2026-11-01"}, "to"),
        ({"month": "2026-11", "exchange_rates": {"dollar": 84}}, "exchange_rates"),
        ({"month": "2026-11", "exchange_rates": {"USD": 0}}, "exchange_rates.USD"),
        ({"month": "2026-11", "issue_date": "2026-11-21"}, "issue_date"),
    ],
)
def test_bad_input_is_named(
    api_for: ApiFor, acme: Organization, farah: Membership, body: dict[str, Any], field: str
) -> None:
    subscribe(acme, "One")

    response = api_for(farah).post(URL, body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert Invoice.objects.count() == 0


def test_nothing_due_is_a_409(api_for: ApiFor, acme: Organization, farah: Membership) -> None:
    response = api_for(farah).post(URL, {"month": "2026-11"})

    assert response.status_code == 409
    assert response.json()["message"] == "No subscription has an interval that begins on these days."


def test_only_finance_and_admins_bill(
    api_for: ApiFor, client_for: ClientFor, acme: Organization, mona: Membership, rita: Membership
) -> None:
    subscribe(acme, "One")

    for member in (mona, rita):
        assert api_for(member).post(URL, {"month": "2026-11"}).status_code == 403
        assert client_for(member).get(f"{PAGE}/new").status_code == 403
        assert client_for(member).post(f"{PAGE}/start", {"month": "2026-11"}).status_code == 403

    assert Invoice.objects.count() == 0


def test_the_page_previews_bills_and_shows(client_for: ClientFor, acme: Organization, farah: Membership) -> None:
    subscribe(acme, "Orbit Foods")
    browser = client_for(farah)

    preview = browser.get(f"{PAGE}/new", {"month": "2026-11"})
    started = browser.post(f"{PAGE}/start", {"month": "2026-11"}, follow=True)
    runs = browser.get(PAGE)
    again = browser.get(f"{PAGE}/new", {"month": "2026-11"})

    assert preview.context["kpis"] == {"due": 1, "skipped": 0}
    assert "Issue 1 invoice<" in preview.content.decode()
    run = BillingRun.objects.get()
    assert started.redirect_chain == [(run.get_absolute_url(), 302)]
    assert "INV-2026-0001" in started.content.decode()
    assert "November 2026: 1 invoice issued, ₹1,180 with GST." in runs.content.decode()
    assert "Skipped: billed already" in again.content.decode()


def test_the_page_takes_back_and_a_wrong_choice_is_explained(
    client_for: ClientFor, acme: Organization, farah: Membership
) -> None:
    subscribe(acme, "One")
    browser = client_for(farah)
    browser.post(f"{PAGE}/start", {"month": "2026-11", "how": "drafts"})
    run = BillingRun.objects.get()

    page = browser.post(f"{run.get_absolute_url()}/undo", follow=True)
    wrong = browser.get(f"{PAGE}/new", {"start": "2026-11-30", "end": "2026-11-01"})

    assert "November 2026: 1 invoice taken back." in page.content.decode()
    assert Invoice.objects.count() == 0
    assert wrong.status_code == 422
    assert "The last day must not be before the first." in wrong.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_any_number(
    client_for: ClientFor,
    acme: Organization,
    farah: Membership,
    rows: int,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for at in range(rows):
        subscribe(acme, f"Customer {at}")
    browser = client_for(farah)
    browser.get(PAGE)

    with django_assert_max_num_queries(34):
        browser.get(f"{PAGE}/new", {"month": "2026-11"})
    browser.post(f"{PAGE}/start", {"month": "2026-11"})
    with django_assert_max_num_queries(30):
        response = browser.get(BillingRun.objects.get().get_absolute_url())

    assert len(response.context["rows"]) == rows
