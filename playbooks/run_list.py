"""The list of runs, as its page, saved views and exports know it."""

from __future__ import annotations

from django.http import QueryDict

from accounts.common_columns import account_column, moment_column, person_name, the_row
from csplatform.lists import Column, ColumnSet, ListPage
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership
from playbooks.querysets import PlaybookRunQuerySet
from playbooks.run_filter import RunFilter

RUNS = "playbook_runs"

RUN_COLUMNS = ColumnSet(
    Column(
        name="title",
        label="Playbook",
        value=the_row,
        export=lambda run: run.title,
        template="playbooks/cells/run.html",
        sort="title",
        is_fixed=True,
    ),
    account_column(),
    Column(
        name="status",
        label="Status",
        value=the_row,
        export=lambda run: run.get_status_display(),
        beside=(("Outcome", lambda run: run.get_outcome_display()), ("Note", lambda run: run.note)),
        template="playbooks/cells/run_status.html",
        sort="status",
    ),
    Column(
        name="progress",
        label="Steps",
        value=the_row,
        export=lambda run: run.steps_done,
        beside=(("Steps in all", lambda run: run.steps_all),),
        template="playbooks/cells/run_progress.html",
    ),
    Column(
        name="next_due",
        label="Next step",
        value=lambda run: run.next_due if run.is_going_on and not run.is_paused else None,
        template="components/cells/moment.html",
        sort="next_due",
        css="nowrap",
    ),
    Column(
        name="in_charge",
        label="Seen through by",
        value=lambda run: run.in_charge,
        export=person_name,
        template="components/cells/person.html",
    ),
    Column(
        name="score",
        label="Health",
        value=the_row,
        export=lambda run: run.start_score,
        beside=(("Health at the end", lambda run: run.end_score),),
        template="playbooks/cells/run_score.html",
        sort="start_score",
        css="num",
    ),
    moment_column("started", "Started"),
    moment_column("finished", "Ended", is_default=False),
    ties=("-started_at", "-pk"),
    default_sort="",
)


def filtered_runs(member: Membership, query: QueryDict) -> RunFilter:
    """Runs with accounts in use."""
    return RunFilter(query, queryset=member.organization.playbook_runs.visible(), member=member)


def _narrowed(member: Membership, query: QueryDict) -> PlaybookRunQuerySet:
    rows: PlaybookRunQuerySet = filtered_runs(member, query).qs.for_list().with_progress()
    return rows


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(filtered_runs(member, query).form)


RUN_LIST = ListPage(
    name=RUNS,
    label="Runs of playbooks",
    url_name="playbooks:run_list",
    columns=RUN_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
)
