"""What happens to money when accounts have news."""

from __future__ import annotations

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.signals import ArrChange, arr_changed
from billing.services.mrr import post_arr_changes
from csplatform.models import Organization


@receiver(arr_changed, dispatch_uid="billing.post_arr_changes")
def post_to_ledger(*, organization: Organization, changes: Sequence[ArrChange], cause: str, **_: object) -> None:
    """The ledger shows a change as soon as the account does."""
    post_arr_changes(organization=organization, changes=changes, cause=cause)
