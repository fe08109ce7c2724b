"""How much of the recurring revenue of a day has been paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When

from accounts.querysets import AccountQuerySet
from billing.calculations import Item, Pause, Terms
from billing.enums import EntryKind, Interval
from billing.models import Allocation
from billing.querysets import MONEY, SubscriptionQuerySet
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import add_months, month_end

Accounts = AccountQuerySet | Iterable[int] | None
Shares = dict[int, list[Decimal]]
"""By subscription, for each day that was asked for."""

MONTHS_OF = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.HALF_YEAR: 6, Interval.YEAR: 12}
WEEK, CLIPPED = timedelta(days=7), timedelta(days=3)
"""An interval that begins on the last day of a short month may last so many days longer."""
ALL = Decimal(1)
SUBSCRIPTION = ("pk", "interval", "exchange_rate", "starts_on", "ends_on", "cancelled_on")
PAUSE = ("pauses__starts_on", "pauses__resumes_on")


def collected_mrr(
    organization: Organization, days: Sequence[date], *, as_of: date, accounts: Accounts = None
) -> list[Decimal]:
    """For each day: Σ MRR of a subscription × the paid share of the invoice that covers the day.

    The share is what payments have settled by the close of `as_of`, of the total less credits, between 0 and 1;
    without an invoice it is 0. A prepaid year counts in each of its months. Three queries, whatever the number of
    subscriptions.
    """
    running = organization.subscriptions.of_accounts(accounts).filter(starts_on__lte=max(days))
    running = running.not_over_on(min(days)).order_by()
    terms = _terms(running)
    shares = _shares(_invoices(organization, accounts, days, as_of), terms, days)
    totals = [ZERO] * len(days)
    for subscription, items in _items(organization, running, shares, days).items():
        mrr = replace(terms[subscription], items=items).mrr_on_days(days)
        for at, share in enumerate(shares[subscription]):
            if share:
                totals[at] += mrr[at] * share
    return [round2(total) for total in totals]


def _might_cover(first: date, last: date) -> Q:
    """Whose interval of service may hold one of the days: no later ones, and none that are surely over."""
    since = {interval: add_months(first, -months) - CLIPPED for interval, months in MONTHS_OF.items()}
    since[Interval.WEEK] = first - WEEK
    near = Q()
    for interval, day in since.items():
        near |= Q(subscription__interval=interval, period_start__gte=day)
    # PERFORMANCE: one range that an index knows, beside those of each kind of interval.
    return near & Q(period_start__range=(min(since.values()), last))


def _shares(invoices: Iterable[tuple[Any, ...]], terms: Mapping[int, Terms], days: Sequence[date]) -> Shares:
    """An invoice that was paid in full goes before one that was not; else the later one before the earlier."""
    covered = _Covered(days)
    shares: Shares = defaultdict(lambda: [ZERO] * len(days))
    partly = []
    for subscription, start, key, total, paid, credited in invoices:
        if (known := terms.get(subscription)) is None:
            continue  # it does not run on any of the days
        held = covered[known.interval, known.starts_on.day, start]
        if total is not None:
            partly.append((start, key, subscription, held, _share(total, paid, credited)))
            continue
        for at in held:
            shares[subscription][at] = ALL
    for _, _, subscription, held, share in sorted(partly):
        for at in held:
            if shares[subscription][at] is not ALL:
                shares[subscription][at] = share
    return shares


def _invoices(
    organization: Organization, accounts: Accounts, days: Sequence[date], as_of: date
) -> QuerySet[Any, tuple[Any, ...]]:
    """Those of subscriptions that stand on the day and may cover one of the others: the subscription, the first day
    of its interval, the key, and where it was not paid in full what it came to, what was paid and what was
    credited."""
    standing: QuerySet[Any] = organization.invoices.standing_on(as_of).filter(subscription__isnull=False)
    if accounts is not None:
        standing = standing.filter(account__in=accounts)
    entries = Allocation.objects.filter(invoice=OuterRef("pk"), date__lte=as_of).order_by().values("invoice")
    # By payments alone, nothing credited or written off: most are, and nothing else is asked of them.
    # PERFORMANCE: the few that were credited are found once, by an index; looking for each one's credits is slow.
    credited = organization.allocations.filter(credit_note__isnull=False).order_by().values("invoice")
    in_full = ~Q(pk__in=credited) & Q(settled_on__lte=as_of, written_off=0)

    def unless_in_full(value: Any) -> Case:
        return Case(When(in_full, then=None), default=value, output_field=MONEY)

    def total(kind: EntryKind) -> Subquery:
        return Subquery(entries.filter(kind=kind).annotate(total=Sum("amount_inr")).values("total"))

    return (
        standing.filter(_might_cover(min(days), max(days)))
        .annotate(
            owed=unless_in_full(F("total_inr")),
            paid=unless_in_full(total(EntryKind.PAYMENT)),
            credited=unless_in_full(total(EntryKind.CREDIT)),
        )
        .order_by()
        .values_list("subscription", "period_start", "pk", "owed", "paid", "credited")
    )


class _Covered(dict[tuple[str, int, date], list[int]]):
    """Which of the days an interval of service holds, by position, from its kind, the day of the month on which the
    subscription began, and its first day: worked out once for each."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__()
        self.days = days

    def __missing__(self, key: tuple[str, int, date]) -> list[int]:
        interval, anchor, start = key
        after = _next_start(start, interval, anchor)
        self[key] = found = [at for at, day in enumerate(self.days) if start <= day < after]
        return found


def _next_start(start: date, interval: str, anchor: int) -> date:
    """28 February is followed by 31 March where the subscription began on a 31st."""
    if interval == Interval.WEEK:
        return start + WEEK
    after = add_months(start, MONTHS_OF[Interval(interval)])
    if anchor > start.day == month_end(start).day:
        return after.replace(day=min(anchor, month_end(after).day))
    return after


def _share(total: Decimal, paid: Decimal | None, credited: Decimal | None) -> Decimal:
    owed = total - round2(credited or ZERO)
    return min(max(round2(paid or ZERO) / owed, Decimal(0)), Decimal(1)) if owed > 0 else ZERO


# -- what subscriptions come to ----------------------------------------------------------------------


def _terms(running: SubscriptionQuerySet) -> dict[int, Terms]:
    """The terms of these subscriptions with their pauses and without their items, by key; one query."""
    found: dict[int, Terms] = {}
    rows = running.order_by("pk", "pauses__starts_on").values_list(*SUBSCRIPTION, *PAUSE)
    for key, interval, rate, starts_on, ends_on, cancelled_on, paused_on, resumes_on in rows:
        paused = [] if paused_on is None else [Pause(starts_on=paused_on, resumes_on=resumes_on)]
        if key in found:  # a row for each of its pauses
            found[key] = replace(found[key], pauses=[*found[key].pauses, *paused])
            continue
        found[key] = Terms(
            interval=interval,
            starts_on=starts_on,
            ends_on=ends_on,
            cancelled_on=cancelled_on,
            exchange_rate=rate,
            pauses=paused,
        )
    return found


def _items(
    organization: Organization, running: SubscriptionQuerySet, wanted: Container[int], days: Sequence[date]
) -> dict[int, list[Item]]:
    """What those wanted of these subscriptions charge for on the days; one query."""
    found: defaultdict[int, list[Item]] = defaultdict(list)
    lasting = Q(ends_on=None) | Q(ends_on__gte=min(days))
    rows = organization.subscription_items.filter(lasting, starts_on__lte=max(days))
    rows = rows.filter(subscription__in=running.values("pk")).order_by()
    for key, *item in rows.values_list("subscription", *Item._fields):
        if key in wanted:
            found[key].append(Item(*item))
    return found
