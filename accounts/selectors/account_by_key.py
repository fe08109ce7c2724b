"""Which account does an address mean?"""

from __future__ import annotations

from django.http import Http404

from accounts.exceptions import AccountMoved
from accounts.models import Account
from accounts.querysets import AccountQuerySet


def account_by_key(accounts: AccountQuerySet, key: str | int) -> Account:
    """One of the organisation's accounts by number or uuid; a stranger's is not there.

    One that was merged raises `AccountMoved`, which the middleware answers with the way to the survivor.
    """
    account = accounts.with_key(key).select_related("merged_into").first()
    if account is None:
        raise Http404("Account not found")
    if account.merged_into is not None:
        raise AccountMoved(account=account, to=account.merged_into)
    return account
