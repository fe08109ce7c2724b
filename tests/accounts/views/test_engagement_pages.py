"""Engagements, follow-ups and the timeline as pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Activity, Engagement
from accounts.services.engagement import log_engagement
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.engagements import CommitmentFactory, EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
HOSTILE = """<script>alert(1)</script> "'& =1+1 \u202egnp 🚀"""
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Acme")


def given(account: Account, **facts: Any) -> dict[str, Any]:
    """What the form sends; no row of promises."""
    return {"account": account.name, "type": "call", "title": "Weekly call", "state": "done", "at": "", **facts}


def test_a_call_with_two_people_and_action_required_is_logged_once(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    client, url = client_for(alice), reverse("accounts:engagement_create")
    priya = ContactFactory(account=account, name="Priya Nair", email="priya@acme.example", title="CTO")
    form = client.get(f"{url}?account={account.number}").context["form"]
    sent = given(
        account,
        token=str(form.initial["token"]),
        outcome="action_required",
        people=[str(priya.uuid)],
        attendees="Tom <tom@acme.example>, Buyer",
        next_task="Send the proposal",
        next_due_on="2026-12-01",
    ) | {
        "promises-TOTAL_FORMS": "1",
        "promises-INITIAL_FORMS": "0",
        "promises-0-what": "Send prices",
        "promises-0-side": "us",
    }

    for _ in range(2):  # a double click
        response = client.post(f"{url}?account={account.number}", sent)

    engagement = account.engagements.get()
    assert response["Location"] == engagement.get_absolute_url()
    assert engagement.attendees == [
        {"name": "Priya Nair", "email": "priya@acme.example", "role": "CTO"},
        {"name": "Tom", "email": "tom@acme.example", "role": "Buyer"},
    ]
    assert list(engagement.contacts.all()) == [priya]
    assert [each.what for each in engagement.commitments.all()] == ["Send prices"]
    follow_up = account.follow_ups.get()
    # 17:00 in Kolkata.
    assert (follow_up.task_type, follow_up.due_at) == ("Send the proposal", datetime(2026, 12, 1, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"account": "Nobody"}, "account"),
        ({"title": ""}, "title"),
        ({"type": "party"}, "type"),
        ({"attendees": "Tom <tom@>"}, "attendees"),
        ({"at": "2999-01-01T10:00"}, "at"),
        ({"next_due_on": "soon"}, "next_due_on"),
        ({"people": ["nobody"]}, "people"),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_keeps_what_was_typed(
    account: Account, alice: Membership, client_for: ClientFor, facts: dict[str, Any], field: str
) -> None:
    response = client_for(alice).post(
        reverse("accounts:engagement_create"), given(account, description="Typed before") | facts
    )

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Typed before" in response.content.decode()
    assert account.engagements.count() == 0


def test_what_is_planned_is_held_with_what_was_said(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    client = client_for(alice)
    client.post(
        reverse("accounts:engagement_create"),
        given(account, state="planned", at="2999-01-01T10:00", description="Agenda"),
    )
    engagement = account.engagements.get()
    assert engagement.is_planned
    assert engagement.scheduled_at == datetime(2999, 1, 1, 4, 30, tzinfo=UTC)  # typed in Kolkata

    client.post(
        reverse("accounts:engagement_complete", args=[engagement.uuid]),
        {"description": "They signed.", "outcome": "positive"},
    )

    engagement.refresh_from_db()
    assert (engagement.outcome, engagement.description) == ("positive", "Agenda\n\nThey signed.")
    assert engagement.completed_at is not None


def test_cancelling_and_planning_again(account: Account, alice: Membership, client_for: ClientFor) -> None:
    client = client_for(alice)
    engagement = EngagementFactory(
        account=account, completed_at=None, scheduled_at=timezone.now() + timedelta(days=1)
    )

    client.post(reverse("accounts:engagement_cancel", args=[engagement.uuid]), {"reason": "Ill"})
    engagement.refresh_from_db()
    assert (engagement.is_cancelled, engagement.cancel_reason) == (True, "Ill")
    client.post(reverse("accounts:engagement_reinstate", args=[engagement.uuid]))
    engagement.refresh_from_db()
    assert engagement.is_planned


def test_of_two_editors_the_second_sees_a_refusal(account: Account, alice: Membership, client_for: ClientFor) -> None:
    client = client_for(alice)
    engagement = EngagementFactory(account=account, title="First")
    url = reverse("accounts:engagement_edit", args=[engagement.uuid])
    seen = client.get(url).context["form"].initial["seen_at"]
    EngagementFactory._meta.model.objects.get(pk=engagement.pk).save()  # somebody else saved meanwhile

    response = client.post(url, given(account, title="Second", seen_at=seen))

    engagement.refresh_from_db()
    assert response.status_code == 422
    assert "Somebody else changed this engagement" in response.content.decode()
    assert engagement.title == "First"


def test_an_edit_that_leaves_the_moment_alone_keeps_its_seconds(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    client = client_for(alice)
    held = datetime(2026, 11, 2, 9, 15, 42, tzinfo=UTC)
    engagement = EngagementFactory(account=account, completed_at=held)
    url = reverse("accounts:engagement_edit", args=[engagement.uuid])

    response = client.post(url, given(account, title="Other", at="2026-11-02T14:45"))

    engagement.refresh_from_db()
    assert response.status_code == 302
    assert (engagement.title, engagement.completed_at) == ("Other", held)


def test_an_attendee_becomes_a_contact_in_one_click(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    engagement = EngagementFactory(
        account=account, attendees=[{"name": "Tom", "email": "Tom@acme.example", "role": "Buyer"}]
    )
    url = reverse("accounts:attendee_add", args=[engagement.uuid])

    for _ in range(2):
        client_for(alice).post(url, {"email": "tom@acme.example"})

    contact = account.contacts.get()
    assert (contact.name, contact.email, contact.title) == ("Tom", "tom@acme.example", "Buyer")
    assert list(engagement.contacts.all()) == [contact]


def test_a_promise_is_ticked_off_and_back(account: Account, alice: Membership, client_for: ClientFor) -> None:
    client = client_for(alice)
    commitment = CommitmentFactory(engagement__account=account)
    url = reverse("accounts:commitment_keep", args=[commitment.uuid])

    client.post(url)
    commitment.refresh_from_db()
    assert commitment.is_kept
    client.post(url, {"undo": "1"})
    commitment.refresh_from_db()
    assert not commitment.is_kept


def test_a_line_is_corrected_in_place(account: Account, alice: Membership, client_for: ClientFor) -> None:
    engagement = log_engagement(account=account, by=alice.user, type="call", title="Tpyo")
    client, url = client_for(alice), reverse("accounts:engagement_quick_edit", args=[engagement.uuid])
    form = client.get(url, **HX)
    assert "hx-post" in form.content.decode()

    response = client.post(url, {"title": "Typo", "outcome": "positive", "description": ""}, **HX)

    body = response.content.decode()
    assert response.status_code == 200
    assert "Typo" in body
    assert "edited" in body
    assert client.post(url, {"title": ""}, **HX).status_code == 422
    assert client.get(url)["Location"] == reverse("accounts:engagement_edit", args=[engagement.uuid])


def test_hostile_text_is_text_everywhere(account: Account, alice: Membership, client_for: ClientFor) -> None:
    client = client_for(alice)
    engagement = log_engagement(
        account=account,
        by=alice.user,
        type="meeting",
        title=HOSTILE,
        description=HOSTILE,
        outcome="action_required",
        competitor=HOSTILE,
        attendees=[{"name": HOSTILE, "email": "", "role": HOSTILE}],
    )
    CommitmentFactory(engagement=engagement, what=HOSTILE, name=HOSTILE)
    follow_up = FollowUpFactory(
        account=account, task_type=HOSTILE[:100], description=HOSTILE, department=HOSTILE[:100], assignee=alice.user
    )
    pages = [
        reverse("accounts:engagement_list"),
        reverse("accounts:engagement_edit", args=[engagement.uuid]),
        engagement.get_absolute_url(),
        reverse("accounts:follow_up_list"),
        follow_up.get_absolute_url(),
        reverse("accounts:timeline"),
        reverse("accounts:account_timeline", args=[account.number]),
    ]

    for url in pages:
        body = client.get(url).content.decode()
        assert "<script>alert" not in body, url
        assert ESCAPED in body, url


def test_exports_defuse_formulas(account: Account, alice: Membership, client_for: ClientFor) -> None:
    EngagementFactory(account=account, title="=1+1", attendees=[{"name": "@SUM", "email": "", "role": ""}])
    FollowUpFactory(account=account, task_type="=1+1", assignee=alice.user)
    client = client_for(alice)

    for name in ("engagement_export", "follow_up_export"):
        body = b"".join(client.get(reverse(f"accounts:{name}"))).decode()
        assert "'=1+1" in body
        assert ",=1+1" not in body


def test_follow_ups_are_mine_and_open_to_begin_with(
    account: Account, alice: Membership, bob: Membership, client_for: ClientFor
) -> None:
    mine = FollowUpFactory(account=account, assignee=alice.user, task_type="Mine")
    FollowUpFactory(account=account, assignee=bob.user, task_type="Bob's")
    FollowUpFactory(account=account, assignee=alice.user, task_type="Done", completed_at=timezone.now())
    FollowUpFactory(account=AccountFactory(), task_type="Elsewhere")
    client, url = client_for(alice), reverse("accounts:follow_up_list")

    def shown(query: str = "") -> list[str]:
        return sorted(each.task_type for each in client.get(url + query).context["follow_ups"])

    assert shown() == ["Mine"]
    assert shown("?assignee=") == ["Bob's", "Mine"]
    assert shown("?due=done") == ["Done"]
    assert shown("?q=mine") == ["Mine"]
    assert shown("?due=nonsense") == []
    assert mine.task_type in client.get(url, **HX).content.decode()


def test_done_in_place_and_undone_by_the_toast(account: Account, alice: Membership, client_for: ClientFor) -> None:
    task = FollowUpFactory(account=account, assignee=alice.user, task_type="Call them")
    client = client_for(alice)
    here = {**HX, "HTTP_HX_TARGET": "list"}

    done = client.post(reverse("accounts:follow_up_complete", args=[task.uuid]), **here)

    task.refresh_from_db()
    undo = reverse("accounts:follow_up_reopen", args=[task.uuid])
    assert task.completed_by == alice.user
    assert undo in done.content.decode()
    client.post(undo, **here)
    task.refresh_from_db()
    assert task.completed_at is None
    again = client.post(reverse("accounts:follow_up_reopen", args=[task.uuid]), **here)
    assert "is not done" in again.content.decode()


def test_a_task_is_put_off_and_woken(account: Account, alice: Membership, client_for: ClientFor) -> None:
    task = FollowUpFactory(account=account, assignee=alice.user, due_at=timezone.now() - timedelta(days=3))
    client, url = client_for(alice), reverse("accounts:follow_up_snooze", args=[task.uuid])

    client.post(url, {"days": "7"})
    task.refresh_from_db()
    assert task.snoozed_until is not None
    assert 6 <= (task.snoozed_until - timezone.now()).days <= 7
    client.post(url, {"wake": "1"})
    task.refresh_from_db()
    assert task.snoozed_until is None
    client.post(url, {"on": "nonsense"})
    task.refresh_from_db()
    assert task.snoozed_until is None


def test_a_follow_up_is_added_once_changed_and_deleted(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    client = client_for(alice)
    sent = {
        "account": "acme",
        "task_type": "Send prices",
        "due_at": "2026-12-01T17:00",
        "priority": "high",
        "token": str(uuid.uuid4()),
    }
    for _ in range(2):
        assert client.post(reverse("accounts:follow_up_create"), sent).status_code == 302
    task = account.follow_ups.get()

    url = task.get_absolute_url()
    client.post(url, {**sent, "task_type": "Send new prices", "seen_at": task.updated_at.isoformat()})
    task.refresh_from_db()
    assert task.task_type == "Send new prices"
    assert client.post(url, {**sent, "seen_at": "2020-01-01T00:00:00+00:00"}).status_code == 422
    client.post(reverse("accounts:follow_up_remove", args=[task.uuid]))
    assert account.follow_ups.count() == 0


def test_viewers_read_and_are_offered_nothing_to_write(
    account: Account, rita: Membership, bob: Membership, client_for: ClientFor
) -> None:
    engagement = EngagementFactory(account=account)
    task = FollowUpFactory(account=account)
    for member in (rita, bob):
        client = client_for(member)
        for url in (engagement.get_absolute_url(), reverse("accounts:account_timeline", args=[account.number])):
            body = client.get(url).content.decode()
            assert "/edit" not in body.replace(reverse("accounts:account_edit", args=[account.number]), "")
            assert "composer" not in body
        assert 'name="task_type"' not in client.get(task.get_absolute_url()).content.decode()
        assert client.post(task.get_absolute_url(), {}).status_code == 403
        assert client.post(reverse("accounts:engagement_cancel", args=[engagement.uuid])).status_code == 403


def line(account: Account, at: datetime, **facts: Any) -> Activity:
    return account.activities.create(
        organization=account.organization, **{"kind": "note", "title": "Line", "occurred_at": at, **facts}
    )


def test_days_of_the_timeline_are_the_organisations(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    """18:00 UTC is 23:30 in Kolkata; half an hour later the next day has begun."""
    line(account, datetime(2026, 11, 2, 18, tzinfo=UTC), title="late")
    line(account, datetime(2026, 11, 2, 18, 30, tzinfo=UTC), title="next")

    days = client_for(alice).get(reverse("accounts:timeline")).context["timeline"].days

    assert [(str(day.on), [each.activity.title for each in day.lines]) for day in days] == [
        ("2026-11-03", ["next"]),
        ("2026-11-02", ["late"]),
    ]


def test_older_lines_follow_without_a_gap_or_a_double(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    """120 lines, all at one moment: the order behind it is the row's."""
    at = datetime(2026, 11, 2, tzinfo=UTC)
    Activity.objects.bulk_create(
        Activity(organization=account.organization, account=account, kind="note", title=f"{n}", occurred_at=at)
        for n in range(120)
    )
    client, url = client_for(alice), reverse("accounts:account_timeline", args=[account.number])
    seen: list[str] = []
    before = ""
    for _ in range(3):
        page = client.get(url, {"before": before}).context["timeline"]
        seen += [each.activity.title for day in page.days for each in day.lines]
        before = page.older

    assert seen == [str(n) for n in reversed(range(120))]
    assert before == ""
    assert client.get(url, {"before": "nonsense"}).status_code == 200


def test_the_timeline_narrows_by_kind_text_month_and_system(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    line(account, datetime(2026, 10, 31, 18, tzinfo=UTC), title="October", kind="call")
    line(account, datetime(2026, 10, 31, 19, tzinfo=UTC), title="November", kind="meeting")
    line(account, datetime(2026, 11, 5, tzinfo=UTC), title="Import", kind="import", is_system=True)
    client, url = client_for(alice), reverse("accounts:account_timeline", args=[account.number])

    def titles(query: str) -> list[str]:
        page = client.get(f"{url}?{query}").context["timeline"]
        return [each.activity.title for day in page.days for each in day.lines]

    assert titles("") == ["Import", "November", "October"]
    assert titles("type=call&type=meeting") == ["November", "October"]
    assert titles("q=octo") == ["October"]
    assert titles("month=2026-10") == ["October"]  # the other one is on 1 November in Kolkata
    assert titles("system=false") == ["November", "October"]
    assert titles("month=nonsense") == ["Import", "November", "October"]
    assert titles("type=nonsense") == []
    counts = client.get(f"{url}?type=call").context["kinds"]
    assert [each[:3] for each in counts] == [("meeting", "Meeting", 1), ("call", "Call", 1), ("import", "Import", 1)]


@pytest.mark.parametrize("name", ["engagement_list", "follow_up_list", "timeline"])
def test_pages_cost_the_same_for_any_length(
    account: Account, alice: Membership, client_for: ClientFor, name: str
) -> None:
    client, url, costs = client_for(alice), reverse(f"accounts:{name}"), []
    client.get(url)
    for more in (1, 2, 20):
        for _ in range(more):
            log_engagement(
                account=AccountFactory(organization=account.organization, owner=alice.user),
                by=alice.user,
                type="call",
                title="Call",
                outcome="action_required",
            )
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        costs.append(len(captured))

    assert costs[0] == costs[1] == costs[2]
    assert costs[0] <= 22


def test_engagements_of_another_organisation_are_not_in_the_list(
    account: Account, mallory: Membership, client_for: ClientFor
) -> None:
    EngagementFactory(account=account, title="Canary")

    assert "Canary" not in client_for(mallory).get(reverse("accounts:engagement_list")).content.decode()
    assert Engagement.objects.count() == 1
