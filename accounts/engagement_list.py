"""The list of engagements, as its page, saved views and exports know it."""

from __future__ import annotations

from django.http import QueryDict

from accounts.common_columns import account_column, moment_column, person_name, the_row
from accounts.engagement_filter import DEFAULT_SORT, SORTS, TIES, EngagementFilter
from accounts.forms.engagement import as_lines
from accounts.querysets import EngagementQuerySet
from csplatform.lists import Column, ColumnSet, ListPage
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership

ENGAGEMENTS = "engagements"

ENGAGEMENT_COLUMNS = ColumnSet(
    Column(
        name="title",
        label="Engagement",
        value=the_row,
        export=lambda engagement: engagement.title,
        beside=(("Notes", lambda engagement: engagement.description),),
        template="accounts/cells/engagement.html",
        sort=SORTS["title"],
        is_fixed=True,
    ),
    Column(
        name="type",
        label="Type",
        value=lambda engagement: engagement.get_type_display(),
        sort=SORTS["type"],
        css="nowrap",
    ),
    account_column(),
    Column(
        name="when",
        label="When",
        value=the_row,
        export=lambda engagement: engagement.happened_at,
        beside=(("State", lambda engagement: engagement.state.label),),
        template="accounts/cells/engagement_when.html",
        sort=SORTS["when"],
        first="-",
        css="nowrap",
    ),
    Column(
        name="outcome",
        label="Outcome",
        value=the_row,
        export=lambda engagement: engagement.get_outcome_display(),
        beside=(("Competitor", lambda engagement: engagement.competitor),),
        template="accounts/cells/engagement_outcome.html",
        sort=SORTS["outcome"],
    ),
    Column(
        name="people",
        label="People",
        value=lambda engagement: engagement.attendees,
        export=as_lines,
        template="accounts/cells/count.html",
        css="num",
    ),
    Column(
        name="by",
        label="Written by",
        value=lambda engagement: engagement.created_by,
        export=person_name,
        template="components/cells/person.html",
        sort=SORTS["by"],
    ),
    Column(
        name="minutes",
        label="Minutes",
        value=lambda engagement: engagement.duration_minutes,
        sort="duration_minutes",
        first="-",
        css="num",
        is_default=False,
    ),
    Column(
        name="owner",
        label="Account owner",
        value=lambda engagement: engagement.account.owner,
        export=person_name,
        template="components/cells/person.html",
        sort="account__owner__name",
        is_default=False,
    ),
    moment_column("written", "Written", field="created_at", is_default=False),
    ties=TIES,
    default_sort=DEFAULT_SORT,
)


def filtered_engagements(member: Membership, query: QueryDict) -> EngagementFilter:
    return EngagementFilter(query, queryset=member.organization.engagements.dated(), member=member)


def _narrowed(member: Membership, query: QueryDict) -> EngagementQuerySet:
    rows: EngagementQuerySet = filtered_engagements(member, query).qs.for_list()
    return rows


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(filtered_engagements(member, query).form)


ENGAGEMENT_LIST = ListPage(
    name=ENGAGEMENTS,
    label="Engagements",
    url_name="accounts:engagement_list",
    columns=ENGAGEMENT_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
)
