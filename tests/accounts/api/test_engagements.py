"""Engagements, follow-ups and the timeline over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Engagement
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import CommitmentFactory, EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
HELD = "2026-11-02T09:00:00Z"
PRIYA = {"name": "Priya Nair", "email": "priya@acme.example", "role": "CTO"}


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Acme")


def body(account: Account, **facts: object) -> dict[str, object]:
    return {"account_id": str(account.uuid), "type": "call", "title": "Weekly call", "completed_at": HELD, **facts}


def test_what_was_sent_is_what_is_read(account: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)

    response = api.post("/api/engagements", body(account, attendees=[PRIYA], outcome="positive"), format="json")

    engagement = account.engagements.get()
    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "id": str(engagement.uuid),
        "organization_id": str(alice.organization.uuid),
        "account_id": str(account.uuid),
        "account_name": "Acme",
        "created_by": str(alice.user.uuid),
        "type": "call",
        "title": "Weekly call",
        "description": None,
        "outcome": "positive",
        "state": "done",
        "scheduled_at": None,
        "duration_minutes": 30,
        "completed_at": HELD,
        "cancelled_at": None,
        "cancel_reason": "",
        "attendees": [PRIYA],
        "mentions_competitor": False,
        "competitor": "",
        "commitments": [],
        "follow_up_ids": [],
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    assert api.get(f"/api/engagements/{engagement.uuid}").json() == shown
    # What was read can be sent back: nothing changes, least of all its author.
    again = api.put(f"/api/engagements/{engagement.uuid}", shown, format="json")
    assert (again.status_code, again.json()) == (200, shown)


def test_with_action_required_the_follow_up_is_there_when_the_answer_is(
    account: Account, alice: Membership, api_for: ApiFor
) -> None:
    api = api_for(alice)
    step = {"task_type": "Renewal QBR", "due_at": "2026-12-01T09:00:00Z", "priority": "low"}

    response = api.post(
        "/api/engagements", body(account, outcome="action_required", next_step=step), format="json"
    ).json()

    follow_up = account.follow_ups.get()
    assert response["follow_up_ids"] == [str(follow_up.uuid)]
    assert (follow_up.task_type, follow_up.priority, follow_up.assignee) == ("Renewal QBR", "low", alice.user)
    api.put(f"/api/engagements/{response['id']}", {"title": "Another"}, format="json")
    assert account.follow_ups.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"type": "party"}, "type"),
        ({"type": None}, "type"),
        ({"outcome": "great"}, "outcome"),
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"completed_at": "yesterday"}, "completed_at"),
        ({"completed_at": "2999-01-01T00:00:00Z"}, "completed_at"),
        ({"attendees": "Priya"}, "attendees.non_field_errors"),
        ({"attendees": [{"role": "CTO"}]}, "attendees"),
        ({"account_id": "5f5b9b39-0000-4000-8000-000000000000"}, "account_id"),
        ({"account_id": 10**30}, "account_id"),
    ],
)
def test_bad_input_is_refused_by_name(
    account: Account, alice: Membership, api_for: ApiFor, facts: dict[str, Any], field: str
) -> None:
    response = api_for(alice).post("/api/engagements", body(account, **facts), format="json")

    assert response.status_code == 400
    assert field in response.json()["errors"]
    assert account.engagements.count() == 0


def test_who_came_is_named_in_a_partial_update_too(account: Account, alice: Membership, api_for: ApiFor) -> None:
    engagement = EngagementFactory(account=account, attendees=[PRIYA])

    refused = api_for(alice).put(
        f"/api/engagements/{engagement.uuid}", {"attendees": [{"role": "CTO"}]}, format="json"
    )

    engagement.refresh_from_db()
    assert (refused.status_code, engagement.attendees) == (400, [PRIYA])


def test_an_engagement_stays_with_its_account(account: Account, alice: Membership, api_for: ApiFor) -> None:
    other = AccountFactory(organization=alice.organization, owner=alice.user)
    engagement = EngagementFactory(account=account)

    response = api_for(alice).put(
        f"/api/engagements/{engagement.uuid}", {"account_id": str(other.uuid)}, format="json"
    )

    assert (response.status_code, list(response.json()["errors"])) == (400, ["account_id"])


def test_another_organisations_account_is_like_an_unknown_one(
    account: Account, mallory: Membership, api_for: ApiFor
) -> None:
    response = api_for(mallory).post("/api/engagements", body(account), format="json")

    assert (response.status_code, list(response.json()["errors"])) == (400, ["account_id"])
    assert Engagement.objects.count() == 0


def test_a_colleague_reads_and_does_not_write(
    account: Account, bob: Membership, mona: Membership, farah: Membership, rita: Membership, api_for: ApiFor
) -> None:
    engagement = EngagementFactory(account=account)

    for member, status in ((bob, 403), (farah, 403), (rita, 403), (mona, 200)):
        api = api_for(member)
        assert api.get(f"/api/engagements/{engagement.uuid}").status_code == 200
        assert api.put(f"/api/engagements/{engagement.uuid}", {"title": "New"}, format="json").status_code == status
    assert api_for(mona).delete(f"/api/engagements/{engagement.uuid}").status_code == 405


def test_the_list_is_newest_first_by_when_it_was(account: Account, alice: Membership, api_for: ApiFor) -> None:
    """Held, else planned, else written: 1 November, 5 November, 3 November."""
    held = EngagementFactory(account=account, title="held", completed_at=datetime(2026, 11, 1, tzinfo=UTC))
    plan = EngagementFactory(
        account=account, title="plan", completed_at=None, scheduled_at=datetime(2026, 11, 5, tzinfo=UTC)
    )
    note = EngagementFactory(account=account, title="note", completed_at=None)
    Engagement.objects.filter(pk=note.pk).update(created_at=datetime(2026, 11, 3, tzinfo=UTC))

    api = api_for(alice)

    def titles(query: str) -> list[str]:
        return [each["title"] for each in api.get(f"/api/engagements?{query}").json()["data"]]

    assert titles("") == ["plan", "note", "held"]
    assert titles("from=2026-11-03&to=2026-11-05") == ["plan", "note"]
    assert titles("state=planned") == ["plan"]
    assert titles(f"account_id={account.number}&type=call&search=HEL") == ["held"]
    assert titles("ordering=title") == ["held", "note", "plan"]
    assert held.title in api.get("/api/engagements?format=csv").getvalue().decode()
    assert plan.pk != held.pk


def test_days_are_the_organisations(account: Account, alice: Membership, api_for: ApiFor) -> None:
    """18:00 UTC on the 2nd is 23:30 in Kolkata, still the 2nd; half an hour later it is the 3rd."""
    EngagementFactory(account=account, title="late", completed_at=datetime(2026, 11, 2, 18, tzinfo=UTC))
    EngagementFactory(account=account, title="next", completed_at=datetime(2026, 11, 2, 18, 30, tzinfo=UTC))

    found = api_for(alice).get("/api/engagements?from=2026-11-02&to=2026-11-02").json()

    assert [each["title"] for each in found["data"]] == ["late"]


@pytest.mark.parametrize(
    "query", ["type=party", "outcome=good", "from=2026-13-01", "limit=0", "ordering=secret", "state=x", "format=xml"]
)
def test_a_bad_parameter_is_400_and_named(alice: Membership, api_for: ApiFor, query: str) -> None:
    response = api_for(alice).get(f"/api/engagements?{query}")

    assert response.status_code == 400
    assert query.partition("=")[0] in str(response.json())


@pytest.mark.parametrize("path", ["/api/engagements", "/api/follow-ups", "/api/activities"])
def test_lists_cost_the_same_for_any_length(
    account: Account,
    alice: Membership,
    api_for: ApiFor,
    path: str,
) -> None:
    api, costs = api_for(alice), []
    api.get(path)
    for rows in (1, 2):
        for _ in range(rows):
            engagement = EngagementFactory(account=account, created_by=alice.user)
            CommitmentFactory(engagement=engagement)
            FollowUpFactory(account=account, engagement=engagement, assignee=alice.user, completed_by=alice.user)
            account.activities.create(
                organization=account.organization,
                kind="call",
                title="x",
                occurred_at=timezone.now(),
                actor=alice.user,
            )
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path).json()["total"] == (1 if rows == 1 else 3)
        costs.append(len(captured))

    assert costs[0] == costs[1]


def test_a_planned_engagement_is_held_or_cancelled(account: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)
    soon = timezone.now() + timedelta(days=1)
    first = EngagementFactory(account=account, completed_at=None, scheduled_at=soon)
    second = EngagementFactory(account=account, completed_at=None, scheduled_at=soon)

    held = api.post(f"/api/engagements/{first.uuid}/complete", {"outcome": "action_required"}, format="json")
    gone = api.post(f"/api/engagements/{second.uuid}/cancel", {"reason": "Ill"}, format="json")

    assert (held.status_code, held.json()["state"], len(held.json()["follow_up_ids"])) == (200, "done", 1)
    assert (gone.status_code, gone.json()["state"], gone.json()["cancel_reason"]) == (200, "cancelled", "Ill")
    assert api.post(f"/api/engagements/{first.uuid}/cancel", format="json").status_code == 409
    assert api.post(f"/api/engagements/{second.uuid}/reinstate", format="json").json()["state"] == "planned"


def test_a_stale_write_is_412(account: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)
    url = f"/api/engagements/{EngagementFactory(account=account).uuid}"
    tag = api.get(url)["ETag"]
    api.put(url, {"title": "First"}, format="json", HTTP_IF_MATCH=tag)

    assert api.put(url, {"title": "Second"}, format="json", HTTP_IF_MATCH=tag).status_code == 412


@time_machine.travel(datetime(2026, 11, 20, 6, tzinfo=UTC))
def test_a_follow_up_lives_from_post_to_delete(account: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)
    run = "0d7a1c2e-5f6b-4c3d-8e9f-0a1b2c3d4e5f"
    given = {
        "account_id": account.number,
        "assignee_id": str(alice.user.uuid),
        "task_type": "Renewal QBR",
        "description": "Slides",
        "priority": "high",
        "due_at": "2026-12-01T09:00:00Z",
        "department": "Sales",
        "playbook_run_id": run,
    }

    made = api.post("/api/follow-ups", given, format="json")

    url = f"/api/follow-ups/{made.json()['id']}"
    assert made.status_code == 201
    assert made.json() | given == made.json() | {"account_id": account.number}
    assert made.json()["account_id"] == str(account.uuid)
    assert api.get(f"/api/follow-ups?playbook_run_id={run}&assignee=my_accounts").json()["total"] == 1
    done = api.post(f"{url}/complete")
    assert (done.status_code, done.json()["completed_by"]) == (200, str(alice.user.uuid))
    assert api.post(f"{url}/complete").status_code == 409
    assert api.post(f"{url}/reopen").json()["completed_at"] is None
    # 17:00 in Kolkata.
    assert api.post(f"{url}/snooze", {"until": "2026-12-05"}).json()["snoozed_until"] == "2026-12-05T11:30:00Z"
    assert api.post(f"{url}/snooze", {"until": "2026-12-06T08:00:00Z"}).status_code == 200
    assert api.post(f"{url}/snooze", {"until": None}, format="json").json()["snoozed_until"] is None
    assert api.put(url, {"due_at": "2026-12-09T09:00:00Z"}).json()["due_at"] == "2026-12-09T09:00:00Z"
    assert api.delete(url).status_code == 204
    assert api.delete(url).status_code == 404


@pytest.mark.parametrize("until", ["soon", 5, ["2026-12-01"], "2020-01-01", ""])
def test_a_bad_end_of_snoozing_is_refused(
    account: Account, alice: Membership, api_for: ApiFor, until: object
) -> None:
    follow_up = FollowUpFactory(account=account)

    response = api_for(alice).post(f"/api/follow-ups/{follow_up.uuid}/snooze", {"until": until}, format="json")

    assert (response.status_code, list(response.json()["errors"])) == (400, ["until"])


def test_whose_task_it_is_may_do_it_but_not_change_it(account: Account, bob: Membership, api_for: ApiFor) -> None:
    mine = FollowUpFactory(account=account, assignee=bob.user)
    other = FollowUpFactory(account=account)
    api = api_for(bob)

    assert api.post(f"/api/follow-ups/{mine.uuid}/complete").status_code == 200
    assert api.post(f"/api/follow-ups/{other.uuid}/complete").status_code == 403
    assert api.put(f"/api/follow-ups/{mine.uuid}", {"task_type": "x"}).status_code == 403


def test_a_strangers_ids_in_a_body_are_unknown(
    account: Account, alice: Membership, mallory: Membership, api_for: ApiFor
) -> None:
    theirs = EngagementFactory(account=AccountFactory(organization=mallory.organization))
    api = api_for(alice)
    given = {"account_id": str(account.uuid), "task_type": "Call"}

    for field, value in (("assignee_id", mallory.user.uuid), ("engagement_id", theirs.uuid)):
        response = api.post("/api/follow-ups", {**given, field: str(value)}, format="json")
        assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert account.follow_ups.count() == 0


def test_the_timeline_lists_what_happened(account: Account, alice: Membership, api_for: ApiFor) -> None:
    api = api_for(alice)
    api.post("/api/engagements", body(account, outcome="action_required"), format="json")

    lines = api.get(f"/api/activities?account_id={account.uuid}").json()
    calls = api.get("/api/activities?type=call&type=meeting&from=2026-11-02&to=2026-11-02").json()

    assert [line["type"] for line in lines["data"]] == ["follow_up", "call"]
    assert [(line["title"], line["actor"]) for line in calls["data"]] == [("Weekly call", alice.user.display_name)]
    assert api.get("/api/activities?type=party").status_code == 400
