"""Whatever people write is shown as text: in pages, in the admin, in files and in calendars."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from icalendar import Calendar

from accounts.models import Account, Contact, Engagement, FollowUp, Goal, Product, Referral, SupportTicket
from accounts.models import Testimonial as Quote  # by its own name pytest takes it for a test
from accounts.names import name_key
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory, CustomFieldFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.goals import GoalFactory
from tests.factories.products import ProductFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]

TEXTS = {
    "markup": """=<script>alert("1")</script><img src=x onerror='alert(1)'>&amp;{{ 7 }}""",
    "emoji and right-to-left": "=🚀 \u202egnp.exe \u0645\u0631\u062d\u0628\u0627 \u2066x",
    "ten thousand characters": ("=x1" * 4_000)[:10_000],
}
"""Each begins as a formula, so that every file has something to defuse."""
PLAIN = frozenset({"name_key", "key", "icon", "sac"})
"""Made by the platform or of a fixed form: nobody writes sentences there."""
BEGINNING = 8
"""So many characters are shown even where a list cuts a text short."""


def hostile(model: type[models.Model], text: str) -> dict[str, str]:
    """Every free text of a model, as long as it may be."""
    return {
        field.name: text[: field.max_length or 10_000]
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.EmailField)
        and not field.choices
        and field.name not in PLAIN
    }


@pytest.fixture(params=TEXTS.values(), ids=TEXTS.keys())
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(amir: Membership, text: str) -> dict[str, Any]:
    """One row of everything that hangs on an account, full of the text."""
    user, organization = amir.user, amir.organization
    CustomFieldFactory(organization=organization, name=text[:50], key="note")
    facts = hostile(Account, text)
    account = AccountFactory(
        organization=organization,
        owner=user,
        name_key=name_key(facts["name"]),
        custom_fields={"note": text[:200]},
        **facts,
    )
    people = [{"name": text[:200], "email": "a@customer.example", "role": text[:100]}]
    held = hostile(Engagement, text) | {"cancel_reason": "", "attendees": people, "created_by": user}
    planned = held | {"completed_at": None, "scheduled_at": datetime(2026, 11, 20, 10, tzinfo=UTC)}
    return {
        "account": account,
        "contact": ContactFactory(account=account, **hostile(Contact, text)),
        "engagement": EngagementFactory(account=account, **planned),
        "followup": FollowUpFactory(account=account, assignee=user, **hostile(FollowUp, text)),
        "goal": GoalFactory(account=account, **hostile(Goal, text)),
        "supportticket": TicketFactory(account=account, **hostile(SupportTicket, text)),
        "product": ProductFactory(organization=organization, **hostile(Product, text)),
        "referral": ReferralFactory(account=account, **hostile(Referral, text)),
        "testimonial": QuoteFactory(account=account, **hostile(Quote, text)),
    }


def assert_shown(client: Client, address: str, text: str) -> None:
    """Answered, with the text in it, and not a tag of it."""
    response = client.get(address)
    assert response.status_code == 200, address
    body = response.content.decode()
    assert escape(text[:BEGINNING]) in body, address
    assert "<script>alert" not in body, address
    assert "<img src=x" not in body, address


def test_pages_show_text_as_text(rows: dict[str, Any], text: str, client_for: ClientFor, amir: Membership) -> None:
    client, account = client_for(amir), rows["account"]
    lists = ("account", "engagement", "follow_up", "goal", "ticket", "product")
    tabs = ("account_contacts", "account_timeline", "account_goals", "account_tickets", "account_history")
    pages = [reverse(f"accounts:{name}_list") for name in lists]
    pages += [reverse(f"accounts:{name}", args=[account.number]) for name in (*tabs, "account_edit", "account_usage")]
    pages += [
        rows[name].get_absolute_url() for name in ("account", "engagement", "followup", "goal", "supportticket")
    ]
    pages += [
        reverse("accounts:engagement_edit", args=[rows["engagement"].uuid]),
        reverse("accounts:goal_edit", args=[rows["goal"].uuid]),
        reverse("accounts:ticket_edit", args=[rows["supportticket"].uuid]),
        reverse("accounts:product_edit", args=[rows["product"].uuid]),
        reverse("accounts:contact_edit", args=[account.number, rows["contact"].uuid]),
        reverse("accounts:advocacy"),
    ]

    for address in pages:
        assert_shown(client, address, text)


def test_the_admin_shows_text_as_text(
    rows: dict[str, Any], text: str, client_for: ClientFor, amir: Membership
) -> None:
    amir.user.is_superuser = amir.user.is_staff = True
    amir.user.save()
    client = client_for(amir)

    for name, row in rows.items():
        assert_shown(client, reverse(f"admin:accounts_{name}_change", args=[row.pk]), text)
        assert_shown(client, reverse(f"admin:accounts_{name}_changelist"), text)


@pytest.mark.parametrize("name", ["account", "engagement", "follow_up", "goal", "ticket"])
def test_files_hold_text_that_no_spreadsheet_runs(
    rows: dict[str, Any], text: str, client_for: ClientFor, amir: Membership, name: str
) -> None:
    response = client_for(amir).get(f"{reverse(f'accounts:{name}_export')}?columns=all")

    body = b"".join(response).decode("utf-8-sig")
    _, line = csv.reader(io.StringIO(body))
    assert f"'{rows['account'].name}" in line  # whole, and after the quote that makes it text
    assert not [cell for cell in line if cell.startswith("=")]


def test_calendars_keep_text_within_its_line(
    rows: dict[str, Any], text: str, client_for: ClientFor, amir: Membership
) -> None:
    address = reverse("accounts:engagement_ics", args=[rows["engagement"].uuid])

    body = client_for(amir).get(address).content

    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert rows["engagement"].title in str(event["SUMMARY"])
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
