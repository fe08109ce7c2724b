"""The portfolio's figures as charts draw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.urls import reverse
from django.utils.http import urlencode

from accounts.enums import Bucket
from billing.selectors.mrr import RevenuePoint
from csplatform.charts import ChartData, Tone
from csplatform.formatting import (
    lakh_number,
    month_text,
    percent,
    rupees_compact,
    rupees_full,
)
from insights.selectors.portfolio_summary import UNKNOWN, Group, PortfolioSummary

BUCKET_TONES: dict[str, Tone] = {
    Bucket.HEALTHY: "healthy",
    Bucket.AT_RISK: "watchlist",
    Bucket.CRITICAL: "critical",
    UNKNOWN: "gray",
}


class LegendItem(TypedDict):
    label: str
    value: str
    share: str
    tone: str
    url: str


def bucket_url(name: str) -> str:
    """The account list narrowed to a bucket, or to those without a score."""
    return _accounts_url("band", "unknown") if name == UNKNOWN else _accounts_url("bucket", name)


def segment_url(name: str) -> str:
    """The account list narrowed to a segment; those without one cannot be asked for."""
    return reverse("accounts:account_list") if name == UNKNOWN else _accounts_url("segment", name)


def _accounts_url(parameter: str, value: str) -> str:
    return f"{reverse('accounts:account_list')}?{urlencode({parameter: value})}"


def arr_by_bucket_chart(summary: PortfolioSummary) -> ChartData:
    """Revenue by health bucket, the total in the middle."""
    return {
        "labels": [group.name for group in summary.buckets],
        "series": [
            {
                "name": "ARR",
                "values": [lakh_number(group.arr) for group in summary.buckets],
                "texts": [f"{rupees_full(group.arr)} ({percent(group.arr_share_pct)})" for group in summary.buckets],
            }
        ],
        "tones": [BUCKET_TONES[group.name] for group in summary.buckets],
        "links": [bucket_url(group.name) for group in summary.buckets],
        "x_title": "Bucket",
        "y_title": "ARR, ₹ lakh",
        "centre": rupees_compact(summary.total_arr),
        "centre_label": "ARR",
    }


def arr_by_bucket_finding(summary: PortfolioSummary) -> str:
    parts = [f"{group.name} {percent(group.arr_share_pct)}" for group in summary.buckets]
    return f"ARR of {rupees_compact(summary.total_arr)}: {', '.join(parts)}"


def arr_by_bucket_legend(summary: PortfolioSummary) -> list[LegendItem]:
    return [
        {
            "label": group.name,
            "value": rupees_compact(group.arr),
            "share": percent(group.arr_share_pct),
            "tone": BUCKET_TONES[group.name],
            "url": bucket_url(group.name),
        }
        for group in summary.buckets
    ]


def revenue_chart(points: Sequence[RevenuePoint]) -> ChartData:
    """ARR month by month; a ledger that was always empty has nothing to draw."""
    shown = [point for at, point in enumerate(points) if any(each.arr for each in points[: at + 1])]
    return {
        "labels": [month_text(point.month) for point in shown],
        "series": [
            {
                "name": "ARR",
                "values": [lakh_number(point.arr) for point in shown],
                "texts": [rupees_full(point.arr) for point in shown],
                "tone": "blue",
            }
        ],
        "x_title": "Month",
        "y_title": "ARR, ₹ lakh",
        "tick_prefix": "₹",
        "tick_suffix": "L",
        "note": "The axis may start above 0",
    }


def revenue_finding(points: Sequence[RevenuePoint]) -> str:
    if not points:
        return "No revenue is known"
    first, last = next((point for point in points if point.arr), points[-1]), points[-1]
    return (
        f"ARR went from {rupees_compact(first.arr)} in {month_text(first.month)} "
        f"to {rupees_compact(last.arr)} in {month_text(last.month)}"
    )


class SegmentRow(TypedDict):
    group: Group
    url: str


def segment_rows(summary: PortfolioSummary) -> list[SegmentRow]:
    return [{"group": group, "url": segment_url(group.name)} for group in summary.segments]


class BucketRow(TypedDict):
    group: Group
    url: str
    tone: str
    bar_tone: str


def bucket_rows(summary: PortfolioSummary) -> list[BucketRow]:
    return [
        {
            "group": group,
            "url": bucket_url(group.name),
            "tone": BUCKET_TONES[group.name],
            "bar_tone": "band-unknown" if group.name == UNKNOWN else f"band-{BUCKET_TONES[group.name]}",
        }
        for group in summary.buckets
    ]
