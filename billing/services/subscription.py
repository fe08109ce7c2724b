"""Starting, changing, pausing and ending subscriptions. Each of these ends in the ledger.

Whoever writes a subscription holds its account's row first, so two people who change it at once wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import ActivityKind
from accounts.exceptions import AccountArchived
from accounts.models import Account, Product
from accounts.services.activity import Happening, record_activity
from billing.calculations import line_net
from billing.enums import Interval, SubscriptionStatus
from billing.exceptions import (
    AccountPaysNothing,
    AlreadyPaused,
    InvalidSubscription,
    NotPaused,
    SubscriptionHasBegun,
    SubscriptionOver,
)
from billing.models import Subscription, SubscriptionItem, SubscriptionPause
from billing.models.subscription import HOME_CURRENCY, NOTICE_DAYS, ONE
from billing.querysets import SubscriptionQuerySet
from billing.services.locks import locked_account, locked_subscription
from billing.services.renewal import (
    close_terms_from,
    close_terms_of,
    open_term,
    retime_term,
    settle_contract_renewals,
    settle_terms,
)
from billing.services.subscribed_accounts import settle_accounts
from csplatform import periods
from csplatform.exceptions import InvalidInput
from csplatform.formatting import date_text, rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO
from csplatform.periods import ONE_DAY, YEARS

MOST_ITEMS = 100
MOST_NET = Decimal("999999999999.99")
FIXED_ONCE_BEGUN = ("interval", "starts_on", "currency", "exchange_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """A product at a price, as it is wanted from some day on."""

    product: Product
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    discount: Decimal = ZERO
    discount_pct: Decimal | None = None

    def says_the_same_as(self, item: SubscriptionItem) -> bool:
        return (item.product_id, item.unit_price, item.quantity, item.discount, item.discount_pct) == (
            self.product.pk,
            self.unit_price,
            self.quantity,
            self.discount,
            self.discount_pct,
        )


class SubscriptionFacts(TypedDict, total=False):
    """What may be written of a subscription beside its items; what is left out stays as it is."""

    interval: str
    starts_on: date
    ends_on: date | None
    auto_renew: bool
    notice_days: int
    currency: str
    exchange_rate: Decimal | None


@transaction.atomic
def start_subscription(
    *,
    account: Account,
    by: User | None,
    items: Sequence[ItemFacts],
    starts_on: date,
    interval: str = Interval.MONTH,
    ends_on: date | None = None,
    auto_renew: bool = False,
    notice_days: int = NOTICE_DAYS,
    currency: str = HOME_CURRENCY,
    exchange_rate: Decimal | None = None,
    today: date | None = None,
) -> Subscription:
    """Have an account pay for items from a day on, be it past or ahead; the MRR of a day ahead is booked then."""
    account = locked_account(account)
    _refuse_closed(account)
    today = today or periods.today(account.organization)
    subscription = Subscription(
        organization=account.organization,
        account=account,
        interval=interval,
        starts_on=starts_on,
        term_starts_on=starts_on,
        ends_on=ends_on,
        auto_renew=auto_renew,
        notice_days=notice_days,
        currency=currency,
        exchange_rate=_rate(currency, exchange_rate),
    )
    _refuse_what_cannot_be(subscription)
    _refuse_items(items)
    _save(subscription, by=by)
    _add_items(subscription, items, starts_on, by=by)
    open_term(subscription, by=by)
    settle_terms(subscription, today=today, by=by)
    settle_contract_renewals(
        organization=account.organization, account_ids=[account.pk], today=today, by=by
    )  # what renews now is the subscription
    _settle(subscription, since=starts_on, today=today, cause="Subscription started", by=by)
    _tell(
        subscription,
        ActivityKind.EXPANSION,
        f"Subscribed from {date_text(starts_on)}",
        on=starts_on,
        by=by,
        event="started",
    )
    return subscription


@transaction.atomic
def change_subscription(
    *,
    subscription: Subscription,
    by: User | None,
    items: Sequence[ItemFacts],
    on: date | None = None,
    today: date | None = None,
) -> Subscription:
    """Have exactly these items from a day on. What ran until then ends the day before and stays as it was; items that
    were to begin later are dropped, and those that stay the same go on."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    on = on or max(today, subscription.starts_on)
    _refuse_closed(subscription.account)
    _refuse_over(subscription, today)
    stops_on = subscription.terms().stops_on
    if on < subscription.starts_on:
        raise InvalidSubscription("on", f"It begins on {date_text(subscription.starts_on)}; change it from then on.")
    if stops_on and on >= stops_on:
        raise InvalidSubscription("on", f"It ends before that, on {date_text(stops_on - ONE_DAY)}.")
    _refuse_items(items)
    before = subscription.terms().full_mrr_on(on)
    replace_items(subscription, items, on=on, by=by)
    subscription.save(update_fields=["updated_at"])  # its ETag covers its items
    retime_term(subscription, by=by)
    _settle(subscription, since=on, today=today, cause="Subscription changed", by=by)
    after = locked_subscription(subscription).terms().full_mrr_on(on)
    if after != before:
        kind = ActivityKind.EXPANSION if after > before else ActivityKind.CONTRACTION
        _tell(subscription, kind, f"Subscription changed from {date_text(on)}", on=on, by=by, before=before)
    return subscription


@transaction.atomic
def update_subscription(
    *,
    subscription: Subscription,
    by: User | None,
    items: Sequence[ItemFacts] | None = None,
    today: date | None = None,
    **facts: Unpack[SubscriptionFacts],
) -> Subscription:
    """Change how a term ends; before it begins, everything. Items that are given hold from today on, or its start."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    _refuse_over(subscription, today)
    given: dict[str, Any] = dict(facts)
    if "currency" in given or "exchange_rate" in given:
        currency = given.get("currency", subscription.currency)
        same = currency == subscription.currency
        given["exchange_rate"] = _rate(
            currency, given.get("exchange_rate", subscription.exchange_rate if same else None)
        )
    changed = {name for name, value in given.items() if getattr(subscription, name) != value}
    if changed & set(FIXED_ONCE_BEGUN) and subscription.starts_on <= today:
        raise SubscriptionHasBegun
    for name in changed:
        setattr(subscription, name, given[name])
    if "starts_on" in changed:
        subscription.term_starts_on = subscription.starts_on
    if changed:
        if subscription.starts_on <= today < (subscription.ends_on or today) + ONE_DAY:
            _refuse_closed(subscription.account)
        _refuse_what_cannot_be(subscription)
        _save(subscription, by=by)
        if "starts_on" in changed:
            _restart_items(subscription, by=by)
        retime_term(subscription, by=by)
        settle_terms(subscription, today=today, by=by)
        over = [subscription.starts_on, *([subscription.ends_on + ONE_DAY] if subscription.ends_on else [today])]
        _settle(subscription, since=min(max(over), today), today=today, cause="Subscription edited", by=by)
    if items is not None:
        change_subscription(subscription=subscription, by=by, items=items, today=today)
    return subscription


@transaction.atomic
def cancel_subscription(
    *,
    subscription: Subscription,
    by: User | None,
    on: date | None = None,
    reason: str = "",
    today: date | None = None,
) -> Subscription:
    """End it for good: ``on`` is the first day without service, today unless given, and the day of its churn. One
    that has not begun is cancelled at once, and was never in the books."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    if subscription.cancelled_on is not None:
        raise SubscriptionOver("This subscription is cancelled already.")
    _refuse_over(subscription, today)
    on = on or today
    has_begun = subscription.starts_on <= today
    if has_begun and on < subscription.starts_on:
        raise InvalidSubscription("on", f"It must not lie before its start, {date_text(subscription.starts_on)}.")
    if subscription.ends_on and on > subscription.ends_on + ONE_DAY:
        raise InvalidSubscription("on", f"Its term ends before that, on {date_text(subscription.ends_on)}.")
    subscription.cancelled_on = on if has_begun or on > subscription.starts_on else min(on, today)
    subscription.cancel_reason = reason.strip()
    _refuse_what_cannot_be(subscription)
    before = subscription.terms().full_mrr_on(on)
    _save(subscription, by=by)
    close_terms_from(subscription, on=on, reason=subscription.cancel_reason or "Cancelled", today=today, by=by)
    _settle(subscription, since=on, today=today, cause="Subscription cancelled", by=by)
    if has_begun:
        kind = ActivityKind.CONTRACTION if _others_run(subscription, on) else ActivityKind.CHURN
        title = f"Subscription cancelled, without service from {date_text(on)}"
        _tell(
            subscription, kind, title, on=on, by=by, before=before, text=subscription.cancel_reason, event="cancelled"
        )
    return subscription


@transaction.atomic
def pause_subscription(
    *,
    subscription: Subscription,
    by: User | None,
    on: date | None = None,
    until: date | None = None,
    today: date | None = None,
) -> Subscription:
    """Give no service from a day on, and take nothing for it, until it is resumed (or until a day that is known)."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    on = on or today
    _refuse_over(subscription, today)
    terms = subscription.terms()
    if on < subscription.starts_on or (terms.stops_on and on >= terms.stops_on):
        raise InvalidSubscription("on", "It must be a day on which the subscription runs.")
    if until is not None and until <= on:
        raise InvalidSubscription("until", "It must lie after the day on which the pause begins.")
    for pause in terms.pauses:
        if (pause.resumes_on is None or pause.resumes_on > on) and (until is None or pause.starts_on < until):
            raise AlreadyPaused
    added = SubscriptionPause(
        organization=subscription.organization, subscription=subscription, starts_on=on, resumes_on=until
    )
    added._history_user = by
    added.save()
    subscription.save(update_fields=["updated_at"])
    _settle(subscription, since=on, today=today, cause="Subscription paused", by=by)
    _tell(subscription, ActivityKind.CONTRACTION, f"Subscription paused from {date_text(on)}", on=on, by=by)
    return subscription


@transaction.atomic
def resume_subscription(
    *, subscription: Subscription, by: User | None, on: date | None = None, today: date | None = None
) -> Subscription:
    """Give service again from a day on; a pause that had not begun by then never was."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    on = on or today
    _refuse_over(subscription, today)
    pause = next(
        (each for each in subscription.pauses.all() if each.resumes_on is None or each.resumes_on > on), None
    )
    if pause is None:
        raise NotPaused
    affected = min(pause.starts_on, on) if pause.starts_on >= on else on
    pause._history_user = by
    if pause.starts_on >= on:
        pause.delete()
    else:
        pause.resumes_on = on
        pause.save()
    subscription.save(update_fields=["updated_at"])
    _settle(subscription, since=affected, today=today, cause="Subscription resumed", by=by)
    _tell(subscription, ActivityKind.EXPANSION, f"Subscription resumed from {date_text(on)}", on=on, by=by)
    return subscription


@transaction.atomic
def delete_subscription(*, subscription: Subscription, by: User | None, today: date | None = None) -> None:
    """Take away one that was written by mistake and has not begun; what began can only be cancelled."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    if subscription.terms().status_on(today) != SubscriptionStatus.SCHEDULED:
        raise SubscriptionHasBegun
    subscription._history_user = by
    subscription.delete()


@transaction.atomic
def cancel_subscriptions_of(
    *, organization: Organization, account_ids: Collection[int], on: date, reason: str, by: User | None
) -> int:
    """End all that runs, or would, for accounts that left; returns how many."""
    running: SubscriptionQuerySet = organization.subscriptions.filter(account__in=account_ids).not_over_on(on)
    subscriptions = list(running.select_related("account", "organization").order_by("pk"))
    for subscription in subscriptions:
        if subscription.cancelled_on is not None:  # ahead: it ends sooner now
            subscription.cancelled_on = None
            subscription.save(update_fields=["cancelled_on"])
        day = max(on, subscription.starts_on) if subscription.starts_on <= periods.today(organization) else on
        cancel_subscription(subscription=subscription, by=by, on=day, reason=reason or "The account left")
    close_terms_of(organization=organization, account_ids=account_ids, on=on, reason=reason, by=by)
    return len(subscriptions)


def replace_items(subscription: Subscription, items: Sequence[ItemFacts], *, on: date, by: User | None) -> None:
    """From a day on, exactly these. Rows end and begin; none is overwritten."""
    wanted = list(items)
    for item in subscription.items.all():
        if item.ends_on is not None and item.ends_on < on:
            continue
        same = next((each for each in wanted if item.starts_on <= on and each.says_the_same_as(item)), None)
        item._history_user = by
        if same is not None:
            wanted.remove(same)
            if item.ends_on is not None:
                item.ends_on = None
                item.save(update_fields=["ends_on", "updated_at"])
        elif item.starts_on >= on:
            item.delete()
        else:
            item.ends_on = on - ONE_DAY
            item.save(update_fields=["ends_on", "updated_at"])
    _add_items(subscription, wanted, on, by=by)
    _forget_prefetched(subscription)


def _refuse_closed(account: Account) -> None:
    if account.is_archived:
        raise AccountArchived
    if account.is_churned:
        raise AccountPaysNothing


def _refuse_over(subscription: Subscription, today: date) -> None:
    if subscription.terms().status_on(today) in (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED):
        raise SubscriptionOver


def _rate(currency: str, rate: Decimal | None) -> Decimal:
    if currency == HOME_CURRENCY:
        if rate is not None and rate != 1:
            raise InvalidSubscription("exchange_rate", "It is 1 for INR, or left out.")
        return ONE
    if rate is None:
        raise InvalidSubscription("exchange_rate", f"Say how many rupees one {currency} counts; it stays fixed.")
    return rate


def _refuse_what_cannot_be(subscription: Subscription) -> None:
    for name in ("starts_on", "ends_on", "cancelled_on"):
        day = getattr(subscription, name)
        if day is not None and day.year not in YEARS:
            raise InvalidSubscription(name, f"Its year must lie between {YEARS[0]} and {YEARS[-1]}.")
    if subscription.ends_on and subscription.ends_on < subscription.term_starts_on:
        raise InvalidSubscription(
            "ends_on", f"It must not lie before the term's start, {date_text(subscription.term_starts_on)}."
        )
    try:
        subscription.clean_fields(exclude=["term_starts_on", "organization", "account"])
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error


def _refuse_items(items: Sequence[ItemFacts]) -> None:
    if not items:
        raise InvalidSubscription("items", "Name at least one product with its price.")
    if len(items) > MOST_ITEMS:
        raise InvalidSubscription("items", f"At most {MOST_ITEMS} are kept on one subscription.")
    for item in items:
        if item.discount and item.discount_pct is not None:
            raise InvalidSubscription("items", "Give a discount as an amount or in percent, not both.")
        net = line_net(item.quantity, item.unit_price, discount=item.discount, discount_pct=item.discount_pct)
        if net < 0:
            raise InvalidSubscription("items", f"The discount on {item.product} is higher than its price.")
        if net > MOST_NET:
            raise InvalidSubscription("items", f"{item.product} costs more than can be stored.")


def _add_items(subscription: Subscription, items: Iterable[ItemFacts], on: date, *, by: User | None) -> None:
    for facts in items:
        item = SubscriptionItem(
            organization=subscription.organization,
            subscription=subscription,
            product=facts.product,
            quantity=facts.quantity,
            unit_price=facts.unit_price,
            discount=facts.discount,
            discount_pct=facts.discount_pct,
            starts_on=on,
        )
        item._history_user = by
        item.save(force_insert=True)
    _forget_prefetched(subscription)


def _restart_items(subscription: Subscription, *, by: User | None) -> None:
    """Before it has begun nothing has run: its items begin when it does."""
    for item in subscription.items.all():
        item._history_user = by
        item.starts_on, item.ends_on = subscription.starts_on, None
        item.save(update_fields=["starts_on", "ends_on", "updated_at"])
    _forget_prefetched(subscription)


def _forget_prefetched(subscription: Subscription) -> None:
    getattr(subscription, "_prefetched_objects_cache", {}).pop("items", None)


def _save(subscription: Subscription, *, by: User | None) -> None:
    subscription._history_user = by
    subscription.save()


def _settle(subscription: Subscription, *, since: date, today: date, cause: str, by: User | None) -> None:
    settle_accounts(
        organization=subscription.organization,
        account_ids=[subscription.account_id],
        since=since,
        today=today,
        cause=cause,
        by=by,
    )


def _others_run(subscription: Subscription, on: date) -> bool:
    return subscription.account.subscriptions.running_on(on).exclude(pk=subscription.pk).exists()


def _tell(
    subscription: Subscription,
    kind: ActivityKind,
    title: str,
    *,
    on: date,
    by: User | None,
    before: Decimal | None = None,
    text: str = "",
    event: str = "",
) -> None:
    """One line on the timeline, with what it means a month."""
    after = locked_subscription(subscription).terms().full_mrr_on(on)
    match (before, event):
        case (None, _):
            means = f"{rupees_full(after)} a month"
        case (_, "cancelled"):
            means = f"-{rupees_full(before)} a month"
        case _:
            means = f"{rupees_full(before)} → {rupees_full(after)} a month"
    record_activity(
        Happening(
            account=subscription.account,
            kind=kind,
            title=f"{title}: {means}",
            text=text,
            by=by,
            is_system=by is None,
            subject=subscription,
            event=event,
            details={"mrr": str(after)},
        )
    )
