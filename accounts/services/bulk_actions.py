"""The accounts room's own bulk actions: each set-based, with a history row and a line in the timeline per account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.bulk import Before, BulkAction, register_bulk_action
from accounts.enums import AccountStatus
from accounts.models import Account, AccountTag, Tag
from accounts.models.tag import TAG_LENGTH
from accounts.querysets import AccountQuerySet
from accounts.services.account import REASON_LENGTH, assign_owner
from accounts.services.account_lines import tell_many
from accounts.services.follow_up import default_due, open_follow_ups, remove_follow_up
from accounts.services.status_news import Was, pass_on_statuses
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization, User
from csplatform.money import ZERO
from csplatform.periods import today
from csplatform.permissions import Action

TASK_LENGTH = 100


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(f"value: {sentence}", errors={"value": [sentence]})


def _locked(accounts: AccountQuerySet) -> list[Account]:
    return list(accounts.order_by("pk").select_for_update(no_key=True, of=("self",)))


def _grouped(pairs: Iterable[tuple[Any, int]]) -> Before:
    groups: dict[Any, list[int]] = {}
    for old, key in pairs:
        groups.setdefault(old, []).append(key)
    return list(groups.items())


def _remember(rows: Sequence[Account], *, by: User | None, reason: str) -> None:
    Account.history.bulk_history_create(
        rows, update=True, default_user=by, default_change_reason=reason[:REASON_LENGTH]
    )


# -- owner ------------------------------------------------------------------------------------------


def clean_owner(member: Membership, value: Any) -> int | None:
    """A member's or their login's public id; nothing for nobody."""
    if value in (None, "", "none"):
        return None
    sentence = "takes the id of an active member, or nothing for nobody."
    if not isinstance(value, str):
        raise _refusal(sentence)
    members = member.organization.memberships.active().values_list("uuid", "user__uuid", "user_id")
    for membership_id, user_id, key in members:
        if value in (str(membership_id), str(user_id)):
            return int(key)
    raise _refusal(sentence)


def owner_of(organization: Organization, key: int | None) -> User | None:
    return User.objects.filter(memberships__organization=organization, pk=key).first() if key else None


def _owner_told(organization: Organization, key: int | None) -> str:
    owner = owner_of(organization, key)
    return f"Give to {owner.display_name}" if owner else "Leave without an owner"


def give_accounts(organization: Organization, accounts: AccountQuerySet, key: int | None, by: User | None) -> Before:
    rows = _locked(accounts)
    before = _grouped((row.owner_id, row.pk) for row in rows)
    owner = owner_of(organization, key)
    chosen = organization.accounts.filter(pk__in=[row.pk for row in rows])
    assign_owner(organization=organization, accounts=chosen, owner=owner, by=by)
    return before


def _give_back(
    organization: Organization, accounts: AccountQuerySet, old: int | None, new: int | None, by: User | None
) -> int:
    owner = owner_of(organization, old)
    if old and owner is None:
        return 0
    chosen = accounts.filter(owner_id=new)
    if owner and not organization.memberships.active().filter(user=owner).exists():
        return 0
    return assign_owner(organization=organization, accounts=chosen, owner=owner, by=by)


# -- tags -------------------------------------------------------------------------------------------


def _clean_tag(member: Membership, value: Any) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not name or not name.isprintable():
        raise _refusal("takes the name of a tag.")
    if len(name) > TAG_LENGTH:
        raise _refusal(f"A tag takes at most {TAG_LENGTH} characters.")
    return name


def _carrying(name: str) -> QuerySet[AccountTag]:
    return AccountTag.objects.filter(account=OuterRef("pk"), tag__name=name)


def _tag(organization: Organization, accounts: AccountQuerySet, name: str, by: User | None) -> Before:
    rows = _locked(accounts)
    tag, _ = Tag.objects.get_or_create(organization=organization, name=name)
    AccountTag.objects.bulk_create(
        [AccountTag(organization=organization, account=row, tag=tag) for row in rows], ignore_conflicts=True
    )
    _touch(organization, rows)
    _remember(rows, by=by, reason=f"Tag “{name}” added")
    tell_many(organization, rows, by=by, titles=[f"Tag “{name}” added"] * len(rows))
    return [(False, [row.pk for row in rows])]


def _untag(organization: Organization, accounts: AccountQuerySet, name: str, by: User | None) -> Before:
    rows = _locked(accounts)
    AccountTag.objects.filter(
        organization=organization, account__in=[row.pk for row in rows], tag__name=name
    ).delete()
    _touch(organization, rows)
    _remember(rows, by=by, reason=f"Tag “{name}” removed")
    tell_many(organization, rows, by=by, titles=[f"Tag “{name}” removed"] * len(rows))
    return [(True, [row.pk for row in rows])]


def _touch(organization: Organization, rows: Sequence[Account], **fields: Any) -> None:
    now = timezone.now()
    for row in rows:
        row.updated_at = now
    organization.accounts.filter(pk__in=[row.pk for row in rows]).update(updated_at=now, **fields)


# -- status -----------------------------------------------------------------------------------------


def _clean_status(member: Membership, value: Any) -> str:
    if value not in AccountStatus.values:
        raise _refusal(f"takes {', '.join(AccountStatus.values)}.")
    return str(value)


def _set_status(organization: Organization, accounts: AccountQuerySet, status: str, by: User | None) -> Before:
    """As `update_account` does for one: churned ends the ARR today, anything else means neither day nor reason."""
    rows = _locked(accounts)
    was = {row.pk: Was(row.status, row.arr) for row in rows}
    churns = status == AccountStatus.CHURNED
    facts: dict[str, Any] = {
        "status": status,
        "churned_on": today(organization) if churns else None,
        "churn_reason": "",
    }
    if churns:
        facts["arr"] = ZERO
    for row in rows:
        for name, value in facts.items():
            setattr(row, name, value)
    _touch(organization, rows, **facts)
    _remember(rows, by=by, reason="Status set for many")
    pass_on_statuses(organization, rows, was=was, by=by)
    return _grouped((before.status, key) for key, before in was.items())


def _status_back(organization: Organization, accounts: AccountQuerySet, old: str, new: str, by: User | None) -> int:
    chosen = accounts.filter(status=new)
    return sum(len(keys) for _, keys in _set_status(organization, chosen, old, by))


def _status_can_return(value: str, before: Sequence[tuple[Any, list[int]]]) -> bool:
    """Not to or from churned: what it paid went with it, and the ledger does not forget."""
    return AccountStatus.CHURNED not in {value, *(old for old, _ in before)}


# -- archive ----------------------------------------------------------------------------------------


def _archive(organization: Organization, accounts: AccountQuerySet, _: Any, by: User | None) -> Before:
    return _set_archived(organization, accounts, archived=True, by=by)


def _restore(organization: Organization, accounts: AccountQuerySet, _: Any, by: User | None) -> Before:
    return _set_archived(organization, accounts, archived=False, by=by)


def _set_archived(
    organization: Organization, accounts: AccountQuerySet, *, archived: bool, by: User | None
) -> Before:
    rows = _locked(accounts)
    at = timezone.now() if archived else None
    for row in rows:
        row.archived_at = at
    _touch(organization, rows, archived_at=at)
    _remember(rows, by=by, reason="Archived" if archived else "Restored")
    tell_many(organization, rows, by=by, titles=["Archived" if archived else "Back from the archive"] * len(rows))
    return [(not archived, [row.pk for row in rows])]


def _in_use(accounts: AccountQuerySet, _: Any) -> AccountQuerySet:
    return accounts.unarchived()


def _restorable(accounts: AccountQuerySet, _: Any) -> AccountQuerySet:
    """A merged account stays archived: another one has its figures."""
    return accounts.archived().filter(merged_into=None)


# -- follow-ups -------------------------------------------------------------------------------------


def _clean_task(member: Membership, value: Any) -> str:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if not words or not words.isprintable() or len(words) > TASK_LENGTH:
        raise _refusal(f"takes what is to be done, in at most {TASK_LENGTH} characters.")
    return words


def _open_tasks(organization: Organization, accounts: AccountQuerySet, words: str, by: User | None) -> Before:
    rows = _locked(accounts.select_related("owner"))
    due_at = default_due(organization, now=timezone.now())
    made = open_follow_ups(organization=organization, accounts=rows, by=by, task_type=words, due_at=due_at)
    return [(str(task.uuid), [task.account_id]) for task in made]


def _remove_task(organization: Organization, accounts: AccountQuerySet, old: str, _: Any, by: User | None) -> int:
    """The task goes again, unless somebody has done it."""
    task = organization.follow_ups.open().filter(uuid=old, account__in=accounts).select_related("account").first()
    if task is None:
        return 0
    remove_follow_up(follow_up=task, by=by)
    return 1


def _count(before: Before) -> int:
    return sum(len(keys) for _, keys in before)


def register_account_actions() -> None:
    """Called once, when the room is ready; the order is that of the menu."""
    register_bulk_action(
        BulkAction(
            name="assign_owner",
            label="Assign owner",
            needs=Action.ASSIGN_OWNERS,
            control="owner",
            clean=clean_owner,
            told=_owner_told,
            differing=lambda accounts, key: (
                accounts.unarchived().exclude(owner_id=key) if key else accounts.unarchived().exclude(owner=None)
            ),
            apply=give_accounts,
            undo=_give_back,
        )
    )
    register_bulk_action(
        BulkAction(
            name="add_tag",
            label="Add tag",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="tag",
            clean=_clean_tag,
            told=lambda _, name: f"Add the tag “{name}”",
            differing=lambda accounts, name: accounts.unarchived().filter(~Exists(_carrying(name))),
            apply=_tag,
            undo=lambda organization, accounts, _, name, by: _count(
                _untag(organization, accounts.filter(Exists(_carrying(name))), name, by)
            ),
        )
    )
    register_bulk_action(
        BulkAction(
            name="remove_tag",
            label="Remove tag",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="tag",
            clean=_clean_tag,
            told=lambda _, name: f"Remove the tag “{name}”",
            differing=lambda accounts, name: accounts.unarchived().filter(Exists(_carrying(name))),
            apply=_untag,
            undo=lambda organization, accounts, _, name, by: _count(
                _tag(organization, accounts.filter(~Exists(_carrying(name))), name, by)
            ),
        )
    )
    register_bulk_action(
        BulkAction(
            name="set_status",
            label="Set status",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="status",
            clean=_clean_status,
            told=lambda _, status: f"Set the status to {AccountStatus(status).label}",
            differing=lambda accounts, status: accounts.unarchived().exclude(status=status),
            apply=_set_status,
            undo=_status_back,
            can_undo=_status_can_return,
            stays="Accounts left or came back by it, and their subscriptions and renewals followed. "
            "Set their status by hand.",
        )
    )
    register_bulk_action(
        BulkAction(
            name="create_follow_up",
            label="Create follow-up",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="task",
            clean=_clean_task,
            told=lambda _, words: f"Open the follow-up “{words}”",
            differing=lambda accounts, _: accounts.unarchived(),
            apply=_open_tasks,
            undo=_remove_task,
        )
    )
    register_bulk_action(
        BulkAction(
            name="archive",
            label="Archive",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="none",
            clean=lambda _, __: None,
            told=lambda _, __: "Archive",
            differing=_in_use,
            apply=_archive,
            undo=lambda organization, accounts, _, __, by: _count(
                _restore(organization, _restorable(accounts, None), None, by)
            ),
        )
    )
    register_bulk_action(
        BulkAction(
            name="restore",
            label="Restore",
            needs=Action.EDIT_OWN_ACCOUNTS,
            control="none",
            clean=lambda _, __: None,
            told=lambda _, __: "Bring back from the archive",
            differing=_restorable,
            apply=_restore,
            undo=lambda organization, accounts, _, __, by: _count(
                _archive(organization, accounts.unarchived(), None, by)
            ),
            includes_archived=True,
        )
    )
