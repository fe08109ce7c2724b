"""Arithmetic of recurring revenue that needs no database: money is Decimal, rounded half up, once, at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from billing.enums import Interval, MovementKind, SubscriptionStatus
from csplatform.money import MONTHS_A_YEAR, ZERO, round2
from csplatform.periods import ONE_DAY, add_months

INTERVALS_A_MONTH: Mapping[str, Fraction] = {
    Interval.WEEK: Fraction(52, 12),
    Interval.MONTH: Fraction(1),
    Interval.QUARTER: Fraction(1, 3),
    Interval.HALF_YEAR: Fraction(1, 6),
    Interval.YEAR: Fraction(1, 12),
}
"""How many of them a month holds; a year has 52 weeks."""

HUNDRED = Decimal(100)
LONGEST_TERM_MONTHS = 120


# -- the ledger -------------------------------------------------------------------------------------


def movement_kind(*, opening: Decimal, closing: Decimal, has_paid_before: bool) -> MovementKind | None:
    """What a day did to an account's MRR, from its opening and closing; None when nothing moved."""
    if opening == closing:
        return None
    if not opening:
        return MovementKind.REACTIVATION if has_paid_before else MovementKind.NEW
    if not closing:
        return MovementKind.CHURN
    return MovementKind.EXPANSION if closing > opening else MovementKind.CONTRACTION


# -- subscriptions ----------------------------------------------------------------------------------


class Item(NamedTuple):
    """A line of a subscription, on the days from its start to its end, both included.

    PERFORMANCE: a tuple, since a portfolio has tens of thousands.
    """

    quantity: Decimal
    unit_price: Decimal
    starts_on: date
    ends_on: date | None = None
    discount: Decimal = ZERO
    discount_pct: Decimal | None = None

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def net(self) -> Decimal:
        """What it costs an interval, in the subscription's currency, without tax."""
        return line_net(self.quantity, self.unit_price, discount=self.discount, discount_pct=self.discount_pct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Days without service, up to the one before `resumes_on`; open-ended without it."""

    starts_on: date
    resumes_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.resumes_on is None or day < self.resumes_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What decides a subscription's MRR on any day."""

    interval: str
    starts_on: date
    ends_on: date | None = None
    cancelled_on: date | None = None
    exchange_rate: Decimal = Decimal(1)
    items: Sequence[Item] = field(default_factory=tuple)
    pauses: Sequence[Pause] = field(default_factory=tuple)

    @property
    def stops_on(self) -> date | None:
        """The first day without service for good: cancelled, or after the last day of the term."""
        ends = [day for day in (self.cancelled_on, self.ends_on and self.ends_on + ONE_DAY) if day]
        return min(ends, default=None)

    def status_on(self, day: date) -> SubscriptionStatus:
        if self.cancelled_on and self.cancelled_on <= day and not (self.ends_on and self.ends_on < self.cancelled_on):
            return SubscriptionStatus.CANCELLED
        if self.ends_on and self.ends_on < day:
            return SubscriptionStatus.ENDED
        if day < self.starts_on:
            return SubscriptionStatus.SCHEDULED
        return SubscriptionStatus.PAUSED if self.is_paused_on(day) else SubscriptionStatus.ACTIVE

    def is_paused_on(self, day: date) -> bool:
        return any(pause.covers(day) for pause in self.pauses)

    def runs_on(self, day: date) -> bool:
        """Started and not ended, be it paused: while one of its subscriptions runs, an account pays by these."""
        return self.starts_on <= day and (self.stops_on is None or day < self.stops_on)

    def mrr_on(self, day: date) -> Decimal:
        """In rupees, to paise; nothing before the start, while paused, and from the end on."""
        return self.full_mrr_on(day) if self.status_on(day) == SubscriptionStatus.ACTIVE else ZERO

    def mrr_on_days(self, days: Sequence[date]) -> list[Decimal]:
        """The same for several days: what is charged is worked out once for all on which the same items run."""
        first, last = min(days), max(days)
        steady, passing = ZERO, []
        for item in self.items:
            if item.runs_on(first) and item.runs_on(last):
                steady += item.net
            else:
                passing.append((item, item.net))
        known: dict[Decimal, Decimal] = {}
        found = []
        for day in days:
            if self.status_on(day) != SubscriptionStatus.ACTIVE:
                found.append(ZERO)
                continue
            net = sum((each for item, each in passing if item.runs_on(day)), steady)
            if net not in known:
                known[net] = self._mrr_of(net)
            found.append(known[net])
        return found

    def full_mrr_on(self, day: date) -> Decimal:
        """What its items of that day come to, also while it is paused or not yet begun."""
        return self._mrr_of(sum((item.net for item in self.items if item.runs_on(day)), ZERO))

    def _mrr_of(self, net: Decimal) -> Decimal:
        return subscription_mrr(net, interval=self.interval, exchange_rate=self.exchange_rate)

    def turning_days(self) -> set[date]:
        """Every day on which its MRR may differ from the day before."""
        days = {self.starts_on, self.cancelled_on, self.ends_on and self.ends_on + ONE_DAY}
        for item in self.items:
            days |= {item.starts_on, item.ends_on and item.ends_on + ONE_DAY}
        for pause in self.pauses:
            days |= {pause.starts_on, pause.resumes_on}
        return {day for day in days if day}


def line_net(
    quantity: Decimal, unit_price: Decimal, *, discount: Decimal = ZERO, discount_pct: Decimal | None = None
) -> Decimal:
    """Quantity times price to paise, less the discount as given, or as a percentage to paise."""
    gross = round2(quantity * unit_price)
    return gross - (discount if discount_pct is None else round2(gross * discount_pct / HUNDRED))


def subscription_mrr(net: Decimal, *, interval: str, exchange_rate: Decimal = Decimal(1)) -> Decimal:
    """An interval's net price as rupees a month: in one fraction, so that only the result is rounded."""
    share = INTERVALS_A_MONTH[interval]
    return round2(net * exchange_rate * share.numerator / share.denominator)


def arr_of(mrr: Decimal) -> Decimal:
    """ARR is twelve times MRR as it is booked, to paise."""
    return mrr * MONTHS_A_YEAR


def mrr_changes(subscriptions: Iterable[Terms], *, since: date, until: date) -> dict[date, Decimal]:
    """What an account's subscriptions come to together, on each day from ``since`` to ``until`` on which that may
    have changed. The first day is always told, if a subscription runs then or stopped on it; days on which none
    runs, before the first or after the last, are not: there somebody else may know what the account pays."""
    terms = list(subscriptions)
    turning = {day for each in terms for day in each.turning_days()} | {since}
    changes = {}
    for day in sorted(day for day in turning if since <= day <= until):
        if any(each.runs_on(day) for each in terms):
            changes[day] = sum((each.mrr_on(day) for each in terms), ZERO)
        elif any(each.stops_on == day and each.starts_on < day for each in terms):
            changes[day] = ZERO
    return changes


# -- intervals --------------------------------------------------------------------------------------

MONTHS_OF_INTERVAL: Mapping[str, int] = {
    Interval.MONTH: 1,
    Interval.QUARTER: 3,
    Interval.HALF_YEAR: 6,
    Interval.YEAR: 12,
}


def intervals_starting(interval: str, starts_on: date, *, since: date, until: date) -> list[tuple[date, date]]:
    """The intervals of a subscription that begin on a day from ``since`` to ``until``, each with its last day.

    All are counted from the subscription's first day, so that 31 January is followed by 28 February and 31 March."""
    found = []
    step = _first_step(interval, starts_on, since)
    while (start := interval_start(interval, starts_on, step)) <= until:
        if start >= since:
            found.append((start, interval_start(interval, starts_on, step + 1) - ONE_DAY))
        step += 1
    return found


def interval_start(interval: str, starts_on: date, step: int) -> date:
    """The first day of the interval so many after the first one."""
    if interval == Interval.WEEK:
        return starts_on + timedelta(days=7 * step)
    return add_months(starts_on, step * MONTHS_OF_INTERVAL[interval])


def _first_step(interval: str, starts_on: date, since: date) -> int:
    """A step that is surely not behind the first interval that begins on ``since`` or later."""
    if interval == Interval.WEEK:
        return max((since - starts_on).days // 7, 0)
    months = (since.year - starts_on.year) * 12 + since.month - starts_on.month
    return max(months // MONTHS_OF_INTERVAL[interval], 0)


# -- terms ------------------------------------------------------------------------------------------


def next_term(starts_on: date, ends_on: date) -> tuple[date, date]:
    """The term after one: as many whole months where it has those, else as many days.

    A term from 31 January to 28 February is one month: what counts is the day after its end.
    """
    begins = ends_on + ONE_DAY
    for months in range(1, LONGEST_TERM_MONTHS + 1):
        if add_months(starts_on, months) == begins:
            return begins, add_months(begins, months) - ONE_DAY
    return begins, begins + (ends_on - starts_on)


# -- retention --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Accounts that paid at the opening, and what became of them by the closing."""

    accounts: int
    retained: int
    opening_mrr: Decimal
    closing_mrr: Decimal
    kept_mrr: Decimal
    """Each at most at its opening MRR: growth of one hides no loss of another."""


def cohort_of(opening: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> Cohort:
    """From MRR per account at both ends. Who left and came back counts as retained, at what it pays at the end."""
    paying = {account: mrr for account, mrr in opening.items() if mrr > 0}
    now = {account: max(closing.get(account, ZERO), ZERO) for account in paying}
    return Cohort(
        accounts=len(paying),
        retained=sum(1 for mrr in now.values() if mrr > 0),
        opening_mrr=sum(paying.values(), ZERO),
        closing_mrr=sum(now.values(), ZERO),
        kept_mrr=sum((min(mrr, paying[account]) for account, mrr in now.items()), ZERO),
    )


def annualised(monthly_pct: Decimal) -> Decimal:
    """A monthly rate of loss as a yearly one: what is left after twelve such months, not twelve times the loss."""
    left = 1 - monthly_pct / HUNDRED
    return (1 - left**MONTHS_A_YEAR) * HUNDRED


# -- renewal forecast -------------------------------------------------------------------------------


def renewal_probability(renewed: int, finished: int, *, prior: Decimal, weight: int) -> Decimal:
    """The chance (0-1) that a term is renewed: own experience, drawn towards the prior while there is little. As many
    finished renewals as `weight` weigh as much as the prior."""
    return (renewed + weight * prior) / (finished + weight)


def brier_score(forecasts: Iterable[tuple[Decimal, bool]]) -> Decimal | None:
    """The mean squared distance of forecasts (0-1) from what came of them; 0 is perfect, None without any."""
    squares = [(probability - (1 if came_true else 0)) ** 2 for probability, came_true in forecasts]
    return sum(squares, Decimal(0)) / len(squares) if squares else None
