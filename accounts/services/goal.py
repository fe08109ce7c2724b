"""Writing goals: by people, and every night by what the data says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.enums import GoalMetric, GoalStatus
from accounts.exceptions import InvalidGoal
from accounts.goal_metrics import read_values
from accounts.models import Account, Goal, GoalDateChange, GoalMilestone, GoalReading
from accounts.services.activity import record_activities, record_activity
from accounts.services.goal_news import goal_in_words, goal_line, tell_statuses
from csplatform import bulk
from csplatform.exceptions import InvalidInput
from csplatform.formatting import date_text
from csplatform.models import Organization, User
from csplatform.periods import civil_date

AT_ONCE = 2_000
"""Goals that are refreshed together."""
MOST_MILESTONES = 50
COMPUTED = ["created_at", "updated_at", "organization"]
HIGHEST = Decimal("9999999999.99")


class MilestoneFacts(TypedDict, total=False):
    """One milestone as it shall be; `id` names one that is there."""

    id: UUID
    title: str
    due_on: date | None
    target_value: Decimal | None
    reached_on: date | None


class GoalDetails(TypedDict, total=False):
    """What may be said of a goal beside what it is about; what is left out stays as it is."""

    description: str
    baseline_value: Decimal
    current_value: Decimal
    unit: str
    status: str
    is_pinned: bool
    starts_on: date
    target_date: date | None
    completion_date: date | None
    milestones: Sequence[MilestoneFacts]


class GoalFacts(GoalDetails, total=False):
    """What may be changed of a goal."""

    account: Account
    title: str
    metric_type: str
    target_value: Decimal
    measurement_period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    looked_at: int = 0
    changed: int = 0
    achieved: int = 0


@transaction.atomic
def create_goal(
    *,
    organization: Organization,
    by: User | None,
    account: Account,
    title: str,
    metric_type: str,
    target_value: Decimal,
    measurement_period: str,
    now: datetime | None = None,
    **details: Unpack[GoalDetails],
) -> Goal:
    """Set a goal. What the data knows is read at once; where it stands now is what progress counts from."""
    now = now or timezone.now()
    today = civil_date(now, organization)
    milestones = details.pop("milestones", ())
    goal = Goal(
        organization=organization,
        account=account,
        title=title,
        metric_type=metric_type,
        target_value=target_value,
        measurement_period=measurement_period,
        starts_on=today,
        created_by=by,
    )
    wanted = details.pop("status", None)
    for field, value in details.items():
        setattr(goal, field, value)
    goal.original_target_date = goal.target_date
    if "current_value" not in details and metric_type in GoalMetric.values:
        live = read_values(organization, [goal], today=today).get(goal.pk)
        if live is not None:
            goal.current_value, goal.measured_at = live, now
    if "baseline_value" not in details:
        goal.baseline_value = _first_value(goal, given="current_value" in details)
    _refuse_what_cannot_be(goal)
    _settle_status(goal, wanted=wanted, was=None, today=today)
    _save(goal, by=by)
    _set_milestones(goal, milestones, by=by, today=today)
    _note_reading(goal, today)
    record_activity(goal_line(goal, f"Goal set: {goal}", by=by, event="set", text=goal_in_words(goal)))
    if goal.is_achieved:
        tell_statuses(organization, [goal], by=by)
    return goal


@transaction.atomic
def update_goal(
    *, goal: Goal, by: User | None, reason: str = "", now: datetime | None = None, **facts: Unpack[GoalFacts]
) -> Goal:
    """Change a goal; returns it as stored. Another status than the stored one holds until it is let go again
    (`is_pinned` false). Another day keeps the first one, and `reason` says why it was moved."""
    now = now or timezone.now()
    stored: Goal = goal.organization.goals.select_for_update(no_key=True).get(pk=goal.pk)
    today = civil_date(now, stored.organization)
    before, was_status, was_date, was_value = (
        _facts_of(stored),
        stored.status,
        stored.target_date,
        stored.current_value,
    )
    milestones = facts.pop("milestones", None)
    wanted = facts.pop("status", None)
    for field, value in facts.items():
        setattr(stored, field, value)
    _refuse_what_cannot_be(stored)
    _settle_status(stored, wanted=wanted, was=was_status, today=today)
    moved = stored.target_date != was_date
    if moved and stored.original_target_date is None:
        stored.original_target_date = was_date or stored.target_date
    if _facts_of(stored) != before:
        stored._change_reason = reason[:100]
        _save(stored, by=by)
    if moved:
        _note_move(stored, was=was_date, reason=reason, by=by, now=now)
    if milestones is not None:
        _set_milestones(stored, milestones, by=by, today=today)
    if stored.current_value != was_value:
        _note_reading(stored, today)
        _reach_milestones(stored.organization, [stored], today=today, by=by)
    if stored.status != was_status:
        tell_statuses(stored.organization, [stored], by=by)
    return stored


@transaction.atomic
def refresh_goals(
    organization: Organization,
    *,
    now: datetime | None = None,
    account_ids: Iterable[int] | None = None,
    metrics: Iterable[str] | None = None,
) -> Refreshed:
    """Read the values of automatic goals anew, and let every open goal's status follow its pace.

    Set-based: the number of statements does not depend on the number of goals. What stays as it was is not written.
    """
    now = now or timezone.now()
    goals = organization.goals.exclude(status=GoalStatus.ACHIEVED).filter(account__archived_at=None)
    if account_ids is not None:
        goals = goals.filter(account__in=list(account_ids))
    if metrics is not None:
        goals = goals.filter(metric_type__in=list(metrics))
    found = Refreshed()
    after = 0
    while some := list(
        goals.filter(pk__gt=after).order_by("pk").select_for_update(no_key=True, of=("self",))[:AT_ONCE]
    ):
        after = some[-1].pk
        done = _refresh(organization, some, now=now)
        found = Refreshed(
            looked_at=found.looked_at + done.looked_at,
            changed=found.changed + done.changed,
            achieved=found.achieved + done.achieved,
        )
    return found


@transaction.atomic
def delete_goal(*, goal: Goal, by: User | None) -> None:
    """Take back a goal that was set by mistake, its lines of the timeline too."""
    goal.organization.activities.about("goal", goal.uuid).delete()
    goal._history_user = by
    goal.delete()


@transaction.atomic
def tick_milestone(
    *, milestone: GoalMilestone, by: User | None, today: date, is_reached: bool = True
) -> GoalMilestone:
    """Reached, or not after all."""
    was = milestone.reached_on
    milestone.reached_on = (was or today) if is_reached else None
    if milestone.reached_on != was:
        milestone._history_user = by
        milestone.save(update_fields=["reached_on", "updated_at"])
        if is_reached:
            record_activity(goal_line(milestone.goal, f"Milestone reached: {milestone}", by=by))
    return milestone


# -- refreshing -------------------------------------------------------------------------------------


def _refresh(organization: Organization, goals: Sequence[Goal], *, now: datetime) -> Refreshed:
    today = civil_date(now, organization)
    values = read_values(organization, [goal for goal in goals if goal.is_automatic], today=today)
    moved, turned = [], []
    for goal in goals:
        value = values.get(goal.pk)
        if value is not None and value != goal.current_value and abs(value) <= HIGHEST:
            goal.current_value, goal.measured_at = value, now
            moved.append(goal)
        if not goal.is_pinned:
            was = goal.status
            _settle_status(goal, wanted=None, was=was, today=today)
            if goal.status != was:
                turned.append(goal)
    changed = {goal.pk: goal for goal in (*moved, *turned)}
    if changed:
        rows = list(changed.values())
        bulk.update_from(
            Goal,
            list(changed),
            {
                "current_value": [goal.current_value for goal in rows],
                "measured_at": [goal.measured_at for goal in rows],
                "status": [goal.status for goal in rows],
                "completion_date": [goal.completion_date for goal in rows],
            },
            stamps={"updated_at": now},
        )
        bulk.record_history(Goal, list(changed), kind="~", by=None, reason="Read from live data")
    _note_readings(organization, moved, today)
    _reach_milestones(organization, moved, today=today, by=None)
    accounts = organization.accounts.in_bulk({goal.account_id for goal in turned})
    for goal in turned:
        goal.account = accounts[goal.account_id]
    tell_statuses(organization, turned, by=None)
    return Refreshed(looked_at=len(goals), changed=len(changed), achieved=sum(goal.is_achieved for goal in turned))


def _settle_status(goal: Goal, *, wanted: str | None, was: str | None, today: date) -> None:
    """A status that a person gives holds; else it follows the pace. The day of completion goes with it."""
    given = goal.completion_date
    if wanted is not None and wanted not in GoalStatus.values:
        raise InvalidGoal("status", f"It takes {', '.join(GoalStatus.values)}.")
    if wanted is not None and wanted != was and (was is not None or wanted != goal.pace.status(today)):
        goal.status, goal.is_pinned = wanted, True
    elif not goal.is_pinned:
        goal.status = goal.pace.status(today)
    if goal.is_achieved:
        goal.completion_date = given or today
    elif given is not None and was != GoalStatus.ACHIEVED:
        raise InvalidGoal("completion_date", "Only an achieved goal has one.")
    else:
        goal.completion_date = None


def _first_value(goal: Goal, *, given: bool) -> Decimal:
    """Where progress counts from: what the data or the person says it is now, unless that is the target already."""
    known = given or goal.measured_at is not None
    return goal.current_value if known and goal.current_value != goal.target_value else Decimal(0)


def _note_readings(organization: Organization, goals: Sequence[Goal], today: date) -> None:
    bulk.upsert(
        GoalReading,
        {"goal_id": [goal.pk for goal in goals], "value": [goal.current_value for goal in goals]},
        unique=("goal_id", "read_on"),
        update=("value",),
        constants={"organization_id": organization.pk, "read_on": today},
    )


def _note_reading(goal: Goal, today: date) -> None:
    GoalReading.objects.update_or_create(
        organization=goal.organization, goal=goal, read_on=today, defaults={"value": goal.current_value}
    )


# -- milestones -------------------------------------------------------------------------------------


def _set_milestones(goal: Goal, wanted: Sequence[MilestoneFacts], *, by: User | None, today: date) -> None:
    """Make the goal have exactly these milestones."""
    if len(wanted) > MOST_MILESTONES:
        raise InvalidGoal("milestones", f"At most {MOST_MILESTONES} of them.")
    known = {milestone.uuid: milestone for milestone in goal.milestones.all()}
    kept = {facts["id"] for facts in wanted if facts.get("id") in known}
    for key, milestone in known.items():
        if key not in kept:
            milestone._history_user = by
            milestone.delete()
    for facts in wanted:
        milestone = known.get(facts.get("id", UUID(int=0)), GoalMilestone(organization=goal.organization, goal=goal))
        before = (milestone.title, milestone.due_on, milestone.target_value, milestone.reached_on)
        for field in ("title", "due_on", "target_value", "reached_on"):
            if field in facts:
                setattr(milestone, field, facts[field])
        if not milestone.title.strip():
            raise InvalidGoal("milestones", "Give each milestone a title.")
        after = (milestone.title, milestone.due_on, milestone.target_value, milestone.reached_on)
        if milestone.pk is None or before != after:
            milestone._history_user = by
            milestone.save()
    _reach_milestones(goal.organization, [goal], today=today, by=by)


def _reach_milestones(organization: Organization, goals: Sequence[Goal], *, today: date, by: User | None) -> None:
    """Milestones with a value are reached when their goal's value gets there."""
    by_key = {goal.pk: goal for goal in goals}
    open_ones = GoalMilestone.objects.filter(
        organization=organization, goal__in=by_key, reached_on=None, target_value__isnull=False
    )
    reached = [each for each in open_ones if _is_reached(each, by_key[each.goal_id])]
    if not reached:
        return
    keys = [each.pk for each in reached]
    GoalMilestone.objects.filter(organization=organization, pk__in=keys).update(
        reached_on=today, updated_at=timezone.now()
    )
    bulk.record_history(GoalMilestone, keys, kind="~", by=by, reason="Its value was reached")
    accounts = organization.accounts.in_bulk({goal.account_id for goal in by_key.values()})
    for each in reached:
        each.goal = by_key[each.goal_id]
        each.goal.account = accounts[each.goal.account_id]
    record_activities(organization, [goal_line(each.goal, f"Milestone reached: {each}", by=by) for each in reached])


def _is_reached(milestone: GoalMilestone, goal: Goal) -> bool:
    wanted = milestone.target_value or Decimal(0)
    return goal.current_value <= wanted if goal.pace.is_decreasing else goal.current_value >= wanted


def _note_move(goal: Goal, *, was: date | None, reason: str, by: User | None, now: datetime) -> None:
    GoalDateChange.objects.create(
        organization=goal.organization,
        goal=goal,
        changed_at=now,
        was=was,
        becomes=goal.target_date,
        reason=reason[:500],
        by=by,
    )
    where = f"moved to {date_text(goal.target_date)}" if goal.target_date else "is left without a day"
    record_activity(goal_line(goal, f"Goal {where}: {goal}", by=by, text=reason))


def _refuse_what_cannot_be(goal: Goal) -> None:
    goal.title = " ".join(goal.title.split())
    if not goal.title:
        raise InvalidGoal("title", "Say in a few words what shall be reached.")
    if goal.target_date is not None and goal.target_date < goal.starts_on:
        raise InvalidGoal("target_date", "It must not be before the goal starts.")
    try:
        goal.clean_fields(exclude=COMPUTED)
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error


def _facts_of(goal: Goal) -> tuple[Any, ...]:
    return tuple(getattr(goal, field.attname) for field in Goal._meta.concrete_fields)


def _save(goal: Goal, *, by: User | None) -> None:
    goal._history_user = by
    goal.save()
