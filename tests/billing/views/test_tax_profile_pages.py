"""Tax profiles on pages: what is refused and why, who lacks one, and who looks after an invoice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from billing.models import Invoice
from billing.services.settings import save_billing_settings
from billing.services.tax_profile import save_customer_tax_profile
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.documents import KARNATAKA, MAHARASHTRA, customer, draft, issued, profile_of, tax_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
PROFILE = {
    "gstin": "29-aapfu 0939f1zr",
    "legal_name": "Acme Cloud Pvt Ltd",
    "address": "1 MG Road",
    "turnover_band": "up_to_5_crore",
    "filing_frequency": "monthly",
}
CUSTOMER = {
    "treatment": "registered",
    "gstin": MAHARASHTRA,
    "address": "5 Fort, Mumbai",
    "country": "IN",
    "currency": "INR",
    "payment_terms_days": "30",
    "tds_rate": "10",
}


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


def test_the_organisations_profile_is_written_and_checked(
    farah: Membership, rita: Membership, client_for: Any
) -> None:
    client, url = client_for(farah), reverse("billing:tax_profile")

    wrong = client.post(url, {**PROFILE, "gstin": "29AAPFU0939F1ZA"})
    no_days = client.post(url, {**PROFILE, "lut_number": "AD29"})
    right = client.post(url, PROFILE)

    assert wrong.context["form"].errors["gstin"] == [
        "The check character at the end does not fit the rest: look for a typo."
    ]
    assert "lut_number" in no_days.context["form"].errors
    assert right.status_code == 302
    stored = farah.organization.tax_profiles.get()
    assert (stored.gstin, stored.state_code) == (KARNATAKA, "29")
    assert stored.history.first().history_user == farah.user
    assert client_for(rita).get(url).status_code == 403


def test_the_number_series_say_what_was_given_last(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    for _ in range(2):
        issued(buyer, "100", on=date(2026, 10, 1))

    page = client_for(farah).get(reverse("billing:tax_profile"))

    (series,) = page.context["series"]
    assert (series.document, series.gstin, series.year, series.last) == ("Invoice", KARNATAKA, "2026-27", 2)


def test_a_customers_profile_is_written_and_shown(farah: Membership, alice: Membership, client_for: Any) -> None:
    account = AccountFactory(organization=farah.organization)
    client, url = client_for(farah), reverse("billing:customer_profile", args=[account.number])

    for wrong, field in (
        ({"gstin": ""}, "gstin"),
        ({"state_code": "29"}, "gstin"),
        ({"pan": "AAPFU0939G"}, "pan"),
        ({"treatment": "overseas", "gstin": ""}, "country"),
        ({"payment_terms_days": "400"}, "payment_terms_days"),
        ({"currency": "rs!"}, "currency"),
    ):
        refused = client.post(url, {**CUSTOMER, **wrong})
        assert (refused.status_code, field in refused.context["form"].errors) == (422, True), wrong
    assert client.post(url, {**CUSTOMER, "owner": str(alice.uuid)}).status_code == 302

    profile = profile_of(account)
    assert (profile.state_code, profile.payment_terms_days, profile.owner) == ("27", 30, alice.user)
    tab = client_for(alice).get(reverse("billing:account_billing", args=[account.number])).content.decode()
    assert MAHARASHTRA in tab
    assert "Maharashtra" in tab
    assert "Invoices lack" not in tab
    assert client_for(alice).get(url).status_code == 403
    assert client.get(url).context["form"].initial["owner"] == alice.uuid


def test_the_billing_owner_looks_after_new_invoices(farah: Membership, alice: Membership) -> None:
    account = customer(farah.organization)
    assert draft(account, "100", by=farah.user).owner == farah.user

    save_customer_tax_profile(account=account, by=farah.user, owner=alice.user)

    assert draft(account, "100", by=farah.user).owner == alice.user
    assert draft(account, "100", by=farah.user, owner=farah.user).owner == farah.user
    assert Invoice.objects.count() == 3


def test_who_lacks_a_profile_is_counted_and_listed(farah: Membership, client_for: Any) -> None:
    AccountFactory(organization=farah.organization, name="Nobody knows")
    customer(farah.organization, "No address")
    customer(farah.organization, "Whole", address="1 MG Road")
    customer(farah.organization, "No state", address="1 MG Road", state_code="")
    AccountFactory(name="Elsewhere")
    client, url = client_for(farah), reverse("billing:customer_profile_list")

    page = client.get(url)
    export = b"".join(client.get(f"{url}?profile=missing&format=csv")).decode()

    assert [each["label"] for each in page.context["states"]] == [
        "All · 4",
        "No profile · 1",
        "Incomplete · 2",
        "Complete · 1",
    ]
    assert {account.name: lacks for account, _, lacks in page.context["rows"]} == {
        "Nobody knows": "no tax profile",
        "No address": "no address",
        "Whole": "",
        "No state": "no state, which an invoice to somebody without GSTIN has to name",
    }
    for state, names in (
        ("missing", {"Nobody knows"}),
        ("incomplete", {"No address", "No state"}),
        ("complete", {"Whole"}),
    ):
        assert {each.name for each in client.get(f"{url}?profile={state}").context["accounts"]} == names
    assert export.count("\r\n") == 2
    assert "Nobody knows" in export


def test_terms_of_the_organisation_hold_where_the_customer_has_none(farah: Membership) -> None:
    """Issued on 1 October: due after 15 days by default, after 45 once the organisation says so."""
    tax_profile(farah.organization)
    account = AccountFactory(organization=farah.organization)
    before = issued(account, "100", on=date(2026, 10, 1))

    save_billing_settings(organization=farah.organization, by=farah.user, terms_days=45)

    assert before.due_date == date(2026, 10, 16)
    assert issued(account, "100", on=date(2026, 10, 1)).due_date == date(2026, 11, 15)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    farah: Membership, client_for: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(rows):
        customer(farah.organization, f"Customer {at}", owner=farah.user)

    with django_assert_max_num_queries(38):
        page = client_for(farah).get(reverse("billing:customer_profile_list"))

    assert len(page.context["rows"]) == rows
