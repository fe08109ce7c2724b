"""What a new day brings to subscriptions: what was scheduled for it, and terms that are over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from billing.models import Renewal
from billing.models.subscription import MOST_NOTICE_DAYS
from billing.querysets import SubscriptionQuerySet
from billing.selectors.renewals import forecast_model
from billing.services.renewal import settle_terms
from billing.services.subscribed_accounts import settle_accounts
from csplatform.models import Organization
from csplatform.money import round2

CAUSE = "Scheduled"
FURTHEST_NOTICE = timedelta(days=MOST_NOTICE_DAYS + 1)
FORECAST_WINDOW = (timedelta(days=60), timedelta(days=90))
"""So long before a term's end its band and forecast are noted, once."""


def accounts_with_subscriptions(organization: Organization, *, after: int = 0) -> list[int]:
    """Keys of the accounts whose subscriptions may still bring something, in order."""
    subscriptions = organization.subscriptions.filter(account__gt=after, account__archived_at=None)
    return sorted(set(subscriptions.order_by().values_list("account", flat=True)))


def accounts_with_contracts(organization: Organization, *, after: int = 0) -> list[int]:
    """Keys of the accounts with a contract's end, or with an open renewal of one, in order."""
    accounts = organization.accounts.filter(pk__gt=after, archived_at=None, contract_end__isnull=False)
    keys = set(accounts.order_by().values_list("pk", flat=True))
    renewals = organization.renewals.of_contracts().open().filter(account__gt=after)
    return sorted(keys | set(renewals.order_by().values_list("account", flat=True)))


@transaction.atomic
def settle_subscribed(organization: Organization, account_ids: list[int], *, today: date) -> int:
    """Decide the terms that time has decided, then book what accounts pay; returns the rows appended to the ledger.
    Doing it again, or days late, comes to the same."""
    list(organization.accounts.filter(pk__in=account_ids).order_by("pk").select_for_update(no_key=True).values("pk"))
    undecided = organization.renewals.open().filter(account__in=account_ids, due_on__lt=today + FURTHEST_NOTICE)
    due: SubscriptionQuerySet = organization.subscriptions.filter(pk__in=undecided.values("subscription"))
    for subscription in due.filter(cancelled_on=None).select_related("account", "organization").with_terms():
        settle_terms(subscription, today=today)
    return settle_accounts(organization=organization, account_ids=account_ids, today=today, cause=CAUSE)


@transaction.atomic
def take_forecasts(organization: Organization, *, today: date) -> int:
    """Note of the terms that end in 60 to 90 days in which band the account is and what is forecast, so that later
    both can be compared with what came of it; returns how many."""
    nearest, furthest = FORECAST_WINDOW
    due = list(
        organization.renewals.open()
        .due_between(today + nearest, today + furthest)
        .filter(band="", forecast_pct=None)
        .select_related("account")
    )
    if not due:
        return 0
    model = forecast_model(organization)
    for renewal in due:
        renewal.band = renewal.account.band or ""
        renewal.forecast_pct = round2(model.probability(renewal.account.band, renewal.account.segment) * Decimal(100))
    return bulk_update_with_history(due, Renewal, ["band", "forecast_pct"], batch_size=500)
