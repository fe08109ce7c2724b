"""How much of the recurring revenue of a day has been paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.querysets import AccountQuerySet
from billing.calculations import Item, Pause, Terms
from billing.enums import EntryKind, Interval
from billing.models import Allocation
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import ONE_DAY, add_months

Accounts = AccountQuerySet | Iterable[int] | None

MONTHS_OF = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.HALF_YEAR: 6, Interval.YEAR: 12}
WEEK_DAYS = 7


def collected_mrr(
    organization: Organization, days: Sequence[date], *, as_of: date, accounts: Accounts = None
) -> list[Decimal]:
    """For each day: Σ MRR of a subscription × the paid share of the invoice that covers the day.

    The share is what payments have settled by the close of `as_of`, of the total less credits, between 0 and 1;
    without an invoice it is 0. A prepaid year counts in each of its months. Six queries, whatever the number of
    subscriptions: invoices that are paid in full, most of them, come back as one row a subscription; only the
    others are read entry by entry.
    """
    terms = _terms(organization, accounts, days)
    paid_in_full = _paid_in_full(organization, accounts, days, as_of)
    partly = _shares(organization, accounts, days, as_of)
    totals = [ZERO] * len(days)
    for subscription, each in terms.items():
        in_full = paid_in_full.get(subscription)
        mrr = _mrr_of(each, days)
        for at in range(len(days)):
            share = 1 if in_full and in_full[at] else partly[at].get(subscription, ZERO)
            if share:
                totals[at] += mrr[at] * share
    return [round2(total) for total in totals]


def _mrr_of(terms: Terms, days: Sequence[date]) -> list[Decimal]:
    """On each day; worked out once where nothing turns between the first and the last, as for most."""
    first, last = min(days), max(days)
    if any(first < day <= last for day in terms.turning_days()):
        return [terms.mrr_on(day) for day in days]
    return [terms.mrr_on(first)] * len(days)


def _invoices(organization: Organization, accounts: Accounts, as_of: date) -> QuerySet[Any]:
    """Those of subscriptions that stand on the day; `is_credited` says whether something was credited to them."""
    invoices: QuerySet[Any] = organization.invoices.standing_on(as_of).filter(subscription__isnull=False)
    credited = Allocation.objects.filter(invoice=OuterRef("pk"), kind=EntryKind.CREDIT)
    narrowed = invoices if accounts is None else invoices.filter(account__in=accounts)
    return narrowed.order_by().annotate(is_credited=Exists(credited))


def _covers(day: date, *, until: date | None = None) -> Q:
    """Whose interval of service holds the day, or one of those up to `until`."""
    first = {interval: add_months(day, -months) + ONE_DAY for interval, months in MONTHS_OF.items()}
    first[Interval.WEEK] = date.fromordinal(day.toordinal() - WEEK_DAYS + 1)
    covering = Q()
    for interval, since in first.items():
        covering |= Q(subscription__interval=interval, period_start__range=(since, until or day))
    return covering


def _is_paid_by(day: date) -> Q:
    """By payments alone: nothing was credited or written off."""
    return Q(settled_on__lte=day, written_off=0, is_credited=False)


def _paid_in_full(
    organization: Organization, accounts: Accounts, days: Sequence[date], as_of: date
) -> Mapping[int, tuple[bool, ...]]:
    """By subscription and day: whether an invoice that covers the day is paid in full."""
    # PERFORMANCE: one range a kind of interval keeps out the invoices of years that no day is in.
    paid = _invoices(organization, accounts, as_of).filter(_is_paid_by(as_of), _covers(min(days), until=max(days)))
    flags = {f"day_{at}": Count("pk", filter=_covers(day)) for at, day in enumerate(days)}
    rows = paid.values_list("subscription").annotate(**flags)
    return {subscription: tuple(bool(count) for count in counts) for subscription, *counts in rows}


def _shares(
    organization: Organization, accounts: Accounts, days: Sequence[date], as_of: date
) -> list[dict[int, Decimal]]:
    """The paid shares of all other invoices, by day and subscription."""
    covering = Q()
    for day in days:
        covering |= _covers(day)
    others = _invoices(organization, accounts, as_of).filter(covering).exclude(_is_paid_by(as_of))
    columns = ("pk", "subscription", "subscription__interval", "period_start", "total_inr")
    rows = list(others.order_by("period_start", "pk").values_list(*columns))
    entries: defaultdict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    settling = Allocation.objects.filter(invoice__in=others.values("pk"), date__lte=as_of).order_by()
    for invoice, kind, amount in settling.values_list("invoice", "kind", "amount_inr"):
        entries[invoice].append((kind, amount))
    shares: list[dict[int, Decimal]] = [{} for _ in days]
    for key, subscription, interval, start, total in rows:
        share = _share(total, entries[key])
        for at, day in enumerate(days):
            if start <= day < _next_start(start, interval):
                shares[at][subscription] = share
    return shares


def _next_start(start: date, interval: str) -> date:
    if interval == Interval.WEEK:
        return date.fromordinal(start.toordinal() + WEEK_DAYS)
    return add_months(start, MONTHS_OF[Interval(interval)])


def _share(total: Decimal, entries: Iterable[tuple[str, Decimal]]) -> Decimal:
    paid, owed = ZERO, total
    for kind, amount in entries:
        if kind == EntryKind.PAYMENT:
            paid += amount
        elif kind == EntryKind.CREDIT:
            owed -= amount
    return min(max(paid / owed, Decimal(0)), Decimal(1)) if owed > 0 else ZERO


def _terms(organization: Organization, accounts: Accounts, days: Sequence[date]) -> dict[int, Terms]:
    """Of the subscriptions that run on one of the days, by key; as plain values, since there may be thousands."""
    running = organization.subscriptions.of_accounts(accounts).filter(starts_on__lte=max(days))
    running = running.not_over_on(min(days)).order_by()
    items: defaultdict[int, list[Item]] = defaultdict(list)
    columns = ("quantity", "unit_price", "starts_on", "ends_on", "discount", "discount_pct")
    for key, *values in organization.subscription_items.filter(subscription__in=running.values("pk")).values_list(
        "subscription", *columns
    ):
        items[key].append(Item(**dict(zip(columns, values, strict=True))))
    pauses: defaultdict[int, list[Pause]] = defaultdict(list)
    paused = organization.subscription_pauses.filter(subscription__in=running.values("pk")).order_by("starts_on")
    for key, starts_on, resumes_on in paused.values_list("subscription", "starts_on", "resumes_on"):
        pauses[key].append(Pause(starts_on=starts_on, resumes_on=resumes_on))
    rows = running.values_list("pk", "interval", "starts_on", "ends_on", "cancelled_on", "exchange_rate")
    return {
        key: Terms(
            interval=interval,
            starts_on=starts_on,
            ends_on=ends_on,
            cancelled_on=cancelled_on,
            exchange_rate=rate,
            items=tuple(items[key]),
            pauses=tuple(pauses[key]),
        )
        for key, interval, starts_on, ends_on, cancelled_on, rate in rows
    }
