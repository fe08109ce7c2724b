"""Posting to the MRR ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from accounts.signals import Merge
from billing.calculations import movement_kind
from billing.enums import MovementKind
from billing.models import MrrMovement
from billing.querysets import MrrMovementQuerySet
from csplatform.bulk import insert
from csplatform.models import Organization
from csplatform.money import ZERO, monthly, round2
from csplatform.querysets import among

Change = tuple[int, date, Decimal]
"""Account key, civil day, and what the account pays a year from that day on."""

BATCH = 5_000  # accounts a statement
FEW = 200  # rows
ROW = ("account_id", "date", "kind", "amount", "arr_amount")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount a month and a year, always moved together."""

    mrr: Decimal = ZERO
    arr: Decimal = ZERO

    def __add__(self, other: Money) -> Money:
        return Money(self.mrr + other.mrr, self.arr + other.arr)

    def __sub__(self, other: Money) -> Money:
        return Money(self.mrr - other.mrr, self.arr - other.arr)

    def __bool__(self) -> bool:
        return bool(self.mrr or self.arr)


NOTHING = Money()


@dataclass(slots=True)
class AccountLedger:
    """Where one account's ledger stands: its balance, and its latest day by kind."""

    balance: Money = field(default_factory=Money)
    latest: date | None = None
    of_latest_day: defaultdict[MovementKind, Money] = field(default_factory=lambda: defaultdict(Money))
    new_mrr: Decimal = ZERO
    """The sum of kind `new`: above zero from the close of the first day that the account paid."""

    def continued(self, planned: Mapping[date, Decimal]) -> dict[date, Decimal]:
        """What to book and when: nothing before the latest day; of a day's changes the last."""
        return {max(day, self.latest or day): planned[day] for day in sorted(planned)}

    def move(self, day: date, arr: Decimal) -> Iterator[tuple[MovementKind, Money]]:
        """Bring the balance to ``arr`` from ``day`` on; yields what to append.

        A day that already has rows is netted again as a whole: its rows are corrected by kind until each kind's
        sum is what the day, opening to closing, amounts to.
        """
        if day != self.latest:
            self.latest, self.of_latest_day = day, defaultdict(Money)
        booked = self.of_latest_day
        opening = self.balance
        for amount in booked.values():
            opening = opening - amount
        closing = Money(monthly(arr), arr)
        has_paid_before = self.new_mrr > booked[MovementKind.NEW].mrr

        net = _netted(opening, closing, has_paid_before=has_paid_before)
        for kind in MovementKind:
            if kind not in net and kind not in booked:
                continue
            correction = net.get(kind, NOTHING) - booked[kind]
            if correction:
                booked[kind] = booked[kind] + correction
                self.new_mrr += correction.mrr if kind is MovementKind.NEW else ZERO
                yield kind, correction
        self.balance = closing


@transaction.atomic
def post_arr_changes(*, organization: Organization, changes: Iterable[Change], cause: str) -> int:
    """Book what accounts pay from given days on; returns the number of rows appended.

    Per account and day the last change counts, and a day is netted: 100 to 150 to 80 on one day is a contraction
    of 20. The ledger is only ever continued: a change dated before an account's latest movement is booked on the
    day of that movement, so that closed days stay as they were and the balance is that of the last change given.
    Call it in the transaction that writes `Account.arr`, with the accounts locked or newly made.
    """
    planned: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for account_id, day, arr in changes:
        planned[account_id][day] = round2(arr)

    appended = 0
    for account_ids in _batches(sorted(planned)):
        _lock_accounts(organization, account_ids)
        ledgers = _ledgers(organization, account_ids, earliest={key: min(planned[key]) for key in account_ids})
        rows = [
            (account_id, day, kind.value, moved.mrr, moved.arr)
            for account_id in account_ids
            for day, arr in ledgers[account_id].continued(planned[account_id]).items()
            for kind, moved in ledgers[account_id].move(day, arr)
        ]
        appended += _append(organization, rows, cause)
    return appended


@transaction.atomic
def merge_ledgers(*, organization: Organization, merge: Merge) -> int:
    """Carry the movements of merged accounts over to the one they became; returns the number of rows appended.

    No row is changed: what an account moved on a day is taken back there and booked on the survivor, and each day
    of the survivor is netted again as one account's, so a duplicate's start is an expansion and no new customer.
    Taken and booked add up to nothing, day by day: MRR of the organisation stays what it was on all of them. Only
    then, on the day of the merge, does the ledger come to what the one account pays.
    """
    _lock_accounts(organization, sorted({merge.into, *merge.merged}))
    movements: MrrMovementQuerySet = organization.mrr_movements.order_by()
    sums = movements.filter(account__in=[merge.into, *merge.merged]).values_list("account", "date", "kind")
    booked: defaultdict[date, defaultdict[MovementKind, Money]] = defaultdict(lambda: defaultdict(Money))
    moved: defaultdict[date, Money] = defaultdict(Money)
    rows = []
    for account_id, day, kind, mrr, arr in sums.annotate(Sum("amount"), Sum("arr_amount")):
        amount = Money(round2(mrr), round2(arr))
        moved[day] += amount
        if account_id == merge.into:
            booked[day][MovementKind(kind)] = amount
        elif amount:
            rows.append((account_id, day, kind, -amount.mrr, -amount.arr))
    rows += [(merge.into, day, kind.value, amount.mrr, amount.arr) for day, kind, amount in _renetted(booked, moved)]
    appended = _append(organization, rows, merge.cause)
    pays = (merge.into, merge.on, merge.arr)
    return appended + post_arr_changes(organization=organization, changes=[pays], cause=merge.cause)


def _renetted(
    booked: Mapping[date, Mapping[MovementKind, Money]], moved: Mapping[date, Money]
) -> Iterator[tuple[date, MovementKind, Money]]:
    """What to append so that every day, from the first on, is the one movement that `moved` amounts to."""
    balance, has_paid_before = Money(), False
    for day in sorted(moved):
        net = _netted(balance, balance + moved[day], has_paid_before=has_paid_before)
        for kind in MovementKind:
            correction = net.get(kind, NOTHING) - booked.get(day, {}).get(kind, NOTHING)
            if correction:
                yield day, kind, correction
        balance, has_paid_before = balance + moved[day], has_paid_before or MovementKind.NEW in net


def _append(organization: Organization, rows: list[tuple[int, date, str, Decimal, Decimal]], cause: str) -> int:
    """Few rows as objects, many through a staging table: that costs some statements and is then ten times faster."""
    constants = {"organization_id": organization.pk, "cause": cause[:255], "created_at": timezone.now()}
    if len(rows) < FEW:
        movements = [MrrMovement(**constants, **dict(zip(ROW, row, strict=True))) for row in rows]
        return len(MrrMovement.objects.bulk_create(movements))
    return len(insert(MrrMovement, dict(zip(ROW, zip(*rows, strict=True), strict=True)), constants=constants))


def _netted(opening: Money, closing: Money, *, has_paid_before: bool) -> Mapping[MovementKind, Money]:
    """The one movement that a day amounts to."""
    moved = closing - opening
    if not moved:
        return {}
    kind = movement_kind(opening=opening.mrr, closing=closing.mrr, has_paid_before=has_paid_before)
    if kind is None:  # a few paise a year that no month notices
        kind = MovementKind.EXPANSION if moved.arr > 0 else MovementKind.CONTRACTION
    return {kind: moved}


def _lock_accounts(organization: Organization, account_ids: list[int]) -> None:
    """Two posts about one account wait for each other (a no-op on SQLite, where writers queue anyway)."""
    accounts = organization.accounts.filter(among("pk", account_ids)).order_by("pk").select_for_update(no_key=True)
    list(accounts.values_list("pk"))


def _ledgers(
    organization: Organization, account_ids: list[int], *, earliest: Mapping[int, date]
) -> dict[int, AccountLedger]:
    """Where the accounts' ledgers stand, in two queries; the second only for those whose latest day is met."""
    ledgers = {account_id: AccountLedger() for account_id in account_ids}
    movements: MrrMovementQuerySet = organization.mrr_movements.order_by()
    totals = (
        movements.filter(among("account", account_ids))
        .values_list("account")
        .annotate(Sum("amount"), Sum("arr_amount"), Max("date"))
        .annotate(new_mrr=Sum("amount", filter=Q(kind=MovementKind.NEW)))
    )
    for account_id, mrr, arr, latest, new_mrr in totals:
        ledger = ledgers[account_id]
        ledger.balance, ledger.latest = Money(round2(mrr), round2(arr)), latest
        ledger.new_mrr = round2(new_mrr or ZERO)

    met = {key: ledger.latest for key, ledger in ledgers.items() if ledger.latest and earliest[key] <= ledger.latest}
    if met:
        # PERFORMANCE: every account's own latest day as a subquery is quadratic where the planner goes by date.
        of_days = movements.filter(account__in=met.keys(), date__in=set(met.values())).values_list(
            "account", "date", "kind"
        )
        for account_id, day, kind, mrr, arr in of_days.annotate(Sum("amount"), Sum("arr_amount")):
            if day == met[account_id]:
                ledgers[account_id].of_latest_day[MovementKind(kind)] = Money(round2(mrr), round2(arr))
    return ledgers


def _batches(keys: list[int]) -> Iterator[list[int]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, BATCH)):
        yield batch
