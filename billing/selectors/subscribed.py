"""What accounts pay by their subscriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from billing.calculations import Terms, arr_of
from billing.models import Subscription
from billing.querysets import SubscriptionQuerySet
from csplatform import periods
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import ONE_DAY


def subscribed_arr(
    organization: Organization, account_ids: Collection[int], *, today: date | None = None
) -> dict[int, Decimal]:
    """ARR of the accounts of which a subscription runs today, be it paused: twelve times what these come to a month.

    Where none has begun yet, or all are over, what people and files say counts, and the account is left out.
    """
    today = today or periods.today(organization)
    subscriptions: SubscriptionQuerySet = organization.subscriptions.filter(account__in=account_ids)
    pays: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for subscription in subscriptions.running_on(today).order_by().with_terms():
        pays[subscription.account_id] += arr_of(subscription.terms().mrr_on(today))
    return dict(pays)


def terms_by_account(subscriptions: Collection[Subscription] | SubscriptionQuerySet) -> dict[int, list[Terms]]:
    """The terms of each account's subscriptions; of a queryset, `.with_terms()`."""
    by_account: defaultdict[int, list[Terms]] = defaultdict(list)
    for subscription in subscriptions:
        by_account[subscription.account_id].append(subscription.terms())
    return dict(by_account)


def subscribed_contracts(
    organization: Organization, account_ids: Collection[int], *, today: date | None = None
) -> dict[int, tuple[date, date]]:
    """The first and the last day of the contract of accounts with subscriptions: the term that ends first of all that
    run, or will; one that is cancelled ends the day before that. An account whose subscriptions have no end is left
    out, and so is one without any."""
    today = today or periods.today(organization)
    subscriptions: SubscriptionQuerySet = organization.subscriptions.filter(account__in=account_ids)
    found: dict[int, tuple[date, date]] = {}
    rows = subscriptions.not_over_on(today).order_by("account", "pk")
    for account, starts_on, ends_on, cancelled_on in rows.values_list(
        "account", "term_starts_on", "ends_on", "cancelled_on"
    ):
        ends = [day for day in (ends_on, cancelled_on and cancelled_on - ONE_DAY) if day]
        if ends and (account not in found or min(ends) < found[account][1]):
            found[account] = (min(starts_on, *ends), min(ends))
    return found
