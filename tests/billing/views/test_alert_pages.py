"""Alerts of the billing dashboard: their buttons lead to the rows, and dismissing lasts until it grows worse."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Account
from billing.models import AlertDismissal
from billing.services.refund import request_refund
from billing.services.settings import save_billing_settings
from billing.services.tax_profile import save_tax_profile
from billing.views.alerts import alert_url
from csplatform.models import Membership
from tests.factories.documents import D, customer, issued, paid, tax_profile

pytestmark = pytest.mark.django_db
URL = "/dashboard/billing"


@pytest.fixture
def at() -> Any:
    """The clock, to be moved."""
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False) as clock:
        yield clock


def late_payer(farah: Membership, price: str = "100000", due: date = date(2026, 8, 20)) -> Account:
    """A customer with one overdue invoice of August, in an organisation whose returns are all filed."""
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    issued(buyer, price, on=date(2026, 8, 1), due=due)
    save_tax_profile(
        organization=farah.organization,
        by=None,
        filed_periods=["2026-08", "2026-09", "2026-10"],
    )
    return buyer


def keys(client: Any) -> list[str]:
    return [each["alert"].key for each in client.get(URL).context["alerts"]]


def test_every_button_leads_to_the_rows(farah: Membership, client_for: Any, at: Any) -> None:
    # Nothing is filed: the return of August has been overdue since 11 September.
    tax_profile(farah.organization)
    buyer = customer(farah.organization)
    late = issued(buyer, "100000", on=date(2026, 8, 1), due=date(2026, 8, 20))  # 118,000, 92 days late
    soon = issued(customer(farah.organization, "Soon Ltd"), "50", on=date(2026, 11, 10), due=date(2026, 11, 22))
    for _ in range(3):
        request_refund(invoice=late, by=farah.user, amount=D(10), reason="other", mode="cash", on=date(2026, 11, 2))
    client = client_for(farah)

    alerts = {each["alert"].title: each["url"] for each in client.get(URL).context["alerts"]}

    assert alerts == {
        "Large Overdue Amount": buyer.get_absolute_url(),
        "GST Filing Deadline": "/dashboard/billing/invoices?ready=false&from=2026-08-01&to=2026-08-31",
        "High Refund Rate": f"/dashboard/billing/refunds?account_id={buyer.number}&from=2026-11-01&to=2026-11-20",
        "Payment Reminder": "/dashboard/billing/reminders",
    }
    listed = client.get(alerts["GST Filing Deadline"]).context["invoices"]
    assert list(listed) == [late]
    assert len(client.get(alerts["High Refund Rate"]).context["refunds"]) == 3
    batch = client.get(alerts["Payment Reminder"]).context["letters"]
    assert soon in [each.letter.invoice for each in batch]


def test_a_dismissed_alert_comes_back_when_it_grows_worse(farah: Membership, client_for: Any, at: Any) -> None:
    buyer = late_payer(farah)
    client = client_for(farah)
    key = f"large-overdue:{buyer.uuid}"
    assert keys(client) == [key]

    page = client.post(reverse("billing:alert_dismiss", args=[key]), follow=True).content.decode()

    assert reverse("billing:alert_restore", args=[key]) in page  # the way back, in the message
    assert keys(client) == []
    assert client.get("/billing-api.php").json()["alerts"] == []
    at.move_to("2026-11-25T06:30:00Z")  # only older: nothing rose
    client = client_for(farah)
    assert keys(client) == []
    assert len(client.get(URL).context["board"].alerts.dismissed) == 1
    issued(buyer, "10", on=date(2026, 11, 1), due=date(2026, 11, 16))
    assert keys(client) == [key]


def test_a_dismissal_does_not_cover_what_began_later(farah: Membership, client_for: Any, at: Any) -> None:
    buyer = late_payer(farah, "200000")
    first = buyer.invoices.get()
    client = client_for(farah)
    key = f"large-overdue:{buyer.uuid}"
    client.post(reverse("billing:alert_dismiss", args=[key]))
    paid(first, "236000", on=date(2026, 11, 20))
    at.move_to("2026-11-21T06:30:00Z")
    issued(buyer, "100000", on=date(2026, 11, 21), due=date(2026, 11, 25))

    at.move_to("2027-01-30T06:30:00Z")  # 66 days late, and less than was dismissed

    assert [each for each in keys(client_for(farah)) if each.startswith("large")] == [key]


def test_undo_shows_it_again_and_the_past_shows_everything(farah: Membership, client_for: Any, at: Any) -> None:
    buyer = late_payer(farah)
    client = client_for(farah)
    key = f"large-overdue:{buyer.uuid}"
    client.post(reverse("billing:alert_dismiss", args=[key]))

    then = client.get(f"{URL}?as_of=2026-11-19").context["alerts"]
    restored = client.post(reverse("billing:alert_restore", args=[key]))

    assert [each["alert"].key for each in then] == [key]
    assert restored.status_code == 302
    assert keys(client) == [key]
    assert client.post(reverse("billing:alert_restore", args=[key])).status_code == 404
    assert client.post(reverse("billing:alert_dismiss", args=["large-overdue:nobody"])).status_code == 404


def test_the_api_dismisses_and_restores(farah: Membership, rita: Membership, api_for: Any, at: Any) -> None:
    buyer = late_payer(farah)
    api = api_for(farah)
    (alert,) = api.get("/api/billing/alerts").json()["alerts"]
    path = f"/api/billing/alerts/{alert['key']}"

    dismissed = api.post(f"{path}/dismiss").json()["alerts"]
    restored = api.post(f"{path}/restore").json()["alerts"]

    assert (alert["title"], alert["account_id"], alert["is_dismissed"]) == (
        "Large Overdue Amount",
        str(buyer.uuid),
        False,
    )
    assert [(each["is_dismissed"], each["dismissed_by"]) for each in dismissed] == [(True, "Farah")]
    assert [each["is_dismissed"] for each in restored] == [False]
    assert api_for(rita).post(f"{path}/dismiss").status_code == 403
    assert not AlertDismissal.objects.exists()


def test_the_thresholds_are_the_organisations(farah: Membership, client_for: Any, at: Any) -> None:
    buyer = late_payer(farah, "1000", due=date(2026, 10, 16))  # 1,180, 35 days late
    client = client_for(farah)
    assert keys(client) == []

    save_billing_settings(organization=farah.organization, by=farah.user, large_overdue=D(1180), long_overdue_days=34)

    assert keys(client) == [f"large-overdue:{buyer.uuid}"]


def test_a_reader_is_led_and_dismisses_nothing(farah: Membership, rita: Membership, client_for: Any, at: Any) -> None:
    buyer = late_payer(farah)
    client = client_for(rita)

    response = client.get(URL)

    assert [alert_url(each["alert"]) for each in response.context["alerts"]] == [buyer.get_absolute_url()]
    assert "Dismiss" not in response.content.decode()
