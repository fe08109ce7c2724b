"""Keeping accounts and ledger in step with subscriptions: whatever changes those ends here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Account
from accounts.services.account import REASON_LENGTH
from billing.calculations import arr_of, mrr_changes
from billing.exceptions import InvalidSubscription
from billing.querysets import MrrMovementQuerySet, SubscriptionQuerySet
from billing.selectors.subscribed import subscribed_contracts, terms_by_account
from billing.services.mrr import Change, post_arr_changes
from csplatform import bulk
from csplatform.formatting import rupees_full
from csplatform.models import Organization, User
from csplatform.periods import ONE_DAY

MOST_ARR = Decimal("9999999999.99")
ACCOUNTS_AT_ONCE = 2_000


@transaction.atomic
def settle_accounts(
    *,
    organization: Organization,
    account_ids: Sequence[int],
    today: date,
    cause: str,
    by: User | None = None,
    since: date | None = None,
) -> int:
    """Book what the accounts' subscriptions have come to since the ledger's latest day, up to today, and bring
    their ARR in step; returns the number of rows appended.

    ``since`` is the first day that a change just written is about; one that lies before an account's latest
    movement is booked on the day of that movement, as the ledger has it. Doing it again changes nothing.
    """
    keys = sorted(set(account_ids))
    appended = 0
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        appended += _settle(organization, keys[start : start + ACCOUNTS_AT_ONCE], today, cause, by, since)
    return appended


def _settle(
    organization: Organization, keys: list[int], today: date, cause: str, by: User | None, since: date | None
) -> int:
    accounts = organization.accounts.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    stored = dict(accounts.values_list("pk", "arr"))
    movements: MrrMovementQuerySet = organization.mrr_movements.filter(account__in=keys).order_by()
    latest = dict(movements.values_list("account").annotate(Max("date")))
    subscriptions: SubscriptionQuerySet = organization.subscriptions.filter(account__in=keys).order_by("pk")

    changes: list[Change] = []
    pays: dict[int, Decimal] = {}
    for account, terms in terms_by_account(subscriptions.with_terms()).items():
        first = latest[account] + ONE_DAY if account in latest else min(each.starts_on for each in terms)
        since_then = min(first, since) if since else first
        for day, mrr in mrr_changes(terms, since=since_then, until=today).items():
            pays[account] = arr_of(mrr)
            changes.append((account, day, pays[account]))
    if too_much := [arr for _, _, arr in changes if arr > MOST_ARR]:
        raise InvalidSubscription("items", f"Together they come to {rupees_full(max(too_much))} a year, too much.")

    settle_contracts(organization=organization, account_ids=keys, today=today, cause=cause, by=by)
    _write_arr(organization, {key: arr for key, arr in pays.items() if stored[key] != arr}, cause=cause, by=by)
    return post_arr_changes(organization=organization, changes=changes, cause=cause)


def _write_arr(organization: Organization, moved: dict[int, Decimal], *, cause: str, by: User | None) -> None:
    bulk.update_from(Account, list(moved), {"arr": list(moved.values())}, stamps={"updated_at": timezone.now()})
    bulk.record_history(Account, list(moved), kind="~", by=by, reason=cause[:REASON_LENGTH])


@transaction.atomic
def settle_contracts(
    *, organization: Organization, account_ids: Sequence[int], today: date, cause: str, by: User | None = None
) -> int:
    """Let the contracts of accounts run as long as their subscriptions' terms; returns how many moved. A renewed term
    moves them on. Set-based: unchanged accounts cost nothing."""
    wanted = subscribed_contracts(organization, account_ids, today=today)
    stored = organization.accounts.filter(pk__in=wanted, archived_at=None).order_by("pk")
    moved = [
        key
        for key, start, end in stored.values_list("pk", "contract_start", "contract_end")
        if (start, end) != wanted[key]
    ]
    columns = {
        "contract_start": [wanted[key][0] for key in moved],
        "contract_end": [wanted[key][1] for key in moved],
    }
    bulk.update_from(Account, moved, columns, stamps={"updated_at": timezone.now()})
    bulk.record_history(Account, moved, kind="~", by=by, reason=cause[:REASON_LENGTH])
    return len(moved)
