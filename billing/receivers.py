"""What happens to money when accounts have news."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from django.dispatch import receiver

from accounts.signals import ArrChange, Merge, accounts_churned, accounts_merged, arr_changed, contracts_changed
from billing.enums import JobKind
from billing.services.merge import merge_documents, merge_subscriptions
from billing.services.mrr import merge_ledgers, post_arr_changes
from billing.services.renewal import settle_contract_renewals
from billing.services.subscribed_accounts import settle_contracts
from billing.services.subscription import cancel_subscriptions_of
from csplatform import periods
from csplatform.enums import JobStatus
from csplatform.jobs import enqueue
from csplatform.models import Organization, User

CAUSE = "As its subscriptions say"
SETTLED_AT_ONCE = 50
"""Contracts; more of them, out of a file, are left to a job."""


@receiver(arr_changed, dispatch_uid="billing.post_arr_changes")
def post_to_ledger(*, organization: Organization, changes: Sequence[ArrChange], cause: str, **_: object) -> None:
    """The ledger shows a change as soon as the account does."""
    post_arr_changes(organization=organization, changes=changes, cause=cause)


@receiver(accounts_merged, dispatch_uid="billing.merge_ledgers")
def carry_movements_over(*, organization: Organization, merge: Merge, **_: object) -> None:
    """One account, one ledger, and whatever was subscribed and billed."""
    merge_documents(organization=organization, merge=merge)
    merge_subscriptions(organization=organization, merge=merge)
    merge_ledgers(organization=organization, merge=merge)


@receiver(accounts_churned, dispatch_uid="billing.end_subscriptions")
def end_subscriptions(
    *,
    organization: Organization,
    account_ids: Collection[int],
    on: date,
    reason: str,
    by: User | None = None,
    **_: object,
) -> None:
    """Who left pays nothing: what runs for them ends on the same day."""
    cancel_subscriptions_of(organization=organization, account_ids=account_ids, on=on, reason=reason, by=by)


@receiver(contracts_changed, dispatch_uid="billing.settle_contract_renewals")
def settle_renewals(
    *, organization: Organization, account_ids: Collection[int], by: User | None = None, **_: object
) -> None:
    """The renewal of a contract is there as soon as its end is; those of a whole file a moment later."""
    if len(account_ids) <= SETTLED_AT_ONCE:
        today = periods.today(organization)
        settle_contracts(organization=organization, account_ids=sorted(account_ids), today=today, cause=CAUSE, by=by)
        settle_contract_renewals(organization=organization, account_ids=account_ids, today=today, by=by)
    elif not organization.jobs.filter(kind=JobKind.SETTLE_RENEWALS, status=JobStatus.QUEUED).exists():
        enqueue(organization, JobKind.SETTLE_RENEWALS, by=by)
