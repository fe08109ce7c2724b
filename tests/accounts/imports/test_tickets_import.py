"""The tickets import, through the API: what support said, told once, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.ticket import open_ticket, update_ticket
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ApiFor = Callable[..., APIClient]


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.fixture
def acme(mona: Membership) -> Account:
    return AccountFactory(organization=mona.organization, name="Acme", external_id="E-1")


def send(api: APIClient, text: str, status: int = 201, **options: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("tickets.csv", text.encode(), content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": "tickets", **options}, format="multipart")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def counts(done: dict[str, Any]) -> tuple[int, ...]:
    return tuple(done[name] for name in ("created", "updated", "unchanged", "rejected"))


def lines(account: Account) -> list[tuple[str, str]]:
    rows = account.activities.filter(kind="ticket").order_by("occurred_at", "pk")
    return [(line.title, line.occurred_at.isoformat()[:16]) for line in rows]


FILE = """ticket id,customer,crm id,subject,status,priority,severity,escalated,created,first response,resolved,csat
Z-1,Acme,,VM is down,Resolved,critical,,yes,2026-11-02 09:15,2026-11-02T09:40:00+05:30,02/11/2026 4:05 PM,5
Z-2,,E-1,<b>Keys</b> \U0001f600,open,,high,no,19 Nov 2026,,,
"""


def test_tickets_are_opened_and_the_same_file_again_changes_nothing(
    api_for: ApiFor, mona: Membership, acme: Account
) -> None:
    first = send(api_for(mona), FILE, date_order="dmy")
    second = send(api_for(mona), FILE, date_order="dmy")

    assert (counts(first), counts(second)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    fields = ("external_id", "subject", "status", "priority", "is_escalated", "csat")
    assert list(acme.tickets.order_by("external_id").values_list(*fields)) == [
        ("Z-1", "VM is down", "resolved", "critical", True, 5),
        ("Z-2", "<b>Keys</b> \U0001f600", "open", "high", False, None),
    ]
    # India is 5:30 ahead: 9:15 is 3:45, 16:05 is 10:35, and 19 November begins at 18:30 on the 18th.
    assert lines(acme) == [
        ("Ticket opened: Z-1 VM is down", "2026-11-02T03:45"),
        ("Ticket resolved: Z-1 VM is down", "2026-11-02T10:35"),
        ("Ticket opened: Z-2 <b>Keys</b> \U0001f600", "2026-11-18T18:30"),
    ]
    histories = [(row.history_type, row.history_user) for row in acme.tickets.get(external_id="Z-1").history.all()]
    assert histories == [("+", mona.user)]


def test_a_known_ticket_is_brought_up_to_date_and_an_undo_puts_it_back(
    api_for: ApiFor, mona: Membership, acme: Account
) -> None:
    other = AccountFactory(organization=mona.organization, name="Other")
    ticket = open_ticket(
        organization=mona.organization, by=None, account=acme, subject="VM", external_id="Z-1", description="Kept"
    )
    before = list(mona.organization.tickets.values())
    told = lines(acme)

    done = send(api_for(mona), "ticket,account,subject,resolved,csat\nZ-1,Other,VM two,2026-11-20T06:00:00Z,2\n", 201)

    assert counts(done) == (0, 0, 0, 1)  # resolved before it was opened, a moment ago
    done = send(api_for(mona), "ticket,account,subject,status,csat\nZ-1,Other,VM two,closed,2\nZ-2,Acme,New,,\n")
    ticket.refresh_from_db()
    assert counts(done) == (1, 1, 0, 0)
    assert (ticket.account, ticket.subject, ticket.description, ticket.csat) == (other, "VM two", "Kept", 2)
    assert [title for title, _ in lines(other)] == ["Ticket opened: Z-1 VM two", "Ticket closed: Z-1 VM two"]

    answer = api_for(mona).post(f"/api/imports/{done['id']}/undo")

    assert answer.status_code == 200, answer.content
    assert list(mona.organization.tickets.values()) == before
    assert (lines(acme), lines(other)) == (told, [])


def test_an_undo_is_refused_once_somebody_has_touched_a_ticket(
    api_for: ApiFor, mona: Membership, acme: Account
) -> None:
    done = send(api_for(mona), "ticket,account,subject\nZ-1,Acme,One\nZ-2,Acme,Two\n")
    update_ticket(ticket=acme.tickets.get(external_id="Z-2"), by=None, csat=3)

    answer = api_for(mona).post(f"/api/imports/{done['id']}/undo")

    assert (answer.status_code, acme.tickets.count()) == (409, 2)
    assert "Ticket Z-2 Two was changed since." in answer.json()["message"]


def test_bad_rows_say_what_is_wrong_and_the_others_are_taken(
    api_for: ApiFor, mona: Membership, acme: Account, mallory: Membership
) -> None:
    AccountFactory(organization=mallory.organization, name="Elsewhere")
    text = (
        "ticket,account,subject,status,priority,opened,first response,resolved,csat\n"
        ",Acme,A,,,,,,\n"
        "Z-2,Elsewhere,B,,,,,,\n"
        "Z-3,Acme,,,,,,,\n"
        "Z-4,Acme,C,lost,,,,,\n"
        "Z-5,Acme,D,,urgent,,,,\n"
        "Z-6,Acme,E,,,2026-11-19 25:00,,,\n"
        "Z-7,Acme,F,,,2026-11-19,2026-11-18,,\n"
        "Z-8,Acme,G,open,,2026-11-18,,2026-11-19,\n"
        "Z-9,Acme,H,,,,,,6\n"
        "Z-10,Acme,I,,,2027-01-01,,,\n"
        "Z-11,Acme,J,,,,,,0\n"
        "Z-12,Acme,Good,,,,,,4\n"
    )

    done = send(api_for(mona), text)

    assert counts(done) == (1, 0, 0, 11)
    assert [(e["row"], e["column"], e["reason"]) for e in done["errors"]] == [
        (2, "ticket", "is empty; every ticket needs its id in the support system"),
        (3, "account", "is no account that is there"),
        (4, "subject", "say in a few words what it is about"),
        (5, "status", "is not one of Open, Pending, Resolved, Closed"),
        (6, "priority", "is not one of Critical, High, Medium, Low"),
        (7, "opened", "has an hour that no clock shows"),
        (8, "first response", "must not be before the ticket was opened"),
        (9, "resolved", "an open or pending ticket has none. Send its status too"),
        (10, "csat", "is larger than 5"),
        (11, "opened", "must not lie ahead"),
        (12, "csat", "ensure this value is greater than or equal to 1"),
    ]


def test_dates_with_a_time_are_asked_about_like_others(api_for: ApiFor, mona: Membership, acme: Account) -> None:
    text = "ticket,account,subject,opened\nZ-1,Acme,A,03/04/2026 14:30\n"

    asked = send(api_for(mona), text, 400)
    done = send(api_for(mona), text, date_order="dmy")

    assert "takes dmy (day first) or mdy (month first)" in asked["message"]
    assert counts(done) == (1, 0, 0, 0)
    assert acme.tickets.get().opened_at.isoformat() == "2026-04-03T09:00:00+00:00"


def test_a_piece_costs_the_same_for_any_number_of_tickets(api_for: ApiFor, mona: Membership, acme: Account) -> None:
    api, costs = api_for(mona), []

    for size in (1, 1, 3):
        rows = "".join(f"Z-{n}-{len(costs)},Acme,S,closed\n" for n in range(size))
        with CaptureQueriesContext(connection) as queries:
            send(api, f"ticket,account,subject,status\n{rows}")
        costs.append(len(queries))

    assert costs[1] == costs[2]


def test_the_sample_imports_without_a_complaint(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory(organization=mona.organization, name="Acme Cloud")
    sample = Path(str(finders.find("samples/tickets-sample.csv"))).read_text()

    assert counts(send(api_for(mona), sample)) == (4, 0, 0, 0)
    assert counts(send(api_for(mona), sample)) == (0, 0, 4, 0)


def test_only_managers_bring_tickets_and_strangers_change_nothing(
    api_for: ApiFor, mona: Membership, alice: Membership, rita: Membership, mallory: Membership, acme: Account
) -> None:
    send(api_for(mona), "ticket,account,subject\nZ-1,Acme,Ours\n")
    for member in (alice, rita):
        send(api_for(member), "ticket,account,subject\nZ-1,Acme,Mine\n", 403)

    done = send(api_for(mallory), "ticket,account,subject\nZ-1,Acme,Theirs\n")

    assert counts(done) == (0, 0, 0, 1)
    assert acme.tickets.get().subject == "Ours"
