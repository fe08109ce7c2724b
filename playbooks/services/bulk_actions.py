"""Starting a playbook with many accounts at once, from the account list."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.bulk import Before, BulkAction, register_bulk_action
from accounts.querysets import AccountQuerySet
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization, User
from csplatform.permissions import Action
from playbooks.enums import RunOrigin
from playbooks.exceptions import PlaybookHasNoSteps
from playbooks.models import Playbook, PlaybookRun
from playbooks.selectors.playbook_by_key import playbook_named
from playbooks.services.run import cancel_run, start_runs

START_PLAYBOOK = "start_playbook"


def _clean(member: Membership, value: Any) -> int:
    """A playbook's number or uuid; its number is kept."""
    playbook = playbook_named(member.organization, value)
    if playbook is None:
        sentence = "takes the number or the id of a playbook."
        raise InvalidInput(f"value: {sentence}", errors={"value": [sentence]})
    if not playbook.steps.exists():
        raise PlaybookHasNoSteps
    return playbook.number


def _found(organization: Organization, number: int) -> Playbook | None:
    playbook: Playbook | None = organization.playbooks.filter(number=number).first()
    return playbook


def _told(organization: Organization, number: int) -> str:
    return f"Start the playbook “{_found(organization, number) or number}”"


def _not_running(accounts: AccountQuerySet, number: int) -> AccountQuerySet:
    running = PlaybookRun.objects.going_on().filter(account=OuterRef("pk"), playbook__number=number)
    return accounts.unarchived().filter(~Exists(running))


def _start(organization: Organization, accounts: AccountQuerySet, number: int, by: User | None) -> Before:
    playbook = _found(organization, number)
    if playbook is None:  # deleted while the job waited
        return []
    started = start_runs(
        organization=organization,
        playbook=playbook,
        accounts=list(accounts),
        by=by,
        now=timezone.now(),
        origin=RunOrigin.BULK,
    )
    return [(str(run.uuid), [run.account_id]) for run in started.new]


def _cancel(organization: Organization, accounts: AccountQuerySet, old: str, _: int, by: User | None) -> int:
    """The run is called off, unless it has ended since."""
    run = organization.playbook_runs.going_on().filter(uuid=old, account__in=accounts).first()
    if run is None:
        return 0
    cancel_run(run=run, by=by, now=timezone.now(), note="Taken back with the bulk change that started it.")
    return 1


def _choices(organization: Organization) -> list[tuple[str, str]]:
    return [(str(number), title) for number, title in organization.playbooks.values_list("number", "title")]


def register_starts() -> None:
    """Called once, when the room is ready."""
    register_bulk_action(
        BulkAction(
            name=START_PLAYBOOK,
            label="Start playbook",
            needs=Action.RUN_PLAYBOOKS,
            control="playbook",
            choices=_choices,
            clean=_clean,
            told=_told,
            differing=_not_running,
            apply=_start,
            undo=_cancel,
        )
    )
