"""Health by segment, industry, owner or size, and what is missing about whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Aggregate, Avg, BooleanField, Case, Count, F, Q, Sum, When

from accounts.bands import band_range
from accounts.data_gaps import DataGap, data_gaps
from accounts.enums import Band
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from csplatform.money import ZERO

BY = {"segment": "Segment", "industry": "Industry", "owner": "Owner", "size": "Size"}
MOST_GROUPS = 12
_COLUMNS = {"segment": ("segment",), "industry": ("industry",), "size": ("size",), "owner": ("owner", "owner__uuid")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The open accounts that share a value; `key` is what the account list calls it."""

    key: str
    accounts: int
    arr: Decimal
    average: Decimal | None
    """The plain mean of the scores that are known, as the page's own average is."""
    at_risk: int
    arr_at_risk: Decimal
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCount:
    """A kind of gap, how many open accounts have it, and what they pay a year."""

    gap: DataGap
    accounts: int
    arr: Decimal


def health_by(accounts: AccountQuerySet, by: str) -> list[Group]:
    """The open ones of these accounts in groups, those with most ARR at risk first; one query."""
    at_risk = band_range(Band.AT_RISK).condition() | band_range(Band.CRITICAL).condition()
    rows = (
        accounts.open()
        .order_by()
        .values(*_COLUMNS[by])
        .annotate(
            accounts=Count("pk"),
            total=Sum("arr"),
            average=Avg("health_score"),
            risky=Count("pk", filter=at_risk),
            risky_arr=Sum("arr", filter=at_risk),
            unknown=Count("pk", filter=Q(health_score=None)),
        )
        .order_by(F("risky_arr").desc(nulls_last=True), F("total").desc(nulls_last=True), *_COLUMNS[by])
    )
    return [
        Group(
            key=str(row[_COLUMNS[by][-1]] or ""),
            accounts=row["accounts"],
            arr=row["total"] or ZERO,
            average=None if row["average"] is None else Decimal(str(round(row["average"], 6))),
            at_risk=row["risky"],
            arr_at_risk=row["risky_arr"] or ZERO,
            unknown=row["unknown"],
        )
        for row in rows[:MOST_GROUPS]
    ]


def gap_counts(organization: Organization, *, today: date) -> list[GapCount]:
    """What is missing, by the money it is about; one query for all kinds."""
    gaps = data_gaps()
    has = {
        f"has_{key}": Case(
            When(gap.condition(organization, today), then=True), default=False, output_field=BooleanField()
        )
        for key, gap in gaps.items()
    }
    figures: dict[str, Aggregate] = {}
    for key in gaps:
        lacking = Q(**{f"has_{key}": True})
        figures |= {f"count_{key}": Count("pk", filter=lacking), f"arr_{key}": Sum("arr", filter=lacking)}
    row = organization.accounts.open().order_by().annotate(**has).aggregate(**figures)
    found = [
        GapCount(gap=gap, accounts=row[f"count_{key}"], arr=row[f"arr_{key}"] or ZERO) for key, gap in gaps.items()
    ]
    return sorted((each for each in found if each.accounts), key=lambda each: (-each.arr, each.gap.key))


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def owner_names(organization: Organization, groups: Iterable[Group]) -> dict[str, str]:
    """Uuid to name, for groups by owner."""
    keys = [group.key for group in groups if group.key]
    members = organization.memberships.filter(user__uuid__in=keys).select_related("user")
    return {str(member.user.uuid): member.user.display_name for member in members}
