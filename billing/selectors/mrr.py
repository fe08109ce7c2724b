"""MRR, ARR and their movements, read from the ledger. Every page, contract and prompt asks here.

``accounts`` narrows each answer to some accounts, by queryset or keys; left out, it is the whole organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.querysets import AccountQuerySet
from billing.enums import MovementKind
from billing.models import MrrMovement
from billing.querysets import MONEY, MrrMovementQuerySet
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import Window, last_months

Accounts = AccountQuerySet | Iterable[int] | None
PAISA = Decimal("0.005")
"""Below it is nothing: SQLite adds decimals as binary fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenuePoint:
    """MRR and ARR at the close of a month, or of today within the current one."""

    month: date
    mrr: Decimal
    arr: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MrrBridge:
    """How MRR came from the opening of a window to its closing. Losses are negative."""

    opening: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.new + self.reactivation + self.net_revenue_change

    @property
    def net_revenue_change(self) -> Decimal:
        """What existing customers changed: expansion less contraction and churn."""
        return self.expansion + self.contraction + self.churn


def mrr_at(organization: Organization, day: date, *, accounts: Accounts = None) -> Decimal:
    """MRR at the close of a day: the sum of all movements up to it."""
    return _movements(organization, accounts).up_to(day).mrr()


def mrr_by_account(organization: Organization, day: date, *, accounts: Accounts = None) -> dict[int, Decimal]:
    """The same per account, in one query; one that never paid is left out."""
    rows = _movements(organization, accounts).up_to(day).order_by().values_list("account")
    return {account: round2(mrr) for account, mrr in rows.annotate(Sum("amount"))}


class Paid(NamedTuple):
    """What an account pays a month at the close of a day, and how much more that is than on an earlier one."""

    mrr: Decimal = ZERO
    change: Decimal = ZERO


def paid_by_account(
    organization: Organization, day: date, *, since: date, accounts: Accounts = None
) -> dict[int, Paid]:
    """MRR at the close of `day`, and its change since the close of `since`, per account; one query."""
    rows = _movements(organization, accounts).up_to(day).order_by().values_list("account")
    summed = rows.annotate(mrr=Sum("amount"), change=Sum("amount", filter=Q(date__gt=since)))
    return {account: Paid(round2(mrr), round2(change or ZERO)) for account, mrr, change in summed}


def mrr_on(day: date) -> Combinable:
    """MRR at the close of a day, as an expression over accounts."""
    movements = MrrMovement.objects.filter(account=OuterRef("pk")).up_to(day).order_by().values("account")
    total = Subquery(movements.annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    return Coalesce(total, Value(ZERO), output_field=MONEY)


def paying_accounts(organization: Organization, day: date) -> QuerySet[MrrMovement, Any]:
    """The keys of the accounts that pay something at the close of a day, for `pk__in`."""
    sums = organization.mrr_movements.up_to(day).order_by().values("account").annotate(total=Sum("amount"))
    return sums.filter(total__gt=PAISA).values("account")


def arr_at(organization: Organization, day: date, *, accounts: Accounts = None) -> Decimal:
    """ARR at the close of a day."""
    return _movements(organization, accounts).up_to(day).arr()


def arr_change(organization: Organization, *, since: date, until: date, accounts: Accounts = None) -> Decimal:
    """ARR at the close of ``until`` less ARR at the close of ``since``."""
    return _movements(organization, accounts).up_to(until).filter(date__gt=since).arr()


def arr_change_by_account(
    organization: Organization, *, since: date, until: date, accounts: Accounts = None
) -> dict[int, Decimal]:
    """The same per account, in one query; an account without movement is left out."""
    moved = _movements(organization, accounts).up_to(until).filter(date__gt=since).order_by()
    return {account: round2(change) for account, change in moved.values_list("account").annotate(Sum("arr_amount"))}


def mrr_bridge(organization: Organization, window: Window, *, accounts: Accounts = None) -> MrrBridge:
    """Opening, movements by kind, closing."""
    movements = _movements(organization, accounts)
    moved = movements.between(window.start, window.end).mrr_by_kind()
    return MrrBridge(
        opening=movements.before(window.start).mrr(),
        new=moved[MovementKind.NEW],
        reactivation=moved[MovementKind.REACTIVATION],
        expansion=moved[MovementKind.EXPANSION],
        contraction=moved[MovementKind.CONTRACTION],
        churn=moved[MovementKind.CHURN],
    )


def mrr_by_month(
    organization: Organization, *, until: date, months: int = 6, accounts: Accounts = None
) -> list[RevenuePoint]:
    """The closing of each of the last months, oldest first; the current one closes on ``until``. Three queries."""
    windows = last_months(until, months)
    movements = _movements(organization, accounts).up_to(until).order_by()
    before = movements.before(windows[0].start)
    mrr, arr = before.mrr(), before.arr()
    by_day = list(
        movements.filter(date__gte=windows[0].start).values_list("date").annotate(Sum("amount"), Sum("arr_amount"))
    )
    points = []
    for window in windows:
        for day, mrr_moved, arr_moved in by_day:
            if day in window:
                mrr, arr = mrr + round2(mrr_moved), arr + round2(arr_moved)
        points.append(RevenuePoint(month=window.start, mrr=mrr, arr=arr))
    return points


@dataclass(frozen=True, slots=True, kw_only=True)
class MrrSurvey:
    """Closings of several days and movements of several windows, in the order in which they were asked for."""

    closings: list[RevenuePoint]
    flows: list[dict[MovementKind, Decimal]]
    """Signed sums by kind, zeros included."""
    left: list[Decimal]
    """What left with accounts that paid before the window, as a positive amount."""


def mrr_survey(
    organization: Organization,
    *,
    closings: Sequence[date],
    flows: Sequence[Window],
    churns: Sequence[Window] = (),
    accounts: Accounts = None,
) -> MrrSurvey:
    """What `mrr_at`, `arr_at` and `mrr_bridge` say of each day and window, and what left in each of `churns`, in one
    query for all of them."""
    sums: dict[str, Any] = {}
    for at, day in enumerate(closings):
        up_to = Q(date__lte=day)
        sums |= {f"mrr_{at}": Sum("amount", filter=up_to), f"arr_{at}": Sum("arr_amount", filter=up_to)}
    for at, window in enumerate(flows):
        within = Q(date__range=(window.start, window.end))
        sums |= {f"flow_{at}_{kind.name}": Sum("amount", filter=within & Q(kind=kind)) for kind in MovementKind}
    for at, window in enumerate(churns):
        paid = Q(account__in=paying_accounts(organization, window.opening))
        within = Q(date__range=(window.start, window.end), kind=MovementKind.CHURN)
        sums[f"left_{at}"] = Sum("amount", filter=within & paid)
    found = _movements(organization, accounts).order_by().aggregate(**sums)
    total = {name: round2(value or ZERO) for name, value in found.items()}
    return MrrSurvey(
        closings=[
            RevenuePoint(month=day.replace(day=1), mrr=total[f"mrr_{at}"], arr=total[f"arr_{at}"])
            for at, day in enumerate(closings)
        ],
        flows=[{kind: total[f"flow_{at}_{kind.name}"] for kind in MovementKind} for at, _ in enumerate(flows)],
        left=[-total[f"left_{at}"] for at, _ in enumerate(churns)],
    )


def _movements(organization: Organization, accounts: Accounts) -> MrrMovementQuerySet:
    return organization.mrr_movements.of_accounts(accounts)
