"""Writing engagements down: their line, their follow-up, their people and promises."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.enums import EngagementState
from accounts.exceptions import (
    AccountArchived,
    EngagementChangedMeanwhile,
    EngagementStateForbids,
    InvalidEngagement,
)
from accounts.models import Account, Engagement
from accounts.services.engagement import (
    NextStep,
    Promise,
    cancel_engagement,
    complete_engagement,
    keep_commitment,
    log_engagement,
    reinstate_engagement,
    unknown_attendees,
    update_engagement,
)
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.engagements import EngagementFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata
PRIYA = {"name": "Priya Nair", "email": "priya@acme.example", "role": "CTO"}


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Acme")


def log(account: Account, by: Membership, **facts: Any) -> Engagement:
    given = {"type": "call", "title": "Weekly call", "completed_at": NOW - timedelta(hours=1)} | facts
    return log_engagement(account=account, by=by.user, now=NOW, **given)


def test_what_was_logged_stands_in_the_timeline(account: Account, alice: Membership) -> None:
    engagement = log(account, alice, description="They like it.", outcome="positive", attendees=[PRIYA])

    line = account.activities.get()
    assert (line.kind, line.title, line.text, line.actor) == ("call", "Weekly call", "They like it.", alice.user)
    assert (line.occurred_at, line.subject_id, line.event) == (engagement.completed_at, engagement.uuid, "logged")
    assert line.details == {"outcome": "positive", "state": "done", "attendees": 1, "competitor": False}
    assert engagement.attendees == [PRIYA]
    assert engagement.history.get().history_user == alice.user


def test_action_required_leaves_a_follow_up_with_the_owner(account: Account, bob: Membership) -> None:
    engagement = log(account, bob, outcome="action_required")

    follow_up = account.follow_ups.get()
    assert (follow_up.assignee, follow_up.created_by) == (account.owner, bob.user)
    assert (follow_up.task_type, follow_up.description) == ("Call follow-up", "Weekly call")
    assert (follow_up.priority, follow_up.engagement) == ("high", engagement)
    # The 22nd at 17:00 in Kolkata, which is 5:30 ahead.
    assert follow_up.due_at == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)


def test_the_next_step_says_what_the_follow_up_is(account: Account, alice: Membership, bob: Membership) -> None:
    due = NOW + timedelta(days=9)
    step = NextStep(
        task_type="Renewal QBR", description="Bring numbers", due_at=due, assignee=bob.user, priority="low"
    )

    log(account, alice, outcome="action_required", next_step=step)

    follow_up = account.follow_ups.get()
    assert (follow_up.task_type, follow_up.description, follow_up.due_at) == ("Renewal QBR", "Bring numbers", due)
    assert (follow_up.assignee, follow_up.priority) == (bob.user, "low")


def test_editing_never_makes_a_second_follow_up(account: Account, alice: Membership) -> None:
    engagement = log(account, alice, outcome="action_required")
    account.follow_ups.all().delete()

    for outcome in ("positive", "action_required"):
        engagement = update_engagement(engagement=engagement, by=alice.user, outcome=outcome, now=NOW)

    assert account.follow_ups.count() == 0


def test_an_outcome_that_turns_to_action_required_makes_the_first_one(account: Account, alice: Membership) -> None:
    engagement = log(account, alice, outcome="neutral")
    assert account.follow_ups.count() == 0

    update_engagement(engagement=engagement, by=alice.user, outcome="action_required", now=NOW)
    update_engagement(engagement=engagement, by=alice.user, title="Other title", now=NOW)

    assert account.follow_ups.count() == 1


def test_a_form_sent_twice_is_written_once(account: Account, alice: Membership) -> None:
    token = uuid.uuid4()

    first = log(account, alice, outcome="action_required", form_token=token)
    second = log(account, alice, outcome="action_required", form_token=token)

    assert first == second
    assert (account.engagements.count(), account.follow_ups.count(), account.activities.count()) == (1, 1, 2)


def test_an_edit_rewrites_the_line_and_marks_it(account: Account, alice: Membership) -> None:
    engagement = log(account, alice)

    update_engagement(engagement=engagement, by=alice.user, title="Monthly call", type="meeting", now=NOW)

    line = account.activities.get()
    assert (line.kind, line.title) == ("meeting", "Monthly call")
    assert line.edited_at is not None


def test_an_edit_that_changes_nothing_writes_nothing(account: Account, alice: Membership) -> None:
    engagement = log(account, alice)

    update_engagement(engagement=engagement, by=alice.user, title="Weekly call ", now=NOW)

    assert engagement.history.count() == 1
    assert account.activities.get().edited_at is None


def test_of_two_editors_the_second_is_told(account: Account, alice: Membership, bob: Membership) -> None:
    engagement = log(account, alice)
    update_engagement(engagement=engagement, by=bob.user, title="Bob's title", now=NOW)

    with pytest.raises(EngagementChangedMeanwhile):
        update_engagement(
            engagement=engagement, by=alice.user, title="Alice's", seen_at=engagement.updated_at, now=NOW
        )

    engagement.refresh_from_db()
    assert engagement.title == "Bob's title"


def test_attendees_are_tied_to_contacts_by_email(account: Account, alice: Membership) -> None:
    priya = ContactFactory(account=account, email="priya@acme.example")
    elsewhere = AccountFactory(organization=account.organization)
    ContactFactory(account=elsewhere, email="tom@acme.example")
    tom = {"name": "Tom", "email": "Tom@Acme.example", "role": ""}

    engagement = log(account, alice, attendees=[{**PRIYA, "email": " PRIYA@acme.example "}, tom])

    assert list(engagement.contacts.all()) == [priya]
    assert unknown_attendees(engagement) == [tom]

    update_engagement(engagement=engagement, by=alice.user, attendees=[tom], now=NOW)

    assert list(engagement.contacts.all()) == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"type": "party"}, "type"),
        ({"outcome": "great"}, "outcome"),
        ({"completed_at": NOW + timedelta(minutes=6)}, "completed_at"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"attendees": [{"role": "CTO"}]}, "attendees"),
        ({"attendees": [{"name": "n" * 256}]}, "attendees"),
        ({"attendees": [{"name": "n"}] * 201}, "attendees"),
        ({"commitments": [Promise(side="them", what="Pay")]}, "commitments"),
        ({"commitments": [Promise(side="us", what=" ")]}, "commitments"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(
    account: Account, alice: Membership, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidEngagement) as refusal:
        log(account, alice, **facts)

    assert list(refusal.value.errors or {}) == [field]


def test_nothing_is_logged_on_an_archived_account(account: Account, alice: Membership) -> None:
    Account.objects.filter(pk=account.pk).update(archived_at=NOW)

    with pytest.raises(AccountArchived):
        log(account, alice)

    assert account.engagements.count() == 0


def planned(account: Account, by: Membership) -> Engagement:
    return log(account, by, completed_at=None, scheduled_at=NOW + timedelta(days=1))


def test_a_planned_engagement_is_held_with_its_outcome(account: Account, alice: Membership) -> None:
    engagement = planned(account, alice)
    assert engagement.state == EngagementState.PLANNED

    held = complete_engagement(
        engagement=engagement, by=alice.user, outcome="action_required", now=NOW + timedelta(days=2)
    )

    assert (held.state, held.completed_at) == (EngagementState.DONE, NOW + timedelta(days=1))
    assert account.follow_ups.count() == 1
    with pytest.raises(EngagementStateForbids):
        complete_engagement(engagement=held, by=alice.user, now=NOW)


def test_a_meeting_held_before_its_time_was_held_now(account: Account, alice: Membership) -> None:
    held = complete_engagement(engagement=planned(account, alice), by=alice.user, now=NOW)

    assert held.completed_at == NOW


def test_what_is_cancelled_stays_in_the_story_and_comes_back(account: Account, alice: Membership) -> None:
    engagement = cancel_engagement(engagement=planned(account, alice), by=alice.user, reason="Customer ill", now=NOW)

    assert (engagement.state, engagement.cancel_reason) == (EngagementState.CANCELLED, "Customer ill")
    assert account.activities.get().details["state"] == "cancelled"
    with pytest.raises(EngagementStateForbids):
        complete_engagement(engagement=engagement, by=alice.user, now=NOW)

    assert reinstate_engagement(engagement=engagement, by=alice.user).state == EngagementState.PLANNED


def test_what_was_held_cannot_be_cancelled(account: Account, alice: Membership) -> None:
    with pytest.raises(EngagementStateForbids):
        cancel_engagement(engagement=log(account, alice), by=alice.user)


def test_commitments_are_written_changed_and_kept(account: Account, alice: Membership) -> None:
    engagement = log(
        account,
        alice,
        commitments=[
            Promise(side="us", what="Send the plan", due_on=date(2026, 11, 25)),
            Promise(side="customer", name="Priya", what="Sign"),
        ],
    )
    ours, theirs = engagement.commitments.all()

    changed = [Promise(side="us", what="Send the new plan", id=ours.uuid, due_on=date(2026, 11, 25))]
    update_engagement(engagement=engagement, by=alice.user, commitments=changed, now=NOW)

    ours.refresh_from_db()
    assert (ours.what, engagement.commitments.count()) == ("Send the new plan", 1)
    assert ours.history.count() == 2
    assert keep_commitment(commitment=ours, by=alice.user, now=NOW).kept_at == NOW
    assert keep_commitment(commitment=ours, by=alice.user, kept=False).kept_at is None
    with pytest.raises(InvalidEngagement):
        update_engagement(
            engagement=engagement,
            by=alice.user,
            commitments=[Promise(side="us", what="x", id=theirs.uuid)],
            now=NOW,
        )


def test_a_named_competitor_is_a_mention(account: Account, alice: Membership) -> None:
    assert log(account, alice, competitor="Vultron was cheaper").mentions_competitor is True


def test_the_last_engagement_is_the_newest_held_or_written_one(account: Account) -> None:
    organization = account.organization
    EngagementFactory(account=account, completed_at=datetime(2026, 11, 1, tzinfo=UTC))
    newest = EngagementFactory(account=account, completed_at=datetime(2026, 11, 3, tzinfo=UTC))
    planned = EngagementFactory(account=account, completed_at=None, scheduled_at=datetime(2027, 1, 1, tzinfo=UTC))
    Engagement.objects.filter(pk=planned.pk).update(created_at=datetime(2026, 10, 1, tzinfo=UTC))
    AccountFactory(organization=organization)

    found = organization.accounts.with_last_engagement().order_by("pk").values_list("last_engagement", flat=True)

    assert list(found) == [newest.completed_at, None]
