"""What happens to money when accounts have news."""

from __future__ import annotations

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.signals import ArrChange, Merge, accounts_merged, arr_changed
from billing.services.mrr import merge_ledgers, post_arr_changes
from csplatform.models import Organization


@receiver(arr_changed, dispatch_uid="billing.post_arr_changes")
def post_to_ledger(*, organization: Organization, changes: Sequence[ArrChange], cause: str, **_: object) -> None:
    """The ledger shows a change as soon as the account does."""
    post_arr_changes(organization=organization, changes=changes, cause=cause)


@receiver(accounts_merged, dispatch_uid="billing.merge_ledgers")
def carry_movements_over(*, organization: Organization, merge: Merge, **_: object) -> None:
    """One account, one ledger."""
    merge_ledgers(organization=organization, merge=merge)
