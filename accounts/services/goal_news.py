"""Telling of goals: on the timeline, and to whom they matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.urls import reverse

from accounts.enums import AccountScope, ActivityKind, GoalStatus
from accounts.models import Goal
from accounts.services.activity import Happening, record_activities
from csplatform.formatting import counted, date_text, trimmed
from csplatform.models import Organization, User
from csplatform.services.notification import News, notify_each

TURNED = {
    GoalStatus.ON_TRACK: "Goal back on track",
    GoalStatus.AT_RISK: "Goal at risk",
    GoalStatus.MISSED: "Goal missed",
    GoalStatus.ACHIEVED: "Goal achieved",
}


def tell_statuses(organization: Organization, goals: Sequence[Goal], *, by: User | None) -> None:
    """Tell of goals whose status has turned; each comes with its account. The number of statements does not depend
    on how many there are.

    Achieved ones are news to the owner of the account and to who set the goal, those at risk or missed to the owner;
    who has done it themselves is not told."""
    achieved = [goal for goal in goals if goal.is_achieved]
    if achieved:
        told = organization.activities.filter(subject_kind="goal", subject_id__in=[goal.uuid for goal in achieved])
        told.filter(event="achieved").delete()  # it was taken back meanwhile
    record_activities(organization, [_status_line(goal, by=by) for goal in goals])
    _notify(
        organization,
        "goal_achieved",
        [(goal, {goal.account.owner_id, goal.created_by_id}) for goal in achieved],
        by=by,
    )
    in_danger = [goal for goal in goals if goal.status in (GoalStatus.AT_RISK, GoalStatus.MISSED)]
    _notify(organization, "goal_at_risk", [(goal, {goal.account.owner_id}) for goal in in_danger], by=by)


def goal_line(goal: Goal, title: str, *, by: User | None, event: str = "", text: str = "") -> Happening:
    """A line of the account's timeline about a goal."""
    return Happening(
        account=goal.account,
        kind=ActivityKind.GOAL,
        title=title,
        text=text,
        by=by,
        is_system=by is None,
        subject=goal,
        event=event,
        details={"status": goal.status},
    )


def goal_in_words(goal: Goal) -> str:
    """`ARR from 12,00,000 to 15,00,000 by 31 Mar 2027`"""
    what = goal.unit or goal.get_metric_type_display()
    by_when = f" by {date_text(goal.target_date)}" if goal.target_date else ""
    return f"{what} from {trimmed(goal.baseline_value, 2)} to {trimmed(goal.target_value, 2)}{by_when}"


def _status_line(goal: Goal, *, by: User | None) -> Happening:
    title = f"{TURNED[GoalStatus(goal.status)]}: {goal}"
    return goal_line(goal, title, by=by, event="achieved" if goal.is_achieved else "", text=goal_in_words(goal))


def _notify(
    organization: Organization, kind: str, goals: Iterable[tuple[Goal, set[int | None]]], *, by: User | None
) -> None:
    """One piece of news for each person, however many of their goals turned together."""
    whose: defaultdict[int, list[Goal]] = defaultdict(list)
    for goal, people in goals:
        for user in people - {None}:
            whose[user].append(goal)  # type: ignore[index]  # None is taken out
    notify_each(
        organization=organization, kind=kind, news=[_news(user, some) for user, some in whose.items()], but=by
    )


def _news(user: int, goals: Sequence[Goal]) -> News:
    first = goals[0]
    if len(goals) == 1:
        text = f"{first.account}: {goal_in_words(first)}"
        return News(
            to=user, title=f"{TURNED[GoalStatus(first.status)]}: {first}", text=text, url=first.get_absolute_url()
        )
    statuses = {GoalStatus(goal.status) for goal in goals}
    what = " or ".join(str(status.label).lower() for status in GoalStatus if status in statuses)
    query = f"owner={AccountScope.MY_ACCOUNTS}"
    return News(
        to=user,
        title=f"{counted(len(goals), 'goal')} are {what} now",
        text=", ".join(f"{goal} ({goal.account})" for goal in goals[:5]) + (" …" if len(goals) > 5 else ""),
        url=f"{reverse('accounts:goal_list')}?{query}" + (f"&status={first.status}" if len(statuses) == 1 else ""),
    )
