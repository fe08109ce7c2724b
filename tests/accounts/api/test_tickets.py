"""Support tickets over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import SupportTicket
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
OPENED = "2026-11-02T04:30:00Z"


def body(account: Any, **facts: object) -> dict[str, object]:
    return {"account_id": str(account.uuid), "external_id": "N7876768", "subject": "VM is down", **facts}


def test_a_ticket_is_created_with_every_field(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post(
        "/api/tickets",
        body(
            account, priority="critical", escalated=True, opened_at=OPENED, first_response_at="2026-11-02T08:42:00Z"
        ),
    )

    ticket = alice.organization.tickets.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(ticket.uuid),
        "account_id": str(account.uuid),
        "account_name": account.name,
        "external_id": "N7876768",
        "subject": "VM is down",
        "description": "",
        "priority": "critical",
        "status": "open",
        "escalated": True,
        "opened_at": OPENED,
        "first_response_at": "2026-11-02T08:42:00Z",
        "due_at": None,
        "resolved_at": None,
        "csat": None,
        "created_at": response.json()["created_at"],
        "updated_at": response.json()["updated_at"],
    }
    line = alice.organization.activities.get()
    assert (line.kind, line.title, line.event) == ("ticket", "Ticket opened: N7876768 VM is down", "opened")
    assert line.occurred_at == datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


def test_posting_a_known_external_id_updates_and_answers_200(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api = api_for(alice)
    api.post("/api/tickets", body(account, opened_at=OPENED))

    again = api.post("/api/tickets", body(account, opened_at=OPENED))
    changed = api.post("/api/tickets", body(account, status="pending", priority="high"))

    ticket = alice.organization.tickets.get()
    assert (again.status_code, changed.status_code) == (200, 200)
    assert (ticket.status, ticket.priority) == ("pending", "high")
    assert ticket.opened_at == datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
    assert ticket.history.count() == 2  # opened and changed; the second post changed nothing
    assert alice.organization.activities.count() == 1


def test_an_external_id_is_kept_to_the_letter(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post("/api/tickets", body(account, external_id=" 00n-7/Ä "))

    assert response.json()["external_id"] == " 00n-7/Ä "


def test_two_organisations_may_use_one_external_id(alice: Membership, mallory: Membership, api_for: ApiFor) -> None:
    theirs = TicketFactory(account=AccountFactory(organization=mallory.organization), external_id="N7876768")
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post("/api/tickets", body(account))

    assert response.status_code == 201
    theirs.refresh_from_db()
    assert theirs.subject != "VM is down"


def test_resolving_and_reopening_keep_status_and_moment_together(alice: Membership, api_for: ApiFor) -> None:
    ticket = TicketFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    api = api_for(alice)
    url = f"/api/tickets/{ticket.uuid}"

    resolved = api.put(url, {"status": "resolved", "resolved_at": "2026-11-03T06:00:00Z", "csat": 4}).json()
    closed = api.put(url, {"status": "closed"}).json()
    reopened = api.put(url, {**closed, "status": "open"}).json()

    assert (resolved["status"], resolved["resolved_at"], resolved["csat"]) == ("resolved", "2026-11-03T06:00:00Z", 4)
    assert closed["resolved_at"] == "2026-11-03T06:00:00Z"
    assert (reopened["status"], reopened["resolved_at"]) == ("open", None)
    titles = list(alice.organization.activities.order_by("pk").values_list("title", flat=True))
    assert titles == [f"Ticket resolved: {ticket.subject}", f"Ticket reopened: {ticket.subject}"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"priority": "urgent"}, "priority"),
        ({"status": "done"}, "status"),
        ({"csat": 0}, "csat"),
        ({"csat": 6}, "csat"),
        ({"csat": "good"}, "csat"),
        ({"subject": "  "}, "subject"),
        ({"subject": "x" * 256}, "subject"),
        ({"account_id": "nobody"}, "account_id"),
        ({"opened_at": "yesterday"}, "opened_at"),
        ({"opened_at": (timezone.now() + timedelta(days=400)).isoformat()}, "opened_at"),
        ({"opened_at": OPENED, "first_response_at": "2026-11-01T00:00:00Z"}, "first_response_at"),
        ({"opened_at": OPENED, "status": "closed", "resolved_at": "2026-11-01T00:00:00Z"}, "resolved_at"),
        ({"opened_at": OPENED, "resolved_at": "2026-11-03T00:00:00Z"}, "resolved_at"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    alice: Membership, api_for: ApiFor, facts: dict[str, object], field: str
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)

    response = api_for(alice).post("/api/tickets", body(account) | facts)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not alice.organization.tickets.exists()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"priority": "urgent"}, "ticket_priority_known"),
        ({"status": "done"}, "ticket_(status_known|resolved_when_its_status_says_so)"),  # which, the database decides
        ({"status": "resolved"}, "ticket_resolved_when_its_status_says_so"),
        ({"resolved_at": datetime(2026, 11, 2, tzinfo=UTC)}, "ticket_resolved_when_its_status_says_so"),
        ({"csat": 6}, "ticket_csat_in_range"),
        ({"subject": ""}, "ticket_has_a_subject"),
        ({"first_response_at": datetime(2026, 10, 1, tzinfo=UTC)}, "ticket_answered_after_it_was_opened"),
    ],
)
def test_the_database_refuses_what_no_ticket_can_be(alice: Membership, wrong: dict[str, object], name: str) -> None:
    account = AccountFactory(organization=alice.organization)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        TicketFactory(account=account, **wrong)


def test_a_stranger_s_account_is_like_an_unknown_one(alice: Membership, mallory: Membership, api_for: ApiFor) -> None:
    theirs = AccountFactory(organization=mallory.organization)

    response = api_for(alice).post("/api/tickets", body(theirs))

    assert response.status_code == 400
    assert response.json()["errors"] == {"account_id": ["There is no such account."]}
    assert not SupportTicket.objects.exists()


def test_who_may_not_edit_the_account_may_not_write_its_tickets(
    alice: Membership, bob: Membership, mona: Membership, rita: Membership, farah: Membership, api_for: ApiFor
) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    ticket = TicketFactory(account=account, external_id="N7876768")
    mine, subject = AccountFactory(organization=alice.organization, owner=bob.user), ticket.subject

    statuses = [
        api_for(member).put(f"/api/tickets/{ticket.uuid}", {"priority": "low"}).status_code
        for member in (bob, rita, farah, mona)
    ]
    stolen = api_for(bob).post("/api/tickets", body(mine))  # would move alice's ticket to bob's account
    deleted = api_for(bob).delete(f"/api/tickets/{ticket.uuid}")

    ticket.refresh_from_db()
    assert statuses == [403, 403, 403, 200]
    assert (stolen.status_code, deleted.status_code) == (403, 403)
    assert (ticket.account, ticket.subject, ticket.priority) == (account, subject, "low")


def test_a_stale_write_is_412(alice: Membership, api_for: ApiFor) -> None:
    ticket = TicketFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    api = api_for(alice)
    url = f"/api/tickets/{ticket.uuid}"
    seen = api.get(url)["ETag"]
    api.put(url, {"priority": "high"})

    response = api.put(url, {"priority": "low"}, headers={"If-Match": seen})

    assert response.status_code == 412
    ticket.refresh_from_db()
    assert ticket.priority == "high"


def test_deleting_takes_the_timeline_s_lines_along(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api = api_for(alice)
    url = f"/api/tickets/{api.post('/api/tickets', body(account)).json()['id']}"

    statuses = [api.delete(url).status_code, api.delete(url).status_code]

    assert statuses == [204, 404]
    assert not alice.organization.activities.exists()
    assert SupportTicket.history.filter(history_type="-", history_user=alice.user).count() == 1


def test_the_list_filters_sorts_and_counts(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, name="Zebra")
    other = AccountFactory(organization=alice.organization, name="Aardvark", owner=alice.user)
    TicketFactory(account=account, subject="a", priority="low")
    TicketFactory(account=account, subject="b", priority="critical", is_escalated=True)
    TicketFactory(account=other, subject="c", priority="high", status="pending")
    day = datetime(2026, 10, 31, 19, tzinfo=UTC)  # 00:30 on 1 November in Kolkata
    TicketFactory(account=other, subject="d", status="closed", opened_at=day, resolved_at=day + timedelta(hours=1))
    api = api_for(alice)

    def subjects(query: str) -> list[str]:
        return [row["subject"] for row in api.get(f"/api/tickets?{query}").json()["data"]]

    assert subjects("ordering=priority") == ["b", "c", "d", "a"]
    assert subjects("ordering=-account_name") == ["a", "b", "c", "d"]
    assert subjects("status=unresolved&ordering=subject") == ["a", "b", "c"]
    assert subjects("status=closed") == ["d"]
    assert subjects("priority=critical&escalated=true") == ["b"]
    assert subjects(f"account_id={account.number}&ordering=subject") == ["a", "b"]
    assert subjects("owner=my_accounts&ordering=subject") == ["c", "d"]
    assert subjects("search=aard&ordering=subject") == ["c", "d"]
    assert subjects("from=2026-11-01&to=2026-11-01&ordering=subject") == ["a", "b", "c", "d"]
    assert subjects("to=2026-10-31") == []
    page = api.get("/api/tickets?limit=3&page=2&ordering=subject").json()
    assert ([row["subject"] for row in page["data"]], page["total"], page["hasMore"]) == (["d"], 4, False)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("priority=urgent", "priority"),
        ("from=1.11.2026", "from"),
        ("ordering=colour", "ordering"),
        ("limit=0", "limit"),
        ("escalated=perhaps", "escalated"),
        ("owner=me", "owner"),
        ("format=xml", "format"),
    ],
)
def test_a_bad_parameter_is_named(alice: Membership, api_for: ApiFor, query: str, field: str) -> None:
    response = api_for(alice).get(f"/api/tickets?{query}")

    assert response.status_code == 400
    assert "takes" in response.json()["message"]
    assert list(response.json()["errors"]) == [field]


def test_all_rows_of_the_filter_come_as_csv_defused(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization)
    TicketFactory(account=account, subject="=cmd|' /C calc'!A0", external_id="N1")
    TicketFactory(account=account, priority="low", subject="other")

    response = api_for(alice).get("/api/tickets?priority=medium", headers={"Accept": "text/csv"})

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,account_id,account_name,external_id,subject")
    assert len(lines) == 2
    assert ",N1,'=cmd|' /C calc'!A0," in lines[1]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    alice: Membership, api_for: ApiFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        TicketFactory(account=AccountFactory(organization=alice.organization))
    TicketFactory()  # another organisation's: must not show
    api = api_for(alice)
    api.get("/api/tickets")

    with django_assert_max_num_queries(9):
        response = api.get("/api/tickets")

    assert len(response.json()["data"]) == rows
