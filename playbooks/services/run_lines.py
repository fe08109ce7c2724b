"""What the timeline says of runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activities, revise_activity
from csplatform.models import Organization, User
from playbooks.models import PlaybookRun

STARTED = "Playbook started: {}"
RESUMED = "Playbook goes on: {}"
FINISHED = "Playbook completed: {}"
CANCELLED = "Playbook cancelled: {}"
EVENTS = {STARTED: "started", FINISHED: "finished", CANCELLED: "cancelled"}
"""What befalls a run once; the line is written anew when it is put right."""


def tell_runs(
    organization: Organization, runs: Sequence[PlaybookRun], words: str, *, by: User | None, at: datetime
) -> None:
    """One line each, in one statement."""
    record_activities(
        organization, [_line(run, words.format(run), by=by, at=at, event=EVENTS[words]) for run in runs]
    )


def run_line(run: PlaybookRun, title: str, *, by: User | None, at: datetime, event: str = "") -> None:
    line = _line(run, title, by=by, at=at, event=event)
    if event:
        revise_activity(line)
    else:
        record_activities(run.organization, [line])


def _line(run: PlaybookRun, title: str, *, by: User | None, at: datetime, event: str) -> Happening:
    return Happening(
        account=run.account,
        kind=ActivityKind.PLAYBOOK,
        title=title,
        text=_text(run, event),
        occurred_at=at,
        by=by,
        is_system=by is None,
        subject=run,
        event=event,
        details={"status": run.status, "outcome": run.outcome},
    )


def _text(run: PlaybookRun, event: str) -> str:
    if event == "started":
        return start_reason(run)
    said = [run.get_outcome_display()] if run.outcome else []
    return ". ".join([*said, *([run.note] if run.note else [])])


def start_reason(run: PlaybookRun) -> str:
    """Which risks it answers; nothing where it was started without one."""
    return f"Because of: {', '.join(run.risk_factors)}." if run.risk_factors else ""
