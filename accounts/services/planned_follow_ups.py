"""Tasks that belong to a plan, such as a playbook run: opened together, held back, let go on and dropped together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.enums import FollowUpPriority
from accounts.models import Account, FollowUp
from accounts.models.follow_up import TYPE_LENGTH
from csplatform import bulk
from csplatform.models import Organization, User
from csplatform.periods import civil_date

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One task as a plan has it; `run_id` is the public id of the plan's run, if it has one."""

    account: Account
    assignee: User | None
    task_type: str
    description: str
    due_at: datetime
    run_id: UUID | None = None
    priority: str = FollowUpPriority.MEDIUM


@transaction.atomic
def open_planned(*, organization: Organization, tasks: Sequence[PlannedTask], by: User | None) -> list[FollowUp]:
    """Give people the tasks of a plan, in the order given. Set-based, with history; the plan tells the timeline."""
    rows = [
        FollowUp(
            organization=organization,
            account=task.account,
            assignee=task.assignee,
            task_type=task.task_type[:TYPE_LENGTH],
            description=task.description,
            priority=task.priority,
            due_at=task.due_at,
            playbook_run_id=task.run_id,
            created_by=by,
        )
        for task in tasks
    ]
    made: list[FollowUp] = bulk_create_with_history(rows, FollowUp, batch_size=BATCH, default_user=by)
    return made


@transaction.atomic
def hold_tasks(*, organization: Organization, run_id: UUID, by: User | None, now: datetime) -> int:
    """Ask nobody for what is still open of a run; how many tasks that are."""
    open_ones = organization.follow_ups.of_playbook_run(run_id).open()
    keys = list(open_ones.order_by("pk").values_list("pk", flat=True))
    organization.follow_ups.filter(pk__in=keys).update(waits_since=now, updated_at=now)
    bulk.record_history(FollowUp, keys, kind="~", by=by, reason="Its playbook is paused")
    return len(keys)


@transaction.atomic
def release_tasks(*, organization: Organization, run_id: UUID, by: User | None, now: datetime) -> int:
    """Ask for them again, each due as many days later as it waited; returns how many there are."""
    rows = list(
        organization.follow_ups.of_playbook_run(run_id)
        .undone()
        .exclude(waits_since=None)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    for row in rows:
        if row.waits_since is not None:
            waited = civil_date(now, organization) - civil_date(row.waits_since, organization)
            row.due_at += timedelta(days=waited.days)
            row.snoozed_until = row.snoozed_until + timedelta(days=waited.days) if row.snoozed_until else None
        row.waits_since, row.updated_at = None, now
    fields = ["due_at", "snoozed_until", "waits_since", "updated_at"]
    bulk_update_with_history(
        rows, FollowUp, fields, batch_size=BATCH, default_user=by, default_change_reason="Its playbook goes on"
    )
    return len(rows)


@transaction.atomic
def drop_tasks(*, organization: Organization, run_ids: Collection[UUID], by: User | None, reason: str) -> list[int]:
    """Take away what is still to be done of some runs, with its lines; its history stays. Returns the keys."""
    rows = organization.follow_ups.undone().filter(playbook_run_id__in=run_ids)
    found = list(rows.order_by("pk").values_list("pk", "uuid"))
    keys = [pk for pk, _ in found]
    bulk.record_history(FollowUp, keys, kind="-", by=by, reason=reason)
    organization.activities.filter(subject_kind="follow_up", subject_id__in=[uuid for _, uuid in found]).delete()
    organization.follow_ups.filter(pk__in=keys).delete()
    return keys
