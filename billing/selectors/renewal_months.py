"""Renewals by the month in which their terms end, and why some were lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.bands import AT_RISK_BELOW
from billing.enums import RenewalStatus
from billing.models.renewal import OPEN_STATUSES
from billing.querysets import RenewalQuerySet
from csplatform.formatting import month_text, share_pct
from csplatform.money import MONTHS_A_YEAR, ZERO, round2
from csplatform.periods import add_months, month_end, month_start

MONTHS = 12
UNSAID = "No reason given"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalMonth:
    """The terms that end in a month; ARR is twelve times their target MRR."""

    start: date
    count: int
    arr: Decimal
    at_risk_arr: Decimal
    """Of open terms whose account is At Risk or Critical, or whose loss is prepared for."""
    open_count: int
    renewed: int
    lost: int

    @property
    def end(self) -> date:
        return month_end(self.start)

    @property
    def label(self) -> str:
        return month_text(self.start)

    @property
    def at_risk_pct(self) -> Decimal:
        return share_pct(self.at_risk_arr, self.arr)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReason:
    """Why terms were not renewed, in the words of whoever closed them."""

    reason: str
    count: int
    arr: Decimal


def renewals_by_month(renewals: RenewalQuerySet, *, since: date, months: int = MONTHS) -> list[RenewalMonth]:
    """Every month from the one of a day on, empty ones too. One query."""
    first = month_start(since)
    starts = [add_months(first, ahead) for ahead in range(months)]
    is_open = Q(status__in=OPEN_STATUSES)
    risky = is_open & (Q(account__health_score__lt=AT_RISK_BELOW) | Q(status=RenewalStatus.PREPARED_LOST))
    rows = (
        renewals.due_between(first, month_end(starts[-1]))
        .order_by()
        .annotate(month=TruncMonth("due_on"))
        .values("month")
        .annotate(
            count=Count("pk"),
            mrr=Sum("target_mrr"),
            at_risk_mrr=Sum("target_mrr", filter=risky),
            open_count=Count("pk", filter=is_open),
            renewed=Count("pk", filter=Q(status=RenewalStatus.RENEWED)),
            lost=Count("pk", filter=Q(status=RenewalStatus.CLOSED)),
        )
    )
    found: dict[date, dict[str, Any]] = {row["month"]: dict(row) for row in rows}
    return [_month(start, found.get(start, {})) for start in starts]


def _month(start: date, row: dict[str, Any]) -> RenewalMonth:
    def money(name: str) -> Decimal:
        return round2((row.get(name) or ZERO) * MONTHS_A_YEAR)

    def count(name: str) -> int:
        return row.get(name) or 0

    return RenewalMonth(
        start=start,
        count=count("count"),
        arr=money("mrr"),
        at_risk_arr=money("at_risk_mrr"),
        open_count=count("open_count"),
        renewed=count("renewed"),
        lost=count("lost"),
    )


def loss_reasons(renewals: RenewalQuerySet, *, start: date, end: date) -> Sequence[LossReason]:
    """Of terms that ended between two days and were closed, the most money first. One query."""
    rows = (
        renewals.due_between(start, end)
        .filter(status=RenewalStatus.CLOSED)
        .order_by()
        .values("outcome_reason")
        .annotate(count=Count("pk"), mrr=Sum("target_mrr"))
    )
    reasons = [
        LossReason(
            reason=row["outcome_reason"] or UNSAID,
            count=row["count"],
            arr=round2((row["mrr"] or ZERO) * MONTHS_A_YEAR),
        )
        for row in rows
    ]
    return sorted(reasons, key=lambda each: (-each.arr, -each.count, each.reason))
