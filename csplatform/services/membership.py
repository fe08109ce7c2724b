"""Members: their role, their leaving and their coming back."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone

from csplatform.enums import Role
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.models import Membership, Organization, Team, User
from csplatform.models.membership import MOST_CAPACITY
from csplatform.services.api_key import revoke_keys_of
from csplatform.services.team import put_into_teams
from csplatform.services.user import end_sessions
from csplatform.signals import member_deactivated

log = structlog.get_logger(__name__)


class LastAdmin(DomainError):
    code = "last_admin"

    def __init__(self, membership: Membership) -> None:
        super().__init__(
            f"{membership.user.display_name} is the last active admin of {membership.organization}. "
            "Make somebody else an admin first."
        )


class NotActive(DomainError):
    code = "member_not_active"

    def __init__(self, membership: Membership) -> None:
        super().__init__(f"{membership.user.display_name} is deactivated.")


class AlreadyActive(DomainError):
    code = "member_already_active"

    def __init__(self, membership: Membership) -> None:
        super().__init__(f"{membership.user.display_name} is active already.")


@transaction.atomic
def change_role(*, membership: Membership, role: Role, by: User) -> Membership:
    """Give an active member another role; the last active admin keeps theirs."""
    if not membership.is_active:
        raise NotActive(membership)
    if role != Role.ADMIN:
        require_another_admin(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role", "updated_at"])
    log.info("member_role_changed", member=membership.pk, before=before, after=role, by=by.pk)
    return membership


@transaction.atomic
def change_teams(*, membership: Membership, teams: list[Team]) -> Membership:
    """Put the member into exactly these teams."""
    if not membership.is_active:
        raise NotActive(membership)
    put_into_teams(membership=membership, teams=teams)
    return membership


@transaction.atomic
def change_capacity(*, membership: Membership, accounts: int) -> Membership:
    """How many accounts fit the member's day."""
    if not 1 <= accounts <= MOST_CAPACITY:
        sentence = f"It takes a whole number from 1 to {MOST_CAPACITY}."
        raise InvalidInput(sentence, errors={"accounts": [sentence]})
    if membership.daily_capacity != accounts:
        membership.daily_capacity = accounts
        membership.save(update_fields=["daily_capacity", "updated_at"])
    return membership


@transaction.atomic
def deactivate_member(*, membership: Membership, successor: Membership | None, by: User) -> Membership:
    """Lock a member out at once: keys revoked, sessions ended, their accounts handed to the successor.

    Without a successor the accounts are left without an owner. Their past work keeps their name.
    """
    if not membership.is_active:
        raise NotActive(membership)
    require_another_admin(membership)
    if successor is not None:
        _check_successor(successor, leaving=membership)
    membership.is_active = False
    membership.deactivated_at = timezone.now()
    membership.save(update_fields=["is_active", "deactivated_at", "updated_at"])
    revoke_keys_of(membership=membership)
    member_deactivated.send(sender=Membership, member=membership, successor=successor, by=by)
    end_sessions(user=membership.user)
    log.info("member_deactivated", member=membership.pk, successor=successor and successor.pk, by=by.pk)
    return membership


@transaction.atomic
def reactivate_member(*, membership: Membership, by: User) -> Membership:
    """Let a member in again, in their old role. Revoked keys stay revoked, handed-over accounts stay there."""
    if membership.is_active:
        raise AlreadyActive(membership)
    membership.is_active = True
    membership.deactivated_at = None
    membership.save(update_fields=["is_active", "deactivated_at", "updated_at"])
    log.info("member_reactivated", member=membership.pk, by=by.pk)
    return membership


def require_another_admin(membership: Membership) -> None:
    """Refuse to lose the last active admin. The rows are locked: two admins cannot remove each other at once."""
    admins = lock_admins(membership.organization)
    if membership.pk in admins and len(admins) == 1:
        raise LastAdmin(membership)


def lock_admins(organization: Organization) -> list[int]:
    admins = organization.memberships.active().admins().order_by("pk")
    return [admin.pk for admin in admins.select_for_update(of=("self",), no_key=True)]


def _check_successor(successor: Membership, *, leaving: Membership) -> None:
    fits = (
        successor.pk != leaving.pk
        and successor.organization_id == leaving.organization_id
        and successor.is_active
        and successor.user.is_active
    )
    if not fits:
        sentence = "Choose another active member to take over."
        raise InvalidInput(sentence, errors={"successor": [sentence]})
