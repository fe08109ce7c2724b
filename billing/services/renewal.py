"""What comes of a term's end: of a subscription's, and of the contract of an account that has none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.enums import ActivityKind
from accounts.exceptions import AccountArchived
from accounts.models import Account
from accounts.services.account import update_account
from accounts.services.activity import Happening, revise_activity
from billing.calculations import next_term
from billing.enums import RenewalStatus
from billing.exceptions import AccountPaysNothing, InvalidSubscription, NothingToRenew, RenewalDecided
from billing.models import Renewal, Subscription
from billing.services.locks import locked_subscription
from billing.services.subscribed_accounts import settle_accounts
from csplatform import periods
from csplatform.formatting import date_text, rupees_full
from csplatform.models import Organization, User
from csplatform.periods import ONE_DAY, add_months

MOST_TERMS_AT_ONCE = 1_000
NEW_TERM_AFTER = timedelta(days=27)
"""A contract that ends so much later than it did has a new term; less is a correction of the date."""
WORKED_ON = timedelta(days=120)
"""So long before its end a term is talked about. A later end written before that is a correction too."""
UNRENEWED = "The term ended without a renewal"


# -- terms of subscriptions -------------------------------------------------------------------------


def open_term(subscription: Subscription, *, by: User | None) -> Renewal | None:
    """The row of its current term, made where there is none; None for one that runs on without end."""
    if subscription.ends_on is None:
        return None
    renewal: Renewal | None = subscription.renewals.filter(due_on=subscription.ends_on).first()
    if renewal is None:
        renewal = Renewal(
            organization=subscription.organization,
            account=subscription.account,
            subscription=subscription,
            starts_on=subscription.term_starts_on,
            due_on=subscription.ends_on,
            notice_days=subscription.notice_days,
            auto_renew=subscription.auto_renew,
            target_mrr=subscription.terms().full_mrr_on(subscription.ends_on),
        )
        _save(renewal, by=by)
    return renewal


def retime_term(subscription: Subscription, *, by: User | None) -> None:
    """After a correction of the current term, its open row says what the subscription does. Decided ones stay."""
    row: Renewal | None = subscription.renewals.open().order_by("-due_on").first()
    if subscription.ends_on is None:
        if row is not None:
            row.delete()
        return
    if row is None:
        open_term(subscription, by=by)
        return
    wanted = {
        "starts_on": subscription.term_starts_on,
        "due_on": subscription.ends_on,
        "notice_days": subscription.notice_days,
        "auto_renew": subscription.auto_renew,
        "target_mrr": subscription.terms().full_mrr_on(subscription.ends_on),
    }
    if any(getattr(row, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(row, name, value)
        _save(row, by=by)


def settle_terms(subscription: Subscription, *, today: date, by: User | None = None) -> int:
    """Let time do what it does to terms; returns how many were decided.

    One that renews by itself is renewed at the same price once its notice deadline has passed, unless its loss is
    prepared for; one that ended without renewal is closed. Doing it again changes nothing.
    """
    decided = 0
    while subscription.ends_on is not None and subscription.cancelled_on is None and decided < MOST_TERMS_AT_ONCE:
        renewal = open_term(subscription, by=by)
        if renewal is None or not renewal.is_open:
            break
        if renewal.is_settled_by_notice(today):
            _renew(subscription, renewal, on=max(renewal.notice_by + ONE_DAY, subscription.starts_on), by=by)
        elif renewal.due_on < today:
            _close(renewal, on=renewal.due_on + ONE_DAY, reason=renewal.outcome_reason or UNRENEWED, by=by)
        else:
            break
        decided += 1
    return decided


def close_terms_from(subscription: Subscription, *, on: date, reason: str, today: date, by: User | None) -> None:
    """It gives no service from a day on: the term that would end then or later is not renewed."""
    for renewal in subscription.renewals.open().filter(due_on__gte=on - ONE_DAY):
        _close(renewal, on=min(on, today), reason=reason, by=by)


def close_terms_of(
    *, organization: Organization, account_ids: Collection[int], on: date, reason: str, by: User | None
) -> None:
    """Who left renews nothing any more, nor a term that was over before."""
    for renewal in organization.renewals.open().filter(account__in=account_ids, subscription__isnull=False):
        _close(renewal, on=on, reason=reason or "The account left", by=by)


@transaction.atomic
def renew_subscription(
    *,
    subscription: Subscription,
    by: User | None,
    ends_on: date | None = None,
    reason: str = "",
    today: date | None = None,
) -> Renewal:
    """Let it run for another term, as long as this one unless an end is given; returns the row of the term that was
    renewed. At the same price that is no movement. One that ended meanwhile comes back from the day after."""
    subscription = locked_subscription(subscription)
    today = today or periods.today(subscription.organization)
    if subscription.ends_on is None:
        raise NothingToRenew
    if subscription.cancelled_on is not None:
        raise NothingToRenew("This subscription is cancelled. Start another one.")
    renewal = open_term(subscription, by=by)
    if renewal is None or renewal.status == RenewalStatus.RENEWED:
        raise RenewalDecided
    if ends_on is not None and ends_on <= subscription.ends_on:
        raise InvalidSubscription("ends_on", f"It must lie after {date_text(subscription.ends_on)}.")
    if reason:
        renewal.outcome_reason = reason.strip()
    first_day = subscription.ends_on + ONE_DAY
    _renew(subscription, renewal, on=today, by=by, ends_on=ends_on)
    settle_accounts(
        organization=subscription.organization,
        account_ids=[subscription.account_id],
        since=first_day,
        today=today,
        cause="Subscription renewed",
        by=by,
    )
    return renewal


def _renew(
    subscription: Subscription, renewal: Renewal, *, on: date, by: User | None, ends_on: date | None = None
) -> None:
    start, end = next_term(subscription.term_starts_on, subscription.ends_on or renewal.due_on)
    subscription.term_starts_on, subscription.ends_on = start, ends_on or end
    subscription._history_user = by
    subscription.save(update_fields=["term_starts_on", "ends_on", "updated_at"])
    _decide(renewal, RenewalStatus.RENEWED, on=on, by=by, renewed_mrr=subscription.terms().full_mrr_on(start))
    open_term(subscription, by=by)


# -- contracts of accounts without subscriptions ----------------------------------------------------


@transaction.atomic
def settle_contract_renewals(
    *, organization: Organization, account_ids: Collection[int], today: date, by: User | None = None
) -> int:
    """Bring the renewals of accounts without subscriptions in line with the ends of their contracts; returns how many
    rows changed. Set-based: unchanged accounts cost nothing.

    A contract whose end moves on by more than a month while it is being talked about was renewed. Another new end
    corrects the date of the open row. Who left did not renew.
    """
    keys = sorted(set(account_ids))
    accounts: dict[int, Account] = {
        account.pk: account
        for account in organization.accounts.filter(pk__in=keys)
        .order_by("pk")
        .only("pk", "organization", "status", "arr", "contract_start", "contract_end", "archived_at", "churned_on",
              "churn_reason")
    }  # fmt: skip
    subscribed = set(organization.subscriptions.filter(account__in=keys).values_list("account", flat=True))
    rows: dict[int, list[Renewal]] = {}
    for row in organization.renewals.of_contracts().filter(account__in=keys).order_by("due_on"):
        rows.setdefault(row.account_id, []).append(row)

    changed: list[Renewal] = []
    created: list[Renewal] = []
    dropped: list[Renewal] = []
    for key, account in accounts.items():
        known = rows.get(key, [])
        current = next((row for row in reversed(known) if row.is_open), None)
        if account.is_churned and current is not None:
            _set_decided(current, RenewalStatus.CLOSED, on=account.churned_on or today)
            current.outcome_reason = current.outcome_reason or account.churn_reason or "The account left"
            changed.append(current)
            continue
        if key in subscribed or account.contract_end is None or account.is_churned or account.is_archived:
            if current is not None and not account.is_archived:
                dropped.append(current)
            continue
        if current is not None and account.contract_end != current.due_on:
            if account.contract_end > current.due_on + NEW_TERM_AFTER and current.due_on - today <= WORKED_ON:
                _set_decided(current, RenewalStatus.RENEWED, on=today, renewed_mrr=account.mrr)
                changed.append(current)
                current = None
            elif not any(row.due_on == account.contract_end for row in known):
                current.due_on, current.starts_on = account.contract_end, _start_of(account)
                changed.append(current)
                continue
        if current is None and not any(row.due_on == account.contract_end for row in known):
            created.append(_contract_row(account))
    _write_rows(changed=changed, created=created, dropped=dropped, by=by)
    return len(changed) + len(created) + len(dropped)


def _contract_row(account: Account) -> Renewal:
    if account.contract_end is None:
        raise ValueError("Only a contract with an end can be renewed.")
    return Renewal(
        organization=account.organization,
        account=account,
        starts_on=_start_of(account),
        due_on=account.contract_end,
        target_mrr=account.mrr,
    )


def _start_of(account: Account) -> date | None:
    starts, ends = account.contract_start, account.contract_end
    return starts if starts and ends and starts <= ends else None


def _write_rows(
    *, changed: Sequence[Renewal], created: Sequence[Renewal], dropped: Sequence[Renewal], by: User | None
) -> None:
    if created:
        bulk_create_with_history(list(created), Renewal, batch_size=500, default_user=by)
    if changed:
        fields = ["due_on", "starts_on", "status", "renewed_mrr", "decided_on", "outcome_reason", "target_mrr"]
        bulk_update_with_history(list(changed), Renewal, fields, batch_size=500, default_user=by)
    for row in dropped:
        row.delete()


# -- what people say of a renewal -------------------------------------------------------------------


class RenewalFacts(TypedDict, total=False):
    """What may be said of a renewal; what is left out stays as it is."""

    status: str
    probability: Decimal | None
    outcome_reason: str
    target_mrr: Decimal


@transaction.atomic
def update_renewal(
    *, renewal: Renewal, by: User | None, today: date | None = None, **facts: Unpack[RenewalFacts]
) -> Renewal:
    """Say how it stands. `renewed` lets the subscription, or the contract, run for another term; `closed` lets it end
    with this one. A term that is renewed is over for good: the next one has a row of its own."""
    organization = renewal.organization
    organization.accounts.select_for_update(no_key=True).get(pk=renewal.account_id)
    stored: Renewal = organization.renewals.for_list().select_related("organization").get(pk=renewal.pk)
    today = today or periods.today(organization)
    status = facts.get("status", stored.status)
    was = stored.status
    if was == RenewalStatus.RENEWED and status != was:
        raise RenewalDecided
    if stored.account.is_archived:
        raise AccountArchived
    for name in ("probability", "outcome_reason", "target_mrr"):
        if name in facts:
            setattr(stored, name, facts[name])
    if status == was:
        _save(stored, by=by)
    elif status == RenewalStatus.RENEWED:
        _refuse_without_service(stored)
        _save(stored, by=by)
        _renew_term(stored, today=today, by=by)
    elif status == RenewalStatus.CLOSED:
        _let_it_end(stored, by=by)
        _close(stored, on=today, reason=stored.outcome_reason, by=by)
    else:
        if was == RenewalStatus.CLOSED:
            _refuse_without_service(stored)
            stored.decided_on = None
        stored.status = status
        _save(stored, by=by)
    return stored


def _refuse_without_service(renewal: Renewal) -> None:
    """What was cancelled, or belongs to who left, has no next term to speak of."""
    subscription = renewal.subscription
    if subscription is not None and subscription.cancelled_on is not None:
        raise NothingToRenew("This subscription is cancelled. Start another one.")
    if renewal.account.is_churned:
        raise AccountPaysNothing


def _renew_term(renewal: Renewal, *, today: date, by: User | None) -> None:
    if renewal.subscription is not None:
        if renewal.subscription.ends_on != renewal.due_on:
            raise RenewalDecided("This is not the current term any more.")
        renew_subscription(subscription=renewal.subscription, by=by, today=today)
        renewal.refresh_from_db()
        return
    account = renewal.account
    starts = renewal.starts_on or add_months(renewal.due_on + ONE_DAY, -12)
    start, end = next_term(starts, renewal.due_on)
    _decide(renewal, RenewalStatus.RENEWED, on=today, by=by, renewed_mrr=account.mrr)
    if account.contract_end == renewal.due_on:
        update_account(account=account, by=by, contract_start=start, contract_end=end)


def _let_it_end(renewal: Renewal, *, by: User | None) -> None:
    subscription = renewal.subscription
    if subscription is not None and subscription.auto_renew:
        subscription.auto_renew = renewal.auto_renew = False
        subscription._history_user = by
        subscription.save(update_fields=["auto_renew", "updated_at"])


# -- in detail --------------------------------------------------------------------------------------


def _close(renewal: Renewal, *, on: date, reason: str, by: User | None) -> None:
    renewal.outcome_reason = reason[:255]
    _decide(renewal, RenewalStatus.CLOSED, on=on, by=by)


def _decide(
    renewal: Renewal, status: RenewalStatus, *, on: date, by: User | None, renewed_mrr: Decimal | None = None
) -> None:
    _set_decided(renewal, status, on=on, renewed_mrr=renewed_mrr)
    _save(renewal, by=by)
    if status == RenewalStatus.RENEWED:
        title = f"Renewed after {date_text(renewal.due_on)} at {rupees_full(renewed_mrr)} a month"
    else:
        title = f"Not renewed after {date_text(renewal.due_on)}"
    revise_activity(
        Happening(
            account=renewal.account,
            kind=ActivityKind.RENEWAL,
            title=title,
            text=renewal.outcome_reason,
            by=by,
            is_system=by is None,
            subject=renewal,
            event="decided",
            details={"outcome": renewal.outcome},
        )
    )


def _set_decided(renewal: Renewal, status: RenewalStatus, *, on: date, renewed_mrr: Decimal | None = None) -> None:
    renewal.status, renewal.decided_on, renewal.renewed_mrr = status, on, renewed_mrr


def _save(renewal: Renewal, *, by: User | None) -> None:
    renewal._history_user = by
    renewal.save()
