"""Doing a playbook with accounts: starting, pausing, resuming, cancelling and finishing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from accounts.enums import FollowUpPriority
from accounts.exceptions import AccountArchived
from accounts.models import Account, FollowUp
from accounts.services.follow_up import end_of_work
from accounts.services.planned_follow_ups import PlannedTask, drop_tasks, hold_tasks, open_planned, release_tasks
from csplatform.models import Organization, User
from csplatform.periods import civil_date, end_of_day
from health.selectors.risk_factors import current_risk_factors
from playbooks.enums import GOING_ON, Priority, RunOrigin, RunOutcome, RunStatus, StepStatus
from playbooks.exceptions import (
    InvalidRun,
    OutcomeNeedsAnEnd,
    PlaybookHasNoSteps,
    RunAlreadyPaused,
    RunIsOver,
    RunNotPaused,
)
from playbooks.models import Playbook, PlaybookRun, RunStep, Step
from playbooks.models.run import NOTE_LENGTH, due_day
from playbooks.selectors.step_people import StepPeople
from playbooks.services.run_lines import CANCELLED, FINISHED, RESUMED, STARTED, run_line, tell_runs

BATCH = 500
FARTHEST = timedelta(days=366)
PRIORITIES = {
    Priority.HIGH: FollowUpPriority.HIGH,
    Priority.MEDIUM: FollowUpPriority.MEDIUM,
    Priority.LOW: FollowUpPriority.LOW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Of each account the run that is going on now, and which of them this call has begun."""

    runs: Mapping[int, PlaybookRun]
    new: Sequence[PlaybookRun]


def start_playbook(
    *,
    playbook: Playbook,
    account: Account,
    by: User | None,
    now: datetime,
    origin: str = RunOrigin.HAND,
    owner: User | None = None,
    starts_on: date | None = None,
) -> tuple[PlaybookRun, bool]:
    """Begin a playbook with one account, or find the run that is going on; says whether it began."""
    if account.is_archived:
        raise AccountArchived
    started = start_runs(
        organization=account.organization,
        playbook=playbook,
        accounts=[account],
        by=by,
        now=now,
        origin=origin,
        owner=owner,
        starts_on=starts_on,
    )
    return started.runs[account.pk], bool(started.new)


@transaction.atomic
def start_runs(
    *,
    organization: Organization,
    playbook: Playbook,
    accounts: Sequence[Account],
    by: User | None,
    now: datetime,
    origin: str = RunOrigin.HAND,
    owner: User | None = None,
    starts_on: date | None = None,
) -> Started:
    """Begin a playbook with many accounts: each step becomes somebody's follow-up. Set-based, with history.

    Where the playbook is going on already, that run stays; archived accounts are passed over."""
    steps = list(playbook.steps.select_related("member"))
    if not steps:
        raise PlaybookHasNoSteps
    today = civil_date(now, organization)
    starts_on = starts_on or today
    if abs(starts_on - today) > FARTHEST:
        raise InvalidRun("start_on", "takes a day within a year from today.")
    people = StepPeople(organization)
    if owner is not None and people.active(owner.pk) is None:
        raise InvalidRun("owner_id", "takes an active member.")
    stored = _held(organization, accounts)
    running = {run.account_id: run for run in _going_on(organization, playbook, [each.pk for each in stored])}
    fresh = [account for account in stored if account.pk not in running]
    answered = _answered(organization, playbook, fresh, today=today)
    runs = [
        PlaybookRun(
            organization=organization,
            account=account,
            playbook=playbook,
            title=playbook.title,
            risk_factors=answered.get(account.pk, []),
            origin=origin,
            owner=owner,
            started_by=by,
            starts_on=starts_on,
            started_at=now,
            start_score=account.health_score,
            start_mrr=account.mrr,
        )
        for account in fresh
    ]
    made: list[PlaybookRun] = bulk_create_with_history(runs, PlaybookRun, batch_size=BATCH, default_user=by)
    _open_steps(organization, made, playbook, steps, people, by=by, now=now)
    tell_runs(organization, made, STARTED, by=by, at=now)
    return Started(runs=running | {run.account_id: run for run in made}, new=made)


@transaction.atomic
def pause_run(*, run: PlaybookRun, by: User | None, now: datetime) -> PlaybookRun:
    """Let it rest: nobody is asked for its open steps until it goes on."""
    stored = _locked(run)
    if stored.is_paused:
        raise RunAlreadyPaused
    stored.status, stored.paused_at = RunStatus.PAUSED, now
    _save(stored, by=by)
    hold_tasks(organization=stored.organization, run_id=stored.uuid, by=by, now=now)
    run_line(stored, f"Playbook paused: {stored}", by=by, at=now)
    return stored


@transaction.atomic
def resume_run(*, run: PlaybookRun, by: User | None, now: datetime) -> PlaybookRun:
    """Go on: each open step is due as many days later as it waited."""
    stored = _locked(run)
    if not stored.is_paused:
        raise RunNotPaused
    stored.status, stored.paused_at = RunStatus.RUNNING, None
    _save(stored, by=by)
    release_tasks(organization=stored.organization, run_id=stored.uuid, by=by, now=now)
    run_line(stored, RESUMED.format(stored), by=by, at=now)
    return stored


@transaction.atomic
def cancel_run(*, run: PlaybookRun, by: User | None, now: datetime, note: str = "") -> PlaybookRun:
    """Call it off: what is open of it is nobody's task any more. It counts in no result."""
    stored = _locked(run)
    end_runs([stored], status=RunStatus.CANCELLED, outcome="", note=note, by=by, now=now)
    return stored


@transaction.atomic
def finish_run(
    *, run: PlaybookRun, outcome: str, by: User | None, now: datetime, note: str | None = None
) -> PlaybookRun:
    """Say what came of a run. One that is going on ends with it, its open steps left out; of a completed one the
    outcome is put right."""
    if outcome not in RunOutcome.values:
        raise InvalidRun("outcome", f"takes {', '.join(RunOutcome.values)}.")
    stored = _locked(run, over_too=True)
    if stored.status == RunStatus.CANCELLED:
        raise OutcomeNeedsAnEnd
    if stored.is_going_on:
        end_runs([stored], status=RunStatus.COMPLETED, outcome=outcome, note=note or "", by=by, now=now)
        return stored
    if (outcome, stored.note if note is None else note.strip()) != (stored.outcome, stored.note):
        stored.outcome, stored.note = outcome, stored.note if note is None else _clean(note)
        _save(stored, by=by)
        run_line(stored, FINISHED.format(stored), by=by, at=now, event="finished")
    return stored


def end_runs(
    runs: Sequence[PlaybookRun], *, status: str, outcome: str, note: str, by: User | None, now: datetime
) -> None:
    """Settle runs that are locked and going on, with how their accounts stand now; what is open of them is dropped.

    Four statements and one history row a run, for any number of steps."""
    if not runs:
        return
    organization = runs[0].organization
    drop_tasks(organization=organization, run_ids=[run.uuid for run in runs], by=by, reason="Its playbook has ended")
    organization.run_steps.filter(run__in=runs, status=StepStatus.OPEN).update(
        status=StepStatus.SKIPPED, follow_up=None, settled_at=now, settled_by=by
    )
    for run in runs:
        settle(run, status=status, outcome=outcome, note=note, now=now)
        _save(run, by=by)
    tell_runs(organization, runs, CANCELLED if status == RunStatus.CANCELLED else FINISHED, by=by, at=now)


def settle(run: PlaybookRun, *, status: str, outcome: str, now: datetime, note: str = "") -> None:
    """Write on the row how it ended, and where the account stands."""
    run.status, run.outcome, run.paused_at, run.finished_at = status, outcome, None, max(now, run.started_at)
    run.note = _clean(note) or run.note
    run.end_score, run.end_mrr = run.account.health_score, run.account.mrr


def _clean(note: str) -> str:
    if len(note.strip()) > NOTE_LENGTH:
        raise InvalidRun("note", f"takes at most {NOTE_LENGTH:,} characters.")
    return note.strip()


# -- starting ---------------------------------------------------------------------------------------


def _held(organization: Organization, accounts: Sequence[Account]) -> list[Account]:
    """The accounts, locked: of two who start at once the second finds the first one's run."""
    rows = organization.accounts.unarchived().filter(pk__in=[account.pk for account in accounts])
    return list(rows.select_related("owner").order_by("pk").select_for_update(no_key=True, of=("self",)))


def _going_on(organization: Organization, playbook: Playbook, keys: Sequence[int]) -> list[PlaybookRun]:
    return list(organization.playbook_runs.going_on().filter(playbook=playbook, account__in=keys))


def _answered(
    organization: Organization, playbook: Playbook, accounts: Sequence[Account], *, today: date
) -> dict[int, list[str]]:
    """Of each account the factors that the playbook answers now."""
    chosen = organization.accounts.open().filter(pk__in=[account.pk for account in accounts])
    found = current_risk_factors(organization, chosen, today=today)
    return {
        key: [factor["name"] for factor in factors if factor["name"] in playbook.risk_factors]
        for key, factors in found.items()
    }


def _open_steps(
    organization: Organization,
    runs: Sequence[PlaybookRun],
    playbook: Playbook,
    steps: Sequence[Step],
    people: StepPeople,
    *,
    by: User | None,
    now: datetime,
) -> None:
    pairs = [(run, step) for run in runs for step in steps]
    tasks = open_planned(
        organization=organization,
        by=by,
        tasks=[
            PlannedTask(
                account=run.account,
                assignee=people.does(step.role, run.account, member=step.member, in_charge=run.owner or by),
                task_type=step.name,
                description=step.what,
                due_at=_due_at(due_day(run.starts_on, step.day), organization, now=now),
                run_id=run.uuid,
                priority=PRIORITIES[Priority(playbook.priority)],
            )
            for run, step in pairs
        ],
    )
    RunStep.objects.bulk_create(
        [_run_step(run, step, task) for (run, step), task in zip(pairs, tasks, strict=True)], batch_size=BATCH
    )


def _run_step(run: PlaybookRun, step: Step, task: FollowUp) -> RunStep:
    return RunStep(
        organization=run.organization,
        run=run,
        n=step.n,
        title=step.name,
        text=step.text,
        day=step.day,
        kind=step.kind,
        role=step.role,
        due_on=due_day(run.starts_on, step.day),
        follow_up=task,
    )


def _due_at(day: date, organization: Organization, *, now: datetime) -> datetime:
    """At 17:00; a day that is past 17:00 already has until its end."""
    at = end_of_work(day, organization)
    return at if at > now or day < civil_date(now, organization) else end_of_day(day, organization)


# -- rows -------------------------------------------------------------------------------------------


def _locked(run: PlaybookRun, *, over_too: bool = False) -> PlaybookRun:
    """The run, held with its tasks: tasks first, as everybody who settles one does."""
    organization = run.organization
    list(
        organization.follow_ups.of_playbook_run(run.uuid)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    rows: Any = organization.playbook_runs.select_related("account", "organization")
    stored: PlaybookRun = rows.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
    if not over_too and stored.status not in GOING_ON:
        raise RunIsOver
    return stored


def _save(run: PlaybookRun, *, by: User | None) -> None:
    run._history_user = by
    run.save()
