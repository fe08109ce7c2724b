"""How accounts stand with us: when their term ends, whether they gave notice, what they owe and how late they pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from billing.enums import RenewalStatus
from billing.selectors.dashboard.customers import average_delays, overdue_by_account
from billing.selectors.dashboard.view import billing_view
from billing.selectors.mrr import mrr_by_account
from csplatform.models import Organization
from csplatform.money import ZERO

AHEAD_DAYS = 120


@dataclass(slots=True, kw_only=True)
class Standing:
    """One account's; what is not known is None. An account about which billing knows nothing has none at all."""

    term_ends_on: date | None = None
    """The first open term to end within 120 days, or to have ended without a decision."""
    has_notice: bool = False
    """It has said that it leaves: a term prepared for loss or closed, a subscription cancelled for a later day."""
    overdue: Decimal = ZERO
    mrr: Decimal = ZERO
    """Asked for only where something is overdue."""
    average_delay: int | None = None
    """In days, over the invoices that fell due within a year."""


def standings(organization: Organization, accounts: AccountQuerySet, *, today: date) -> dict[int, Standing]:
    """In a handful of queries for any number of accounts; an organisation without invoices is asked for none."""
    found: dict[int, Standing] = {}
    lost = Count("pk", filter=Q(status__in=[RenewalStatus.PREPARED_LOST, RenewalStatus.CLOSED]))
    terms = organization.renewals.filter(account__in=accounts, due_on__lte=today + timedelta(days=AHEAD_DAYS))
    undecided = terms.open() | terms.filter(status=RenewalStatus.CLOSED, due_on__gte=today)
    rows = undecided.order_by().values_list("account")
    for account, ends_on, losses in rows.annotate(ends_on=Min("due_on"), losses=lost):
        found[account] = Standing(term_ends_on=ends_on, has_notice=losses > 0)
    leaving = organization.subscriptions.filter(account__in=accounts, cancelled_on__gt=today).order_by()
    for account in leaving.values_list("account", flat=True):
        found.setdefault(account, Standing()).has_notice = True
    if organization.invoices.issued().exists():
        _add_payments(found, organization, accounts, today=today)
    return found


def overdue_since(organization: Organization, accounts: QuerySet[Account], *, today: date) -> dict[int, date]:
    """When the oldest unpaid invoice of each account fell due, of those that owe anything past its day; one query."""
    view = billing_view(organization, now=timezone.now(), as_of=today)
    return {account: owed.oldest_due for account, owed in overdue_by_account(view, accounts).items()}


def _add_payments(
    found: dict[int, Standing], organization: Organization, accounts: AccountQuerySet, *, today: date
) -> None:
    view = billing_view(organization, now=timezone.now(), as_of=today)
    overdue = overdue_by_account(view, accounts)
    mrr = mrr_by_account(organization, today, accounts=list(overdue)) if overdue else {}
    for account, owed in overdue.items():
        standing = found.setdefault(account, Standing())
        standing.overdue, standing.mrr = owed.amount, mrr.get(account, ZERO)
    for account, delay in average_delays(view, accounts).items():
        found.setdefault(account, Standing()).average_delay = delay
