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
