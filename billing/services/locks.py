"""Holding what is about to be written. The account comes first, so whoever writes about one waits for the others."""

from __future__ import annotations

from accounts.exceptions import AccountArchived
from accounts.models import Account
from billing.models import Subscription


def locked_account(account: Account, *, may_be_archived: bool = False) -> Account:
    """As stored now, held until the transaction ends."""
    stored: Account = account.organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived and not may_be_archived:
        raise AccountArchived
    return stored


def locked_subscription(subscription: Subscription) -> Subscription:
    """As stored now with its items and pauses, its account held until the transaction ends."""
    locked_account(subscription.account, may_be_archived=True)
    stored: Subscription = (
        subscription.organization.subscriptions.select_related("account", "organization")
        .with_terms()
        .get(pk=subscription.pk)
    )
    return stored
