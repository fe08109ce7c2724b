"""Health across the portfolio: how it is spread, who moved, who is at risk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Avg, Count, DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum

from accounts.bands import band_range
from accounts.enums import Band
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.formatting import share_pct
from csplatform.money import ZERO
from health.models import DailyMetrics

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

MOVED_DAYS = 30
MOST_MOVERS = 8


class Change(TypedDict):
    """What an account's score did: null where it had none before."""

    score_before: Decimal | None
    score_change: Decimal | None


ChangedAccounts: TypeAlias = "QuerySet[WithAnnotations[Account, Change]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class BandShare:
    """The open accounts of one band; band None are those whose score is unknown."""

    band: Band | None
    accounts: int
    share_pct: Decimal
    arr: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthDistribution:
    """How open accounts are spread over the bands. Unknown scores count in the total, not in the average."""

    bands: list[BandShare]
    total: int
    average: Decimal | None

    @property
    def at_risk(self) -> int:
        """Accounts in the At Risk and Critical bands."""
        return sum(share.accounts for share in self._at_risk)

    @property
    def arr_at_risk(self) -> Decimal:
        """ARR of the At Risk and Critical bands."""
        return sum((share.arr for share in self._at_risk), ZERO)

    @property
    def unknown(self) -> int:
        return sum(share.accounts for share in self.bands if share.band is None)

    @property
    def _at_risk(self) -> list[BandShare]:
        return [share for share in self.bands if share.band in (Band.AT_RISK, Band.CRITICAL)]


def health_distribution(accounts: AccountQuerySet) -> HealthDistribution:
    """Count the open ones of these accounts by band, with their ARR, in one query."""
    groups: dict[Band | None, Q] = {band: band_range(band).condition() for band in Band}
    groups[None] = Q(health_score=None)
    row = (
        accounts.open()
        .order_by()
        .aggregate(
            total=Count("pk"),
            average=Avg("health_score"),
            **{f"count_{at}": Count("pk", filter=condition) for at, condition in enumerate(groups.values())},
            **{f"arr_{at}": Sum("arr", filter=condition) for at, condition in enumerate(groups.values())},
        )
    )
    shares = [
        BandShare(
            band=band,
            accounts=row[f"count_{at}"],
            share_pct=share_pct(row[f"count_{at}"], row["total"]),
            arr=row[f"arr_{at}"] or ZERO,
        )
        for at, band in enumerate(groups)
    ]
    average = None if row["average"] is None else Decimal(str(round(row["average"], 6)))
    return HealthDistribution(bands=shares, total=row["total"], average=average)


def accounts_with_change(accounts: AccountQuerySet, *, today: date, days: int = MOVED_DAYS) -> ChangedAccounts:
    """Scored accounts with `score_before` (so many days ago) and `score_change`, null where there was none."""
    before = (
        DailyMetrics.objects.filter(account=OuterRef("pk"))  # the accounts bring the organisation
        .up_to(today - timedelta(days=days))
        .scored()
        .order_by("-date")
        .values("health_score")[:1]
    )
    score = DecimalField(max_digits=5, decimal_places=1)
    return accounts.scored().annotate(
        score_before=Subquery(before),
        score_change=ExpressionWrapper(F("health_score") - F("score_before"), output_field=score),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movers:
    """Open accounts whose score moved most in 30 days, the largest move first."""

    risers: ChangedAccounts
    fallers: ChangedAccounts


def health_movers(accounts: AccountQuerySet, *, today: date, most: int = MOST_MOVERS) -> Movers:
    """The biggest risers and fallers among the open ones of these accounts."""
    moved = accounts_with_change(accounts.open(), today=today)
    return Movers(
        risers=moved.filter(score_change__gt=ZERO).order_by("-score_change", "pk")[:most],
        fallers=moved.filter(score_change__lt=ZERO).order_by("score_change", "pk")[:most],
    )


def at_risk_accounts(accounts: AccountQuerySet, *, today: date) -> ChangedAccounts:
    """Open accounts in the At Risk and Critical bands, the most ARR at risk first, with their change."""
    return (
        accounts_with_change(accounts.open().at_risk(), today=today)
        .select_related("owner")
        .order_by(F("arr").desc(nulls_last=True), "health_score", "pk")
    )
