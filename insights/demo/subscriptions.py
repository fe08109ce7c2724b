"""The demo's subscriptions, written to agree with what accounts have paid: the ledger is first, these explain it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from django.db.models import F

from accounts.enums import ActivityKind, Band
from accounts.services.activity import Happening, record_activities
from billing.calculations import next_term
from billing.enums import Interval, RenewalStatus
from billing.models import ForecastAssumptions, Renewal, Subscription, SubscriptionItem, SubscriptionPause
from csplatform import bulk
from csplatform.formatting import date_text, rupees_full
from csplatform.models import Organization
from csplatform.money import MONTHS_A_YEAR, ZERO
from csplatform.periods import ONE_DAY
from insights.demo.portfolio import AccountPlan
from insights.demo.story import Story

SUBSCRIBED_SHARE = 0.88
"""Of the accounts; what the rest pay was imported."""
PAUSED_SHARE = 0.06
"""Of the steady ones: they stopped for some weeks within the year, and came back."""
REPRICED_SHARE = 0.6
"""Of the changes that could: they were agreed on with the renewal."""
INTERVALS = {Interval.MONTH: 0.55, Interval.QUARTER: 0.15, Interval.HALF_YEAR: 0.05, Interval.YEAR: 0.25}
MONTHS_OF = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.HALF_YEAR: 6, Interval.YEAR: 12}
AUTO_RENEW_SHARE = 0.45
NOTICE_DAYS = 30
TERM_DAYS = timedelta(days=364)
PAST_TERMS = 3
"""So many terms before the current one are kept, of who has been here that long."""
TOLD_DAYS = 120
"""So far back the timeline tells of changes."""
SPLITS = ((1.0,), (0.7, 0.3), (0.5, 0.3, 0.2))
"""How what an account pays is spread over one, two or three products."""
CALLS = (60, 75, 85, 90, 95)
"""What people believed of terms that were renewed, in percent."""

Opening = Callable[[date], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """An account that has a subscription, with what is random about that."""

    account: int
    plan: AccountPlan
    rng: np.random.Generator

    @property
    def paying(self) -> list[tuple[date, Decimal]]:
        """What it pays a month from which day on; pauses left out."""
        return [(day, arr / MONTHS_A_YEAR) for day, arr in self.plan.arr_changes if arr]

    @property
    def pauses(self) -> list[tuple[date, date]]:
        changes = self.plan.arr_changes
        return [(day, changes[at + 1][0]) for at, (day, arr) in enumerate(changes[:-1]) if not arr]

    def mrr_on(self, day: date) -> Decimal:
        return next((mrr for since, mrr in reversed(self.paying) if since <= day), self.paying[0][1])


def with_contract_life(plans: Sequence[AccountPlan], *, seed: int, today: date) -> list[AccountPlan]:
    """Let some changes of price come with a renewal, and some accounts stop for a while: what they pay is nothing,
    then what it was."""
    drawn = [(plan, np.random.default_rng([seed, at, 2])) for at, plan in enumerate(plans)]
    return [_with_pause(_repriced_at_renewal(plan, rng), rng, today) for plan, rng in drawn]


def _repriced_at_renewal(plan: AccountPlan, rng: np.random.Generator) -> AccountPlan:
    changes = list(plan.arr_changes)
    movable = [
        at
        for at in range(1, len(changes))
        if changes[at - 1][0] < plan.contract_start
        and (at + 1 == len(changes) or plan.contract_start < changes[at + 1][0])
    ]
    if not movable or rng.random() >= REPRICED_SHARE:
        return plan
    at = movable[int(rng.integers(len(movable)))]
    changes[at] = (plan.contract_start, changes[at][1])
    return replace(plan, arr_changes=tuple(changes))


def _with_pause(plan: AccountPlan, rng: np.random.Generator, today: date) -> AccountPlan:
    since, arr = plan.arr_changes[-1]
    began = today - timedelta(days=int(rng.integers(70, 290)))
    until = began + timedelta(days=int(rng.integers(21, 50)))
    fits = plan.arc.story is Story.STEADY and since < began and plan.churned_on is None
    if not fits or rng.random() >= PAUSED_SHARE:
        return plan
    return replace(plan, arr_changes=(*plan.arr_changes, (began, ZERO), (until, arr)))


def write_subscriptions(
    organization: Organization,
    planned: Iterable[tuple[int, int, AccountPlan]],
    *,
    seed: int,
    today: date,
    opening: Opening,
) -> int:
    """Store subscriptions, their items and pauses, and the renewals of terms; returns how many accounts have one.

    ``planned`` are accounts by key with their place in the portfolio. Those whose term is over without a word said,
    and a part of the others, have none: they show how imported figures and contracts are treated.
    """
    drawn = [
        Subscriber(account=key, plan=plan, rng=np.random.default_rng([seed, at, 3])) for key, at, plan in planned
    ]
    subscribers = [each for each in drawn if _subscribes(each, today)]
    keys = _write_heads(organization, subscribers, today=today, opening=opening)
    _write_items(organization, subscribers, keys, opening=opening)
    _write_pauses(organization, subscribers, keys, opening=opening)
    _write_renewals(organization, subscribers, keys, today=today, opening=opening)
    subscribed = {each.account for each in subscribers}
    _write_contracts(organization, [each for each in drawn if each.account not in subscribed], opening=opening)
    _tell(organization, subscribers, today=today, opening=opening)
    return len(subscribers)


def _subscribes(each: Subscriber, today: date) -> bool:
    plan = each.plan
    wanted = bool(each.rng.random() < SUBSCRIBED_SHARE) or bool(each.pauses)
    return wanted and (plan.contract_end >= today or plan.churned_on is not None)


# -- subscriptions ----------------------------------------------------------------------------------


def _write_heads(
    organization: Organization, subscribers: Sequence[Subscriber], *, today: date, opening: Opening
) -> dict[int, int]:
    """The subscriptions; returns the key of each account's."""
    choices, shares = list(INTERVALS), list(INTERVALS.values())
    intervals = [choices[int(each.rng.choice(len(choices), p=shares))] for each in subscribers]
    began = [opening(each.plan.started_on) for each in subscribers]
    bulk.insert(
        Subscription,
        {
            "uuid": [_uuid(each.rng) for each in subscribers],
            "account_id": [each.account for each in subscribers],
            "interval": [interval.value for interval in intervals],
            "starts_on": [each.plan.started_on for each in subscribers],
            "ends_on": [each.plan.contract_end for each in subscribers],
            "term_starts_on": [each.plan.contract_start for each in subscribers],
            "auto_renew": [_renews_by_itself(each, today) for each in subscribers],
            "created_at": began,
            "updated_at": began,
        },
        constants={
            "organization_id": organization.pk,
            "notice_days": NOTICE_DAYS,
            "currency": "INR",
            "exchange_rate": Decimal(1),
            "cancel_reason": "",
        },
    )
    stored = organization.subscriptions.order_by().values_list("account", "pk")
    _write_history(organization, Subscription, [key for _, key in stored])
    return dict(stored)


def _renews_by_itself(each: Subscriber, today: date) -> bool:
    """Not where the notice deadline is over already: that term would have been renewed by now."""
    wanted = bool(each.rng.random() < AUTO_RENEW_SHARE)
    return wanted and each.plan.contract_end - today > timedelta(days=NOTICE_DAYS + 1)


def _write_items(
    organization: Organization, subscribers: Sequence[Subscriber], keys: dict[int, int], *, opening: Opening
) -> None:
    products = list(organization.products.active().order_by("position").values_list("pk", flat=True))
    intervals = dict(organization.subscriptions.order_by().values_list("pk", "interval"))
    rows: list[tuple[object, ...]] = []
    for each in subscribers:
        key = keys[each.account]
        months = MONTHS_OF[Interval(intervals[key])]
        split = SPLITS[int(each.rng.integers(len(SPLITS)))]
        chosen = each.rng.permutation(len(products))[: len(split)].tolist()
        steps = each.paying
        for step, (since, mrr) in enumerate(steps):
            if step and steps[step - 1][1] == mrr:
                continue
            following = next((day for day, other in steps[step + 1 :] if other != mrr), None)
            until = following - ONE_DAY if following else None
            for place, price in zip(chosen, _shares(mrr, split), strict=False):
                rows.append((key, products[place], price * months, since, until, opening(since), _uuid(each.rng)))
    if not rows:
        return
    names = ("subscription_id", "product_id", "unit_price", "starts_on", "ends_on", "created_at", "uuid")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    made = bulk.insert(
        SubscriptionItem,
        {**columns, "updated_at": columns["created_at"]},
        constants={"organization_id": organization.pk, "quantity": Decimal(1), "discount": ZERO},
    )
    _write_history(organization, SubscriptionItem, made)


def _shares(mrr: Decimal, split: Sequence[float]) -> Iterator[Decimal]:
    """The price of each product, in whole hundreds; the first takes what is left."""
    rest = [Decimal(int(float(mrr) * share / 100) * 100) for share in split[1:]]
    yield mrr - sum(rest, ZERO)
    yield from rest


def _write_pauses(
    organization: Organization, subscribers: Sequence[Subscriber], keys: dict[int, int], *, opening: Opening
) -> None:
    pauses = [(each, start, end) for each in subscribers for start, end in each.pauses]
    made = bulk.insert(
        SubscriptionPause,
        {
            "uuid": [_uuid(each.rng) for each, _, _ in pauses],
            "subscription_id": [keys[each.account] for each, _, _ in pauses],
            "starts_on": [start for _, start, _ in pauses],
            "resumes_on": [end for _, _, end in pauses],
            "created_at": [opening(start) for _, start, _ in pauses],
            "updated_at": [opening(end) for _, _, end in pauses],
        },
        constants={"organization_id": organization.pk},
    )
    _write_history(organization, SubscriptionPause, made)


# -- renewals ---------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Row:
    """A renewal as it was opened, and what came of it."""

    each: Subscriber
    subscription: int | None
    starts_on: date
    due_on: date
    status: str
    auto_renew: bool = False
    probability: Decimal | None = None
    reason: str = ""
    band: str = ""
    renewed_mrr: Decimal | None = None
    decided_on: date | None = None


def _write_renewals(
    organization: Organization,
    subscribers: Sequence[Subscriber],
    keys: dict[int, int],
    *,
    today: date,
    opening: Opening,
) -> None:
    auto = dict(organization.subscriptions.order_by().values_list("pk", "auto_renew"))
    rows = [
        row
        for each in subscribers
        for row in (
            *_past_terms(each, keys[each.account]),
            _current_term(each, keys[each.account], today, auto_renew=auto[keys[each.account]]),
        )
    ]
    _write_rows(organization, rows, opening=opening)


def _write_contracts(organization: Organization, others: Sequence[Subscriber], *, opening: Opening) -> None:
    """Accounts without subscription: their contract's end. Who left did not renew."""
    rows = [
        Row(
            each=each,
            subscription=None,
            starts_on=each.plan.contract_start,
            due_on=each.plan.contract_end,
            status=RenewalStatus.CLOSED if each.plan.churned_on else RenewalStatus.NOT_STARTED,
            reason=each.plan.churn_reason,
            decided_on=each.plan.churned_on,
            band=_band_then(each) if each.plan.churned_on else "",
        )
        for each in others
    ]
    _write_rows(organization, rows, opening=opening)


def _past_terms(each: Subscriber, subscription: int) -> Iterator[Row]:
    """The terms before the current one: all were renewed, or the account would not be here."""
    end = each.plan.contract_start - ONE_DAY
    for _ in range(PAST_TERMS):
        start = end - TERM_DAYS
        if start < each.plan.started_on:
            return
        yield Row(
            each=each,
            subscription=subscription,
            starts_on=start,
            due_on=end,
            status=RenewalStatus.RENEWED,
            band=_band_then(each),
            probability=Decimal(CALLS[int(each.rng.integers(len(CALLS)))]) if each.rng.random() < 0.7 else None,
            renewed_mrr=each.mrr_on(next_term(start, end)[0]),
            decided_on=max(end - timedelta(days=int(each.rng.integers(3, 40))), start),
        )
        end = start - ONE_DAY


def _current_term(each: Subscriber, subscription: int, today: date, *, auto_renew: bool) -> Row:
    """Worked on the sooner it ends; given up where the account goes down."""
    days = (each.plan.contract_end - today).days
    declining = each.plan.arc.story in (Story.DECLINING, Story.NEVER_ADOPTED)
    status, probability = RenewalStatus.NOT_STARTED, None
    if each.plan.churned_on is not None:
        status, probability = RenewalStatus.CLOSED, Decimal(40)
    elif days <= 75:
        drawn = float(each.rng.random())
        if declining and drawn < 0.35:
            status, probability = RenewalStatus.PREPARED_LOST, Decimal(20)
        elif drawn < 0.7:
            status, probability = RenewalStatus.IN_PROCESS, Decimal(55 if declining else 90)
    return Row(
        each=each,
        subscription=subscription,
        starts_on=each.plan.contract_start,
        due_on=each.plan.contract_end,
        status=status,
        auto_renew=auto_renew,
        probability=probability,
        reason="Weighing another provider" if status == RenewalStatus.PREPARED_LOST else each.plan.churn_reason,
        decided_on=each.plan.churned_on,
        band=_band_then(each) if days <= 90 else "",
    )


def _band_then(each: Subscriber) -> str:
    """Where the account stood a quarter before the end; who declines now was better off then."""
    drawn = float(each.rng.random())
    if each.plan.churned_on:
        return Band.CRITICAL if drawn < 0.6 else Band.AT_RISK
    return Band.HEALTHY if drawn < 0.6 else Band.WATCHLIST if drawn < 0.9 else Band.AT_RISK


def _write_rows(organization: Organization, rows: Sequence[Row], *, opening: Opening) -> None:
    """Each as it was opened, with its line of history; then, a second time, what has been decided or said since."""
    if not rows:
        return
    uuids = [_uuid(row.each.rng) for row in rows]
    began = [opening(row.starts_on) for row in rows]
    bulk.insert(
        Renewal,
        {
            "uuid": uuids,
            "account_id": [row.each.account for row in rows],
            "subscription_id": [row.subscription for row in rows],
            "starts_on": [row.starts_on for row in rows],
            "due_on": [row.due_on for row in rows],
            "auto_renew": [row.auto_renew for row in rows],
            "target_mrr": [row.each.mrr_on(row.due_on) for row in rows],
            "created_at": began,
            "updated_at": began,
        },
        constants={
            "organization_id": organization.pk,
            "notice_days": NOTICE_DAYS if rows[0].subscription else 0,
            "status": RenewalStatus.NOT_STARTED.value,
            "outcome_reason": "",
            "band": "",
        },
    )
    key_of = dict(organization.renewals.order_by().values_list("uuid", "pk"))
    keys = [key_of[each] for each in uuids]
    _write_history(organization, Renewal, keys)

    told = [at for at, row in enumerate(rows) if row.status != RenewalStatus.NOT_STARTED or row.band]
    when = [opening(rows[at].decided_on or rows[at].due_on - timedelta(days=80)) for at in told]
    later = [keys[at] for at in told]
    bulk.update_from(
        Renewal,
        later,
        {
            "status": [str(rows[at].status) for at in told],
            "probability": [rows[at].probability for at in told],
            "outcome_reason": [rows[at].reason for at in told],
            "renewed_mrr": [rows[at].renewed_mrr for at in told],
            "decided_on": [rows[at].decided_on for at in told],
            "band": [rows[at].band for at in told],
            "forecast_pct": [_forecast(rows[at].band) for at in told],
            "updated_at": when,
        },
    )
    _write_history(organization, Renewal, later, kind="~", dated="updated_at")


ASSUMED = ForecastAssumptions().priors


def _forecast(band: str) -> Decimal | None:
    return ASSUMED[band] * 100 if band else None


# -- in detail --------------------------------------------------------------------------------------


def _write_history(
    organization: Organization, model: type, keys: Sequence[int], *, kind: str = "+", dated: str = "created_at"
) -> None:
    """A line of history for each, dated on the day it speaks of."""
    bulk.record_history(model, keys, kind=kind, by=None, reason="Demo data")
    lines = model.history.filter(organization=organization, history_type=kind)  # type: ignore[attr-defined]
    lines.update(history_date=F(dated))


def _tell(organization: Organization, subscribers: Sequence[Subscriber], *, today: date, opening: Opening) -> None:
    """What the timeline would have told of the last months: changes of price, pauses, renewals."""
    since = today - timedelta(days=TOLD_DAYS)
    accounts = organization.accounts.in_bulk([each.account for each in subscribers])
    happenings = []
    for each in subscribers:
        changes = [(day, arr / MONTHS_A_YEAR) for day, arr in each.plan.arr_changes]
        for (_, before), (day, after) in pairwise(changes):
            if day < since:
                continue
            title = f"Subscription changed from {date_text(day)}"
            if not after or not before:
                title = f"Subscription {'paused' if not after else 'resumed'} from {date_text(day)}"
            happenings.append(
                Happening(
                    account=accounts[each.account],
                    kind=ActivityKind.EXPANSION if after > before else ActivityKind.CONTRACTION,
                    title=f"{title}: {rupees_full(before)} → {rupees_full(after)} a month",
                    occurred_at=opening(day),
                    details={"mrr": str(after)},
                )
            )
    for renewal in organization.renewals.decided().filter(decided_on__range=(since, today), renewed_mrr__gt=0):
        happenings.append(
            Happening(
                account=accounts[renewal.account_id],
                kind=ActivityKind.RENEWAL,
                title=f"Renewed after {date_text(renewal.due_on)} at {rupees_full(renewal.renewed_mrr)} a month",
                occurred_at=opening(renewal.decided_on or today),
                subject=renewal,
                event="decided",
                details={"outcome": renewal.outcome},
            )
        )
    record_activities(organization, happenings)


def _uuid(rng: np.random.Generator) -> uuid.UUID:
    return uuid.UUID(bytes=rng.bytes(16), version=4)
