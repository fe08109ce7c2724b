"""What becomes of runs when their accounts leave or become one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.signals import Merge
from csplatform import bulk
from csplatform.models import Organization, User
from playbooks.enums import RunOutcome, RunStatus
from playbooks.models import PlaybookRun
from playbooks.services.run import end_runs


@transaction.atomic
def end_runs_of_churned(
    *, organization: Organization, account_ids: Collection[int], by: User | None, now: datetime
) -> int:
    """Who has left is not won back by the rest of a playbook: its runs end, and count as what they came to."""
    runs = _going_on(organization, account_ids)
    end_runs(runs, status=RunStatus.COMPLETED, outcome=RunOutcome.CUSTOMER_LEFT, note="", by=by, now=now)
    return len(runs)


@transaction.atomic
def carry_runs_over(*, organization: Organization, merge: Merge, now: datetime) -> int:
    """The surviving account has the others' runs. Where two of one playbook are going on, the older one stays."""
    moving = list(organization.playbook_runs.filter(account__in=merge.merged).values_list("pk", flat=True))
    if not moving:
        return 0
    keys = [merge.into, *merge.merged]
    seen: set[int] = set()
    twice: list[PlaybookRun] = []
    for run in sorted(_going_on(organization, keys), key=lambda run: (run.started_at, run.pk)):
        if run.playbook_id is not None and run.playbook_id in seen:
            twice.append(run)
        elif run.playbook_id is not None:
            seen.add(run.playbook_id)
    note = f"{merge.cause}, which has the same playbook."
    end_runs(twice, status=RunStatus.CANCELLED, outcome="", note=note, by=None, now=now)
    organization.playbook_runs.filter(pk__in=moving).update(account=merge.into, updated_at=now)
    bulk.record_history(PlaybookRun, moving, kind="~", by=None, reason=merge.cause)
    return len(moving)


def _going_on(organization: Organization, keys: Collection[int]) -> list[PlaybookRun]:
    """Their runs, held with their tasks: tasks first, as everybody does."""
    rows = organization.playbook_runs.going_on().filter(account__in=list(keys))
    uuids = list(rows.values_list("uuid", flat=True))
    tasks = organization.follow_ups.filter(playbook_run_id__in=uuids)
    list(tasks.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return list(
        rows.select_related("account", "organization").order_by("pk").select_for_update(no_key=True, of=("self",))
    )
