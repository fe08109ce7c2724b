"""Retention: what became of the customers there were, and why two ways of counting differ.

``accounts`` narrows each answer to some accounts, by queryset or keys; left out, it is the whole organisation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Min, Sum
from django.db.models.functions import TruncMonth

from accounts.querysets import AccountQuerySet
from billing.calculations import Cohort, cohort_of
from billing.enums import MovementKind
from billing.querysets import MrrMovementQuerySet
from billing.selectors.mrr import MrrBridge
from csplatform.formatting import share_pct
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import ONE_DAY, Window, add_months, last_months, month_start

Accounts = AccountQuerySet | Iterable[int] | None

SMALL_BASE = 10
"""Fewer accounts at the opening say nothing about a rate: pages print n/a with the counts."""
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """One window, counted twice: the cohort of accounts that paid at its opening, and the bridge over all accounts.

    Percentages are unrounded, and 0 where nothing was paid at the opening. Losses are negative.
    """

    window: Window
    months: int
    cohort: Cohort
    bridge: MrrBridge
    inside: dict[MovementKind, Decimal]
    """The movements of the cohort's accounts alone."""

    @property
    def is_small(self) -> bool:
        return self.cohort.accounts < SMALL_BASE or not self.cohort.opening_mrr

    @property
    def nrr(self) -> Decimal:
        """Net revenue retention: what the cohort pays at the close of what it paid at the opening."""
        return share_pct(self.cohort.closing_mrr, self.cohort.opening_mrr)

    @property
    def grr(self) -> Decimal:
        """Gross revenue retention: the same, each account at most at its opening MRR; never above 100 %."""
        return share_pct(self.cohort.kept_mrr, self.cohort.opening_mrr)

    @property
    def nrr_bridge(self) -> Decimal:
        """(opening + expansion − contraction − churn) ÷ opening, over all accounts."""
        return share_pct(self.bridge.opening + self.bridge.net_revenue_change, self.bridge.opening)

    @property
    def grr_bridge(self) -> Decimal:
        """(opening − contraction − churn) ÷ opening, over all accounts."""
        return share_pct(self.bridge.opening + self.bridge.contraction + self.bridge.churn, self.bridge.opening)

    @property
    def logo_retention(self) -> Decimal:
        """Of the accounts that paid at the opening, how many pay at the close."""
        return share_pct(self.cohort.retained, self.cohort.accounts)

    @property
    def logo_churn(self) -> Decimal:
        return 100 - self.logo_retention if self.cohort.accounts else Decimal(0)

    @property
    def lost(self) -> int:
        return self.cohort.accounts - self.cohort.retained

    @property
    def quick_ratio(self) -> Decimal | None:
        """(new + reactivation + expansion) ÷ (contraction + churn); None where nothing was lost."""
        lost = -(self.bridge.contraction + self.bridge.churn)
        return (self.bridge.new + self.bridge.reactivation + self.bridge.expansion) / lost if lost else None

    # Why the two differ, in rupees: cohort less bridge is exactly the sum of the causes.

    @property
    def nrr_difference(self) -> dict[str, Decimal]:
        """Accounts of the cohort that left and came back count at what they pay, in the bridge not at all; newer
        accounts that grew, shrank or left count in the bridge alone."""
        newer = self.bridge.net_revenue_change - sum(
            (self.inside[kind] for kind in (MovementKind.EXPANSION, MovementKind.CONTRACTION, MovementKind.CHURN)),
            ZERO,
        )
        return {"returned": self.inside[MovementKind.REACTIVATION], "newer_accounts": -newer}

    @property
    def grr_difference(self) -> dict[str, Decimal]:
        """Losses inside the window that were made good by its end count in the bridge alone; newer accounts' too."""
        lost_inside = self.inside[MovementKind.CONTRACTION] + self.inside[MovementKind.CHURN]
        newer = self.bridge.contraction + self.bridge.churn - lost_inside
        recovered = self.cohort.kept_mrr - self.cohort.opening_mrr - lost_inside
        return {"recovered": recovered, "newer_accounts": -newer}


def retention(
    organization: Organization, *, as_of: date, months: int = MONTHS, accounts: Accounts = None
) -> Retention:
    """From the close of the day so many months before to that of ``as_of``. Two queries, however many accounts."""
    window = Window(add_months(as_of, -months) + ONE_DAY, as_of)
    movements = organization.mrr_movements.of_accounts(accounts).order_by()
    opening = _mrr_by_account(movements.before(window.start))
    closing = dict(opening)
    inside: dict[MovementKind, Decimal] = dict.fromkeys(MovementKind, ZERO)
    totals: dict[MovementKind, Decimal] = dict.fromkeys(MovementKind, ZERO)
    moved = movements.between(window.start, window.end).values_list("account", "kind").annotate(Sum("amount"))
    for account, kind, amount in moved:
        amount = round2(amount)
        closing[account] = closing.get(account, ZERO) + amount
        totals[MovementKind(kind)] += amount
        if opening.get(account, ZERO) > 0:
            inside[MovementKind(kind)] += amount
    return Retention(
        window=window,
        months=months,
        cohort=cohort_of(opening, closing),
        bridge=MrrBridge(
            opening=sum(opening.values(), ZERO), **{kind.value: amount for kind, amount in totals.items()}
        ),
        inside=inside,
    )


def _mrr_by_account(movements: MrrMovementQuerySet) -> dict[int, Decimal]:
    return {account: round2(mrr) for account, mrr in movements.values_list("account").annotate(Sum("amount"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRow:
    """The accounts that began to pay in one month: how many, how much, and what they pay month by month since."""

    month: date
    accounts: int
    start_mrr: Decimal
    mrr: list[Decimal]
    """At the close of its own month and of each one after, up to today's."""
    paying: list[int]

    @property
    def mrr_pct(self) -> list[Decimal]:
        return [share_pct(mrr, self.start_mrr) for mrr in self.mrr]

    @property
    def logo_pct(self) -> list[Decimal]:
        return [share_pct(count, self.accounts) for count in self.paying]


def cohorts(
    organization: Organization, *, until: date, months: int = MONTHS, accounts: Accounts = None
) -> list[CohortRow]:
    """The last so many monthly cohorts, oldest first; those in which nobody began are left out. Two queries.

    An account belongs to the month of its first movement `new`; it starts at what it pays at that month's close."""
    windows = last_months(until, months)
    movements: MrrMovementQuerySet = organization.mrr_movements.of_accounts(accounts).up_to(until).order_by()
    began = (
        movements.filter(kind=MovementKind.NEW).values_list("account").annotate(first=Min("date"), mrr=Sum("amount"))
    )
    month_of = {
        account: month_start(first) for account, first, mrr in began if round2(mrr) > 0 and first >= windows[0].start
    }
    by_month: defaultdict[int, dict[date, Decimal]] = defaultdict(dict)
    moved = (movements.filter(account__in=month_of.keys()) if len(month_of) < 10_000 else movements).annotate(
        month=TruncMonth("date")
    )
    for account, month, amount in moved.values_list("account", "month").annotate(Sum("amount")):
        if account in month_of:
            by_month[account][month] = round2(amount)

    starts = [window.start for window in windows]
    rows = []
    for at, start in enumerate(starts):
        members = [account for account, month in month_of.items() if month == start]
        if not members:
            continue
        mrr, paying = [ZERO] * (len(starts) - at), [0] * (len(starts) - at)
        for account in members:
            balance = ZERO
            for place, month in enumerate(starts[at:]):
                balance += by_month[account].get(month, ZERO)
                mrr[place] += balance
                paying[place] += balance > 0
        rows.append(CohortRow(month=start, accounts=len(members), start_mrr=mrr[0], mrr=mrr, paying=paying))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """What one account's MRR did over a window, all its movements of some kinds together."""

    account_id: int
    number: int
    name: str
    amount: Decimal
    last_on: date


def top_movers(
    organization: Organization, window: Window, kind: MovementKind, *, most: int = 5, accounts: Accounts = None
) -> list[Mover]:
    """The accounts with the largest sum of one kind of movement in the window, the largest first. One query."""
    moved: MrrMovementQuerySet = organization.mrr_movements.of_accounts(accounts).order_by()
    sums = (
        moved.between(window.start, window.end)
        .filter(kind=kind)
        .values_list("account", "account__number", "account__name")
        .annotate(total=Sum("amount"), last=Max("date"))
    )
    loses = kind in (MovementKind.CONTRACTION, MovementKind.CHURN)
    largest = sums.order_by("total" if loses else "-total", "account__name")[:most]
    return [
        Mover(account_id=account, number=number, name=name, amount=round2(total), last_on=last)
        for account, number, name, total, last in largest
        if round2(total)
    ]
