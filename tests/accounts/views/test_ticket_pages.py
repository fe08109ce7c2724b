"""The pages of support tickets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    client_for: ClientFor, alice: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(rows):
        TicketFactory(account=AccountFactory(organization=alice.organization), subject=f"{HOSTILE} {n}")
    TicketFactory()  # another organisation's: must not show
    client = client_for(alice)
    client.get(reverse("accounts:ticket_list"))

    with django_assert_max_num_queries(20):
        response = client.get(reverse("accounts:ticket_list"))

    assert len(response.context["tickets"]) == rows
    assert HOSTILE not in response.content.decode()


def test_htmx_gets_the_table_alone(client_for: ClientFor, alice: Membership) -> None:
    TicketFactory(account=AccountFactory(organization=alice.organization), priority="low")

    response = client_for(alice).get(
        f"{reverse('accounts:ticket_list')}?priority=critical", headers={"HX-Request": "true"}
    )

    assert "<html" not in response.content.decode()
    assert list(response.context["tickets"]) == []
    assert "HX-Request" in response["Vary"]


def test_the_export_is_what_the_filter_leaves(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme")
    TicketFactory(account=account, subject="+1 please", external_id="N1", priority="high")
    TicketFactory(account=account, priority="low")

    response = client_for(alice).get(f"{reverse('accounts:ticket_export')}?priority=high&columns=all")

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "Ticket,External id,Account,Account number,Priority,Escalated,Status,Opened,Due,CSAT,First answered,"
        "Resolved,Updated"
    )
    assert [line.split(",")[:7] for line in lines[1:]] == [["'+1 please", "N1", "Acme", "1", "High", "false", "Open"]]


def test_a_ticket_is_written_down_for_an_account_by_name(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)
    facts = {
        "account": " ACME ",
        "subject": "VM down",
        "priority": "critical",
        "status": "open",
        "opened_at": "2026-11-02T10:00",
    }

    response = client_for(alice).post(reverse("accounts:ticket_create"), facts)

    ticket = alice.organization.tickets.get()
    assert response["Location"] == ticket.get_absolute_url()
    assert (ticket.account, ticket.priority, ticket.created_by) == (account, "critical", alice.user)
    assert ticket.opened_at.isoformat() == "2026-11-02T04:30:00+00:00"  # 10:00 in Kolkata


def test_an_account_of_somebody_else_s_is_not_offered(
    client_for: ClientFor, alice: Membership, bob: Membership
) -> None:
    AccountFactory(organization=alice.organization, name="Acme", owner=bob.user)
    facts = {"account": "Acme", "subject": "x", "priority": "low", "status": "open", "opened_at": "2026-11-02T10:00"}

    response = client_for(alice).post(reverse("accounts:ticket_create"), facts)

    assert response.status_code == 422
    assert response.context["form"].errors == {"account": ["There is no such account that you may change."]}
    assert not alice.organization.tickets.exists()


def test_saving_the_form_unchanged_changes_nothing(client_for: ClientFor, alice: Membership) -> None:
    """The form shows minutes; the seconds of what was not touched stay."""
    ticket = TicketFactory(
        account=AccountFactory(organization=alice.organization, owner=alice.user),
        opened_at="2026-11-02T04:30:21Z",
        description="two\nlines",
    )
    client = client_for(alice)
    url = reverse("accounts:ticket_edit", args=[ticket.uuid])
    form = client.get(url).context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    shown["opened_at"] = "2026-11-02T10:00"

    response = client.post(url, shown)

    updated_at = ticket.updated_at
    ticket.refresh_from_db()
    assert response.status_code == 302
    assert (ticket.opened_at.second, ticket.updated_at) == (21, updated_at)


def test_the_ticket_s_page_tells_what_happened(client_for: ClientFor, alice: Membership) -> None:
    ticket = TicketFactory(account=AccountFactory(organization=alice.organization, owner=alice.user), subject=HOSTILE)
    client = client_for(alice)
    client.post(
        reverse("accounts:ticket_edit", args=[ticket.uuid]),
        {"subject": HOSTILE, "priority": "high", "status": "closed", "csat": "4", "opened_at": "2026-11-01T11:30"},
    )

    response = client.get(ticket.get_absolute_url())

    assert [change.texts for change in response.context["changes"]] == [
        ["Status: open → closed", "Priority: medium → high", "Rated 4 of 5 by the customer"],
        ["Opened"],
    ]
    assert HOSTILE not in response.content.decode()


def test_readers_see_no_way_to_write(client_for: ClientFor, alice: Membership, rita: Membership) -> None:
    ticket = TicketFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    client = client_for(rita)

    pages = [
        client.get(ticket.get_absolute_url()).content.decode(),
        client.get(reverse("accounts:ticket_list")).content.decode(),
        client.get(reverse("accounts:account_tickets", args=[ticket.account.number])).content.decode(),
    ]
    refused = client.post(reverse("accounts:ticket_delete", args=[ticket.uuid]))

    assert not any("/edit" in each or "/tickets/new" in each or "/delete" in each for each in pages)
    assert refused.status_code == 403
    assert alice.organization.tickets.count() == 1


def test_the_tab_shows_the_account_s_own_open_ones_first(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    TicketFactory(account=account, subject="closed", status="closed", resolved_at="2026-11-03T00:00Z")
    TicketFactory(account=account, subject="low", priority="low")
    TicketFactory(account=account, subject="critical", priority="critical")
    TicketFactory(account=AccountFactory(organization=alice.organization), subject="other")

    response = client_for(alice).get(reverse("accounts:account_tickets", args=[account.number]))

    assert [ticket.subject for ticket in response.context["tickets"]] == ["critical", "low", "closed"]
