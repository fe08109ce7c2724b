"""Do subscriptions, renewals and the MRR ledger tell one story?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import TruncMonth

from billing.enums import MovementKind, RenewalStatus
from billing.models.renewal import OPEN_STATUSES
from billing.querysets import MrrMovementQuerySet, SubscriptionQuerySet
from billing.selectors.mrr import mrr_at
from billing.selectors.subscribed import subscribed_arr, subscribed_contracts
from csplatform import periods
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import month_end

ACCOUNTS_AT_ONCE = 2_000


def subscription_problems(organization: Organization, *, today: date | None = None) -> Iterator[str]:
    """Every account that does not pay what its subscriptions come to, every month that does not add up, every term
    without its renewal, in sentences."""
    today = today or periods.today(organization)
    yield from _accounts_out_of_step(organization, today)
    yield from _contracts_out_of_step(organization, today)
    yield from _months_that_do_not_add_up(organization)
    yield from _days_below_zero(organization)
    yield from _terms_without_renewal(organization, today)
    yield from _renewals_out_of_step(organization)


def _accounts_out_of_step(organization: Organization, today: date) -> Iterator[str]:
    running: SubscriptionQuerySet = organization.subscriptions.filter(account__archived_at=None).running_on(today)
    keys = sorted(set(running.order_by().values_list("account", flat=True)))
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        pays = subscribed_arr(organization, keys[start : start + ACCOUNTS_AT_ONCE], today=today)
        accounts = organization.accounts.filter(pk__in=pays).order_by("number")
        for key, number, name, arr in accounts.values_list("pk", "number", "name", "arr"):
            if (arr or ZERO) != pays[key]:
                yield f"Account {number} ({name}): its subscriptions come to {pays[key]} a year, its ARR is {arr}."


def _contracts_out_of_step(organization: Organization, today: date) -> Iterator[str]:
    """A contract runs as long as the first of its subscriptions' terms to end."""
    accounts = organization.accounts.filter(archived_at=None).order_by("pk")
    keys = list(accounts.filter(subscriptions__isnull=False).values_list("pk", flat=True).distinct())
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        runs = subscribed_contracts(organization, keys[start : start + ACCOUNTS_AT_ONCE], today=today)
        rows = organization.accounts.filter(pk__in=runs).order_by("number")
        for key, number, name, starts, ends in rows.values_list(
            "pk", "number", "name", "contract_start", "contract_end"
        ):
            if (starts, ends) != runs[key]:
                days = f"{runs[key][0]} to {runs[key][1]}"
                yield f"Account {number} ({name}): its subscriptions run {days}, its contract {starts} to {ends}."


def _months_that_do_not_add_up(organization: Organization) -> Iterator[str]:
    """Opening + new + reactivation + expansion − contraction − churn = closing, month for month."""
    movements: MrrMovementQuerySet = organization.mrr_movements.order_by()
    by_month: defaultdict[date, dict[str, Decimal]] = defaultdict(dict)
    for month, kind, amount in (
        movements.annotate(month=TruncMonth("date")).values_list("month", "kind").annotate(Sum("amount"))
    ):
        by_month[month][kind] = round2(amount)
    signs = {MovementKind.CONTRACTION: -1, MovementKind.CHURN: -1}
    opening = ZERO
    for month in sorted(by_month):
        for kind, amount in by_month[month].items():
            if amount * signs.get(MovementKind(kind), 1) < 0:
                yield f"{month:%B %Y}: {kind} comes to {amount}, which has the wrong sign."
        closing = mrr_at(organization, month_end(month))
        total = opening + sum(by_month[month].values(), ZERO)
        if total != closing:
            yield f"{month:%B %Y}: opening and movements come to {total}, the closing is {closing}."
        opening = closing


def _days_below_zero(organization: Organization) -> Iterator[str]:
    days = organization.mrr_movements.order_by("account", "date").values_list("account", "date")
    balance, before = ZERO, 0
    for account, day, amount in days.annotate(Sum("amount")).iterator(chunk_size=2_000):
        balance = round2(amount) + (balance if account == before else ZERO)
        before = account
        if balance < 0:
            number = organization.accounts.get(pk=account).number
            yield f"Account {number}: at the close of {day} it pays {balance} a month."


def _terms_without_renewal(organization: Organization, today: date) -> Iterator[str]:
    running: SubscriptionQuerySet = organization.subscriptions.running_on(today).filter(ends_on__isnull=False)
    for subscription in _with_terms_counted(running).iterator(chunk_size=2_000):
        if subscription.last_due != subscription.ends_on:  # type: ignore[attr-defined]  # annotated
            yield f"{subscription}: the term to {subscription.ends_on} has no renewal."
        if subscription.open_terms > 1:  # type: ignore[attr-defined]  # annotated
            yield f"{subscription}: {subscription.open_terms} of its terms are open."  # type: ignore[attr-defined]


def _with_terms_counted(subscriptions: SubscriptionQuerySet) -> SubscriptionQuerySet:
    return subscriptions.select_related("account").annotate(
        last_due=Max("renewals__due_on"),
        open_terms=Count("renewals", filter=Q(renewals__status__in=OPEN_STATUSES)),
    )


def _renewals_out_of_step(organization: Organization) -> Iterator[str]:
    """A renewed term has a next one; of what was cancelled none is open."""
    renewed = organization.subscriptions.order_by().filter(renewals__status=RenewalStatus.RENEWED)
    last = renewed.annotate(last_renewed=Max("renewals__due_on", filter=Q(renewals__status=RenewalStatus.RENEWED)))
    for subscription in last.filter(ends_on__lte=F("last_renewed")).select_related("account"):
        yield f"{subscription}: renewed beyond {subscription.ends_on}, where it ends."
    cancelled = organization.renewals.open().filter(subscription__cancelled_on__isnull=False)
    for renewal in cancelled.select_related("account"):
        yield f"{renewal}: open, but its subscription is cancelled."
