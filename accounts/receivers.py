"""What happens to accounts when the platform has news."""

from __future__ import annotations

from django.dispatch import receiver

from accounts.services.account import assign_owner
from csplatform.models import Membership, User
from csplatform.signals import member_deactivated


@receiver(member_deactivated, dispatch_uid="accounts.hand_over")
def hand_over(*, member: Membership, successor: Membership | None, by: User | None, **_: object) -> None:
    """Their accounts go to the successor, or wait among the unowned."""
    organization = member.organization
    assign_owner(
        organization=organization,
        accounts=organization.accounts.owned_by(member.user),
        owner=successor.user if successor else None,
        by=by,
    )
