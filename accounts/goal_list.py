"""The list of goals, as its page, saved views and exports know it: a board of cards, or a table (`show=table`)."""

from __future__ import annotations

from django.http import QueryDict

from accounts.common_columns import account_column, moment_column, person_name, the_row
from accounts.goal_filter import SORTS, GoalFilter
from accounts.querysets import GoalQuerySet, soonest_goal
from csplatform.lists import Column, ColumnSet, ListPage
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership

GOALS = "goals"

GOAL_COLUMNS = ColumnSet(
    Column(
        name="title",
        label="Goal",
        value=the_row,
        export=lambda goal: goal.title,
        beside=(("Measures", lambda goal: goal.get_metric_type_display()),),
        template="accounts/cells/goal.html",
        sort=SORTS["title"],
        is_fixed=True,
    ),
    account_column(),
    Column(
        name="status",
        label="Status",
        value=the_row,
        export=lambda goal: goal.get_status_display(),
        beside=(("Set by hand", lambda goal: goal.is_pinned),),
        template="accounts/cells/goal_status.html",
        sort=SORTS["status"],
    ),
    Column(
        name="progress",
        label="Progress",
        value=lambda goal: goal.progress_pct,
        template="components/cells/percent.html",
        css="num",
    ),
    Column(
        name="value",
        label="Value",
        value=the_row,
        export=lambda goal: goal.current_value,
        beside=(("Target", lambda goal: goal.target_value), ("Unit", lambda goal: goal.unit)),
        template="accounts/cells/goal_value.html",
        css="num",
    ),
    Column(
        name="target_date",
        label="Until",
        value=lambda goal: goal.target_date,
        template="accounts/cells/renewal.html",
        sort=SORTS["target_date"],
        css="nowrap",
    ),
    Column(
        name="owner",
        label="Account owner",
        value=lambda goal: goal.account.owner,
        export=person_name,
        template="components/cells/person.html",
        sort="account__owner__name",
    ),
    Column(
        name="achieved",
        label="Achieved",
        value=lambda goal: goal.completion_date,
        template="components/cells/day.html",
        sort="completion_date",
        css="nowrap",
        is_default=False,
    ),
    moment_column("updated", "Updated", is_default=False),
    moment_column("created", "Created", is_default=False),
    ties=soonest_goal(),
    default_sort="",
)


def filtered_goals(member: Membership, query: QueryDict) -> GoalFilter:
    """Goals of accounts in use."""
    return GoalFilter(query, queryset=member.organization.goals.filter(account__archived_at=None), member=member)


def _narrowed(member: Membership, query: QueryDict) -> GoalQuerySet:
    rows: GoalQuerySet = filtered_goals(member, query).qs.select_related("account__owner")
    return rows


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(filtered_goals(member, query).form)


GOAL_LIST = ListPage(
    name=GOALS,
    label="Goals",
    url_name="accounts:goal_list",
    columns=GOAL_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
)
