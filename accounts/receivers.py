"""What happens to accounts when the platform has news."""

from __future__ import annotations

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.enums import GoalMetric
from accounts.services.account import assign_owner
from accounts.services.goal import refresh_goals
from accounts.services.product import copy_catalogue
from accounts.signals import ArrChange, arr_changed
from csplatform.models import Membership, Organization, User
from csplatform.signals import member_deactivated, organization_created


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


@receiver(organization_created, dispatch_uid="accounts.give_catalogue")
def give_catalogue(*, organization: Organization, **_: object) -> None:
    """A new organisation has something to sell from its first subscription on."""
    copy_catalogue(organization=organization)


@receiver(arr_changed, dispatch_uid="accounts.refresh_arr_goals")
def refresh_arr_goals(*, organization: Organization, changes: Sequence[ArrChange], **_: object) -> None:
    """Goals about ARR show the change as soon as the account does."""
    refresh_goals(organization, account_ids=[change.account_id for change in changes], metrics=[GoalMetric.ARR])
