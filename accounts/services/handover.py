"""Handing accounts from one person to another: the owner changes, and what the old one had to do goes along."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.bulk import Before, BulkAction, register_bulk_action
from accounts.models import FollowUp
from accounts.querysets import AccountQuerySet
from accounts.services.account import assign_owner
from accounts.services.bulk_actions import clean_owner, give_accounts, owner_of
from csplatform import bulk
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization, User
from csplatform.permissions import Action

HAND_OVER = "hand_over"
REASON = "Handed over with the account"


def _clean(member: Membership, value: Any) -> int:
    """A successor there must be: leaving accounts without an owner is no handover."""
    key = clean_owner(member, value)
    if key is None:
        sentence = "Choose who takes the accounts over."
        raise InvalidInput(sentence, errors={"value": [sentence]})
    return key


def _told(organization: Organization, key: int) -> str:
    owner = owner_of(organization, key)
    return f"Hand over to {owner.display_name if owner else 'nobody'}, with the open tasks"


def _hand_over(organization: Organization, accounts: AccountQuerySet, key: int, by: User | None) -> Before:
    """Each account goes to the new owner, who is told once; open tasks of its old owner go along. Tasks that
    somebody else was given stay with them."""
    keys = list(accounts.order_by("pk").values_list("pk", flat=True))
    theirs = organization.follow_ups.undone().filter(account__in=keys, assignee=F("account__owner"))
    tasks = dict(theirs.order_by("pk").values_list("pk", "account"))
    before = give_accounts(organization, organization.accounts.filter(pk__in=keys), key, by)
    _give_tasks(organization, list(tasks), key, by=by)
    remembered: Before = []
    for old, group in before:
        members = set(group)
        theirs_then = [task for task, account in tasks.items() if account in members]
        remembered.append(({"owner": old, "tasks": theirs_then}, group))
    return remembered


def _take_back(
    organization: Organization, accounts: AccountQuerySet, old: dict[str, Any], new: int, by: User | None
) -> int:
    """Accounts that are still the new owner's go back, and with them the tasks that are; not to who has left."""
    owner = owner_of(organization, old["owner"])
    if owner is not None and not organization.memberships.active().filter(user=owner).exists():
        return 0
    if owner is None and old["owner"]:
        return 0
    chosen = list(accounts.filter(owner_id=new).order_by("pk").values_list("pk", flat=True))
    rows = organization.follow_ups.undone().filter(pk__in=old["tasks"], account__in=chosen, assignee_id=new)
    tasks = list(rows.order_by("pk").values_list("pk", flat=True))
    given = assign_owner(
        organization=organization, accounts=organization.accounts.filter(pk__in=chosen), owner=owner, by=by
    )
    _give_tasks(organization, tasks, old["owner"], by=by)
    return given


def _give_tasks(organization: Organization, tasks: list[int], key: int | None, *, by: User | None) -> None:
    organization.follow_ups.filter(pk__in=tasks).update(assignee_id=key, updated_at=timezone.now())
    bulk.record_history(FollowUp, tasks, kind="~", by=by, reason=REASON)


def register_handover() -> None:
    """Called once, when the room is ready."""
    register_bulk_action(
        BulkAction(
            name=HAND_OVER,
            label="Hand over",
            needs=Action.ASSIGN_OWNERS,
            control="owner",
            clean=_clean,
            told=_told,
            differing=lambda accounts, key: accounts.unarchived().exclude(owner_id=key),
            apply=_hand_over,
            undo=_take_back,
        )
    )
