"""Where the annual revenue stands: totals, by health bucket, by segment, and how it changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Case, CharField, Count, Q, Sum, Value, When

from accounts.bands import AT_RISK_BELOW, bucket_range
from accounts.enums import Bucket, Segment
from accounts.querysets import AccountQuerySet
from billing.selectors.mrr import arr_change
from csplatform.formatting import share_pct
from csplatform.models import Organization
from csplatform.money import ZERO, round2, round_half_up

UNKNOWN = "Unknown"
"""What accounts without a bucket, or without a segment, stand under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some of the open accounts: how many, what they pay a year, and their health."""

    name: str
    accounts: int
    arr: Decimal
    scored: int
    average_score: Decimal | None
    share_pct: Decimal
    """Of all open accounts, one decimal."""
    arr_share_pct: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioSummary:
    """The open accounts of an organisation on a day; a group that nobody is in is left out of `segments`."""

    as_of: date
    total_accounts: int
    total_arr: Decimal
    scored: int
    average_score: Decimal
    """Plain mean of the known scores, zeros included, two decimals; 0 when there is none."""
    buckets: tuple[Group, ...]
    segments: tuple[Group, ...]
    at_risk: Group
    """In the bands At Risk and Critical: a score under 60."""
    arr_trend_30d: Decimal
    arr_trend_90d: Decimal

    def bucket(self, name: str) -> Group | None:
        return next((group for group in self.buckets if group.name == name), None)


@dataclass(frozen=True, slots=True)
class _Row:
    """Accounts of one bucket and segment, as the database adds them up."""

    bucket: str
    segment: str
    accounts: int
    arr: Decimal
    scored: int
    score_sum: Decimal
    at_risk: int
    at_risk_arr: Decimal
    at_risk_score_sum: Decimal


def portfolio_summary(organization: Organization, *, today: date) -> PortfolioSummary:
    """Everything above in three queries, whatever the number of accounts."""
    rows = list(_rows(organization))
    total = sum(row.accounts for row in rows)
    arr = sum((row.arr for row in rows), ZERO)
    scored = sum(row.scored for row in rows)
    score_sum = sum((row.score_sum for row in rows), ZERO)

    def group(name: str, members: list[_Row]) -> Group:
        return _group(
            name,
            accounts=sum(row.accounts for row in members),
            arr=sum((row.arr for row in members), ZERO),
            scored=sum(row.scored for row in members),
            score_sum=sum((row.score_sum for row in members), ZERO),
            of=(total, arr),
        )

    buckets = {name: [row for row in rows if row.bucket == name] for name in (*Bucket.values, UNKNOWN)}
    segments = {name: [row for row in rows if row.segment == name] for name in (*Segment.values, UNKNOWN)}
    at_risk = sum(row.at_risk for row in rows)
    return PortfolioSummary(
        as_of=today,
        total_accounts=total,
        total_arr=arr,
        scored=scored,
        average_score=round2(score_sum / scored) if scored else ZERO,
        buckets=tuple(group(name, found) for name, found in buckets.items() if found or (rows and name != UNKNOWN)),
        segments=tuple(group(name, found) for name, found in segments.items() if found),
        at_risk=_group(
            "At risk",
            accounts=at_risk,
            arr=sum((row.at_risk_arr for row in rows), ZERO),
            scored=at_risk,
            score_sum=sum((row.at_risk_score_sum for row in rows), ZERO),
            of=(total, arr),
        ),
        arr_trend_30d=_arr_trend(organization, days=30, today=today),
        arr_trend_90d=_arr_trend(organization, days=90, today=today),
    )


def ledger_accounts(organization: Organization) -> AccountQuerySet:
    """Whose movements make up the portfolio's revenue over time: churned accounts left with theirs, archived
    ones are out of every total, so the ledger's last point is today's total."""
    return organization.accounts.unarchived()


def _arr_trend(organization: Organization, *, days: int, today: date) -> Decimal:
    since = today - timedelta(days=days)
    return arr_change(organization, since=since, until=today, accounts=ledger_accounts(organization))


def _group(
    name: str, *, accounts: int, arr: Decimal, scored: int, score_sum: Decimal, of: tuple[int, Decimal]
) -> Group:
    all_accounts, all_arr = of
    return Group(
        name=name,
        accounts=accounts,
        arr=arr,
        scored=scored,
        average_score=round_half_up(score_sum / scored, 1) if scored else None,
        share_pct=round_half_up(share_pct(accounts, all_accounts), 1),
        arr_share_pct=round_half_up(share_pct(arr, all_arr), 1),
    )


def _rows(organization: Organization) -> Iterable[_Row]:
    """Sums are rounded to paise here, once: on SQLite they come from floating point."""
    bucket = Case(
        *(When(bucket_range(name).condition(), then=Value(name.value)) for name in Bucket),
        default=Value(UNKNOWN),
        output_field=CharField(),
    )
    is_at_risk = Q(health_score__lt=AT_RISK_BELOW)
    grouped = (
        organization.accounts.open()
        .order_by()
        .annotate(bucket_name=bucket)
        .values_list("bucket_name", "segment")
        .annotate(
            how_many=Count("pk"),
            arr_sum=Sum("arr"),
            scored=Count("health_score"),
            score_sum=Sum("health_score"),
            at_risk=Count("pk", filter=is_at_risk),
            at_risk_arr=Sum("arr", filter=is_at_risk),
            at_risk_score_sum=Sum("health_score", filter=is_at_risk),
        )
    )
    for name, segment, accounts, arr, scored, score_sum, at_risk, at_risk_arr, at_risk_sum in grouped:
        yield _Row(
            bucket=name,
            segment=segment or UNKNOWN,
            accounts=accounts,
            arr=round2(arr or ZERO),
            scored=scored,
            score_sum=round_half_up(score_sum or ZERO, 1),
            at_risk=at_risk,
            at_risk_arr=round2(at_risk_arr or ZERO),
            at_risk_score_sum=round_half_up(at_risk_sum or ZERO, 1),
        )
