"""Moving a run on as its steps are done, opened again or taken away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import FollowUp
from accounts.services.follow_up import complete_follow_up, reopen_follow_up
from accounts.signals import FollowUpMove
from csplatform.models import User
from playbooks.enums import GOING_ON, RunStatus, StepStatus
from playbooks.exceptions import RunIsOver, StepAlreadySettled
from playbooks.models import PlaybookRun, RunStep
from playbooks.services.run import settle
from playbooks.services.run_lines import FINISHED, run_line


@transaction.atomic
def complete_step(*, step: RunStep, by: User | None, now: datetime) -> None:
    """Do a step: its follow-up is done, and with the last one the run is completed."""
    if not step.run.is_going_on:
        raise RunIsOver
    if not step.is_open or step.follow_up is None:
        raise StepAlreadySettled
    complete_follow_up(follow_up=step.follow_up, by=by, now=now)


@transaction.atomic
def reopen_step(*, step: RunStep, by: User | None) -> None:
    """Not done after all."""
    if step.follow_up is None:
        raise StepAlreadySettled("This step was left out; there is no task to open again.")
    reopen_follow_up(follow_up=step.follow_up, by=by)


@transaction.atomic
def follow_step(*, follow_up: FollowUp, move: FollowUpMove, by: User | None, now: datetime) -> PlaybookRun | None:
    """Let the run know what became of a task; None where the task is no step. The task is locked by the caller."""
    if follow_up.playbook_run_id is None:
        return None
    runs = follow_up.organization.playbook_runs.select_related("account", "organization")
    run: PlaybookRun | None = (
        runs.filter(uuid=follow_up.playbook_run_id).select_for_update(no_key=True, of=("self",)).first()
    )
    step = run.steps.filter(follow_up=follow_up).first() if run else None
    if run is None or step is None:
        return None
    if move == FollowUpMove.REOPENED:
        _open_again(run, step, by=by)
        return run
    step.status = StepStatus.DONE if move == FollowUpMove.DONE else StepStatus.SKIPPED
    step.settled_at, step.settled_by = now, by
    if move == FollowUpMove.REMOVED:
        step.follow_up = None
    step.save(update_fields=["status", "settled_at", "settled_by", "follow_up"])
    if run.is_going_on and not run.steps.filter(status=StepStatus.OPEN).exists():
        settle(run, status=RunStatus.COMPLETED, outcome="", now=now)
        run._history_user = by
        run.save()
        run_line(run, FINISHED.format(run), by=by, at=now, event="finished")
    return run


def _open_again(run: PlaybookRun, step: RunStep, *, by: User | None) -> None:
    """A run that had ended with its last step goes on, unless it was judged or begun once more since."""
    step.status, step.settled_at, step.settled_by = StepStatus.OPEN, None, None
    step.save(update_fields=["status", "settled_at", "settled_by"])
    others = run.organization.playbook_runs.filter(
        account=run.account_id, playbook=run.playbook_id, status__in=GOING_ON
    )
    is_taken = run.playbook_id is not None and others.exclude(pk=run.pk).exists()
    if run.status != RunStatus.COMPLETED or run.outcome or is_taken:
        return
    run.status, run.finished_at, run.end_score, run.end_mrr = RunStatus.RUNNING, None, None, None
    run._history_user = by
    run.save()
    run.organization.activities.about("playbook_run", run.uuid).filter(event="finished").delete()
