"""Who may change which account; the table of roles is the platform's."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from accounts.models import Account, FollowUp
from accounts.querysets import AccountQuerySet
from csplatform.models import Membership
from csplatform.permissions import Action, can


def can_edit_account(member: Membership, account: Account) -> bool:
    """Admins and managers any; a CSM those they own, and their team's. Only the last takes a query."""
    is_ours = account.organization_id == member.organization_id
    if can(member, Action.EDIT_ACCOUNTS):
        return is_ours
    if is_ours and account.owner_id == member.user_id and can(member, Action.EDIT_OWN_ACCOUNTS):
        return True
    return editable_accounts(member).filter(pk=account.pk).exists()


def editable_accounts(member: Membership) -> AccountQuerySet:
    """The organisation's accounts that the member may change."""
    accounts: AccountQuerySet = member.organization.accounts.all()
    if can(member, Action.EDIT_ACCOUNTS):
        return accounts
    return accounts.in_care_of(member) if can(member, Action.EDIT_OWN_ACCOUNTS) else accounts.none()


def editable_among(member: Membership, accounts: Iterable[Account]) -> set[int]:
    """The keys of those accounts of one page that the member may change."""
    keys = {account.pk for account in accounts}
    if can(member, Action.EDIT_ACCOUNTS):
        return keys
    return set(editable_accounts(member).filter(pk__in=keys).values_list("pk", flat=True))


def can_assign_owners(member: Membership) -> bool:
    return can(member, Action.ASSIGN_OWNERS)


def require_editable(member: Membership, account: Account) -> None:
    """Refuse who may not change the account, nor what hangs on it: contacts, engagements, goals, tickets …"""
    if not can_edit_account(member, account):
        raise PermissionDenied(f"{account} is not yours or your team's. Ask its owner or a manager.")


def require_doable(member: Membership, follow_up: FollowUp) -> None:
    """Refuse who may not do, reopen or put off a task: whose it is may, and who may change the account."""
    is_mine = follow_up.assignee_id == member.user_id and can(member, Action.EDIT_OWN_ACCOUNTS)
    if not is_mine:
        require_editable(member, follow_up.account)
