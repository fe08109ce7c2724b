"""Tasks for people: opening, changing, doing, snoozing and removing follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from accounts.enums import ActivityKind
from accounts.exceptions import (
    AccountArchived,
    FollowUpAlreadyDone,
    FollowUpChangedMeanwhile,
    FollowUpNotDone,
    InvalidFollowUp,
)
from accounts.models import Account, Engagement, FollowUp
from accounts.services.activity import Happening, record_activities, record_activity, revise_activity
from accounts.signals import FollowUpMove, follow_up_moved
from csplatform.models import Organization, User
from csplatform.periods import today, zone_of

OPENED, COMPLETED = "opened", "completed"
DEFAULT_DAYS = 2
DEFAULT_HOUR = time(17)


class FollowUpFacts(TypedDict, total=False):
    """What people may write of a follow-up; what is left out stays as it is."""

    assignee: User | None
    task_type: str
    description: str
    priority: str
    due_at: datetime
    department: str
    playbook_run_id: UUID | None


def default_due(organization: Organization, *, now: datetime) -> datetime:
    """When a task is due that nobody gave a date: at 17:00 of the day after tomorrow."""
    return end_of_work(today(organization, now=now) + timedelta(days=DEFAULT_DAYS), organization)


def end_of_work(day: date, organization: Organization) -> datetime:
    """When a task is due that has a day and no hour: at 17:00 in the organisation's zone."""
    return datetime.combine(day, DEFAULT_HOUR, zone_of(organization))


@transaction.atomic
def open_follow_up(
    *,
    account: Account,
    by: User | None,
    engagement: Engagement | None = None,
    form_token: UUID | None = None,
    now: datetime | None = None,
    **facts: Unpack[FollowUpFacts],
) -> FollowUp:
    """Give somebody a task about an account. Sent twice with one `form_token` it is opened once."""
    now = now or timezone.now()
    organization = account.organization
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if form_token is not None and (earlier := organization.follow_ups.filter(form_token=form_token).first()):
        return earlier
    if stored.is_archived:
        raise AccountArchived
    follow_up = FollowUp(
        organization=organization, account=stored, engagement=engagement, created_by=by, form_token=form_token
    )
    follow_up.due_at = facts.pop("due_at", None) or default_due(organization, now=now)
    for name, value in facts.items():
        setattr(follow_up, name, value)
    _refuse_what_cannot_be(follow_up)
    _save(follow_up, by=by)
    record_activity(opening_line(follow_up, by=by))
    return follow_up


@transaction.atomic
def open_follow_ups(
    *, organization: Organization, accounts: Sequence[Account], by: User | None, task_type: str, due_at: datetime
) -> list[FollowUp]:
    """The same task about many accounts, each for its owner, else for who asks. Set-based, with history."""
    active = set(organization.memberships.active().values_list("user_id", flat=True))
    tasks = [
        FollowUp(
            organization=organization,
            account=account,
            assignee=account.owner if account.owner_id in active else by,
            task_type=task_type,
            due_at=due_at,
            created_by=by,
        )
        for account in accounts
    ]
    made: list[FollowUp] = bulk_create_with_history(tasks, FollowUp, batch_size=500, default_user=by)
    record_activities(organization, [opening_line(task, by=by) for task in made])
    return made


@transaction.atomic
def update_follow_up(
    *, follow_up: FollowUp, by: User | None, seen_at: datetime | None = None, **facts: Unpack[FollowUpFacts]
) -> FollowUp:
    """Change a task; another due date ends its snoozing. ``seen_at`` as for engagements."""
    stored = _locked(follow_up)
    if seen_at is not None and stored.updated_at != seen_at:
        raise FollowUpChangedMeanwhile
    before = _facts_of(stored)
    if "due_at" in facts and facts["due_at"] != stored.due_at:
        stored.snoozed_until = None
    for name, value in facts.items():
        setattr(stored, name, value)
    _refuse_what_cannot_be(stored)
    if _facts_of(stored) != before:
        _save(stored, by=by)
        if stored.playbook_run_id is None:  # the line of its start speaks for all steps of a run
            revise_activity(opening_line(stored, by=by))
    return stored


@transaction.atomic
def complete_follow_up(*, follow_up: FollowUp, by: User | None, now: datetime | None = None) -> FollowUp:
    """Done, by whom and when."""
    stored = _locked(follow_up)
    if stored.is_done:
        raise FollowUpAlreadyDone
    stored.completed_at, stored.completed_by, stored.snoozed_until = now or timezone.now(), by, None
    stored.waits_since = None
    _save(stored, by=by)
    record_activity(
        Happening(
            account=stored.account,
            kind=ActivityKind.FOLLOW_UP,
            title=f"Done: {stored.task_type}",
            text=stored.description,
            occurred_at=stored.completed_at,
            by=by,
            subject=stored,
            event=COMPLETED,
            details={"priority": stored.priority},
        )
    )
    _pass_on(stored, FollowUpMove.DONE, by=by, now=stored.completed_at)
    return stored


@transaction.atomic
def reopen_follow_up(*, follow_up: FollowUp, by: User | None) -> FollowUp:
    """Not done after all: the timeline forgets that it was."""
    stored = _locked(follow_up)
    if not stored.is_done:
        raise FollowUpNotDone
    stored.completed_at = stored.completed_by = None
    _save(stored, by=by)
    stored.organization.activities.about("follow_up", stored.uuid).filter(event=COMPLETED).delete()
    _pass_on(stored, FollowUpMove.REOPENED, by=by, now=timezone.now())
    return stored


@transaction.atomic
def snooze_follow_up(
    *, follow_up: FollowUp, until: datetime | None, by: User | None, now: datetime | None = None
) -> FollowUp:
    """Put a task off; with no time, wake it again. When it was due first stays known."""
    stored = _locked(follow_up)
    if stored.is_done:
        raise FollowUpAlreadyDone
    if until is not None and until <= (now or timezone.now()):
        raise InvalidFollowUp("until", "It takes a time ahead.")
    if until is not None and until <= stored.due_at:
        raise InvalidFollowUp("until", "It takes a time after the task is due; until then it does not ask for you.")
    if stored.snoozed_until != until:
        stored.snoozed_until = until
        _save(stored, by=by)
    return stored


@transaction.atomic
def remove_follow_up(*, follow_up: FollowUp, by: User | None) -> None:
    """Take a task away that should never have been there; its history stays, its lines go."""
    stored = _locked(follow_up)
    stored.organization.activities.about("follow_up", stored.uuid).delete()
    stored._history_user = by
    _pass_on(stored, FollowUpMove.REMOVED, by=by, now=timezone.now())
    stored.delete()


def _locked(follow_up: FollowUp) -> FollowUp:
    return (
        follow_up.organization.follow_ups.select_for_update(no_key=True, of=("self",))
        .select_related("account")
        .get(pk=follow_up.pk)
    )


def _facts_of(follow_up: FollowUp) -> tuple[object, ...]:
    return tuple(getattr(follow_up, field.attname) for field in FollowUp._meta.concrete_fields)


def _pass_on(follow_up: FollowUp, move: FollowUpMove, *, by: User | None, now: datetime) -> None:
    follow_up_moved.send(
        sender=FollowUp, organization=follow_up.organization, follow_up=follow_up, move=move, by=by, now=now
    )


def _save(follow_up: FollowUp, *, by: User | None) -> None:
    follow_up._history_user = by
    follow_up.save()


def _refuse_what_cannot_be(follow_up: FollowUp) -> None:
    follow_up.task_type = follow_up.task_type.strip()
    follow_up.department = follow_up.department.strip()
    if not follow_up.task_type:
        raise InvalidFollowUp("task_type", "Say what kind of task it is.")
    assignee = follow_up.assignee
    members = follow_up.organization.memberships.active()
    if assignee is not None and not members.filter(user=assignee).exists():
        raise InvalidFollowUp("assignee", "The assignee must be an active member.")
    try:
        follow_up.clean_fields(exclude=["organization", "account", "engagement", "created_by", "completed_by"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise InvalidFollowUp(name, sentences[0]) from error


def opening_line(follow_up: FollowUp, *, by: User | None) -> Happening:
    """What the timeline says of a task that somebody was given."""
    return Happening(
        account=follow_up.account,
        kind=ActivityKind.FOLLOW_UP,
        title=f"Follow-up: {follow_up.task_type}",
        text=follow_up.description,
        occurred_at=follow_up.created_at,
        by=by,
        subject=follow_up,
        event=OPENED,
        details={"priority": follow_up.priority},
    )
