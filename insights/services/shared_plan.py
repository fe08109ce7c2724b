"""Sharing an account's success plan with its customer: made, opened, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.exceptions import AccountArchived
from accounts.models import Account
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.keys import keyed_hash, new_link_token
from csplatform.models import User
from csplatform.tenancy import every_organization
from insights.models import SharedPlan

USUAL_DAYS, MOST_DAYS = 30, 365
MOST_OPEN = 10


class TooManyPlans(DomainError):
    code = "too_many_shared_plans"
    message = f"An account has at most {MOST_OPEN} open addresses. Revoke one first."


@transaction.atomic
def share_plan(*, account: Account, by: User, days: int = USUAL_DAYS, now: datetime) -> tuple[SharedPlan, str]:
    """Make an address for the customer, and return it with its secret, which nobody can look up again."""
    if not 1 <= days <= MOST_DAYS:
        sentence = f"Takes 1 to {MOST_DAYS} days."
        raise InvalidInput(sentence, errors={"days": [sentence]})
    if account.is_archived:
        raise AccountArchived
    account.organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if account.shared_plans.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_OPEN:
        raise TooManyPlans
    token = new_link_token()
    plan = SharedPlan(
        organization=account.organization,
        account=account,
        token_hash=keyed_hash(token),
        by=by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    plan._history_user = by
    plan.save(force_insert=True)
    return plan, token


@transaction.atomic
def revoke_plan(*, plan: SharedPlan, by: User, now: datetime) -> SharedPlan:
    """Its address stops working at once, for good. A second time changes nothing."""
    if plan.revoked_at is None:
        plan.revoked_at, plan._history_user = now, by
        plan.save(update_fields=["revoked_at"])
    return plan


def opened_plan(token: str, *, now: datetime) -> SharedPlan | None:
    """What a secret opens, counted as looked at; nothing once it is revoked, over, or its account put away."""
    with every_organization(write=True, why="a plan's secret says whose it is, before there is a scope"):
        plans = SharedPlan.objects.filter(token_hash=keyed_hash(token), account__archived_at=None)
        plan = plans.select_related("organization", "account").first()
        if plan is None or not plan.is_open(now):
            return None
        SharedPlan.objects.filter(pk=plan.pk).update(opened=F("opened") + 1, last_opened_at=now)
        return plan
