"""Health's figures as charts draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from django.urls import reverse
from django.utils.http import urlencode

from accounts.bands import BANDS, HIGHEST
from accounts.enums import Band
from accounts.filters import UNKNOWN
from csplatform.charts import ChartData, ShadedBand, Tone
from csplatform.formatting import counted, date_text, number, percent, trimmed
from health.selectors.history import HealthPoint, HealthWeek
from health.selectors.portfolio import HealthDistribution
from health.selectors.portfolio_trend import HealthLevel

TONES: dict[Band | None, Tone] = {
    Band.HEALTHY: "healthy",
    Band.WATCHLIST: "watchlist",
    Band.AT_RISK: "at-risk",
    Band.CRITICAL: "critical",
    None: "gray",
}
UNKNOWN_BAND = "Unknown"


class LegendItem(TypedDict):
    label: str
    value: str
    share: str
    tone: str
    url: str


class BandBar(TypedDict):
    label: str
    value: float | None
    text: str
    tone: str


def band_url(band: Band | None) -> str:
    """The account list narrowed to a band, or to what could not be scored."""
    return f"{reverse('accounts:account_list')}?{urlencode({'band': band or UNKNOWN})}"


def distribution_chart(distribution: HealthDistribution) -> ChartData:
    """Slices in the order of the bands; accounts without a score are a slice only when there are any."""
    shares = [share for share in distribution.bands if share.band or share.accounts]
    return {
        "labels": [share.band or UNKNOWN_BAND for share in shares] if distribution.total else [],
        "series": [
            {
                "name": "Accounts",
                "values": [float(share.accounts) for share in shares],
                "texts": [
                    f"{number(share.accounts)} of {number(distribution.total)} ({percent(share.share_pct)})"
                    for share in shares
                ],
            }
        ],
        "tones": [TONES[share.band] for share in shares],
        "links": [band_url(share.band) for share in shares],
        "x_title": "Band",
        "y_title": "Accounts",
        "centre": number(distribution.total),
        "centre_label": "account" if distribution.total == 1 else "accounts",
    }


def distribution_finding(distribution: HealthDistribution) -> str:
    """The one sentence that stands for the chart."""
    return (
        f"{number(distribution.at_risk)} of {counted(distribution.total, 'open account')} "
        f"{'is' if distribution.at_risk == 1 else 'are'} at risk or critical"
    )


def distribution_legend(distribution: HealthDistribution) -> list[LegendItem]:
    return [
        {
            "label": share.band or UNKNOWN_BAND,
            "value": number(share.accounts),
            "share": percent(share.share_pct),
            "tone": TONES[share.band],
            "url": band_url(share.band),
        }
        for share in distribution.bands
        if share.band or share.accounts
    ]


def history_chart(points: Sequence[HealthPoint]) -> ChartData:
    """The score over time before the bands, so that a line through a boundary is seen to cross it."""
    return {
        "labels": [date_text(point.date) for point in points],
        "series": [
            {
                "name": "Health score",
                "values": [None if point.score is None else float(point.score) for point in points],
                "texts": [_score_text(point) for point in points],
                "tone": "blue",
            }
        ],
        "x_title": "Date",
        "y_title": "Health score",
        "minimum": 0,
        "maximum": HIGHEST,
        "bands": _shaded_bands(),
    }


def average_chart(levels: Sequence[HealthLevel]) -> ChartData:
    """The average score week by week, on a stretch of the scale that lets small moves be seen."""
    averages = [level.average for level in levels] or [Decimal(0)]
    low = max(0, int(min(averages)) // 10 * 10 - 10)
    high = min(100, int(max(averages)) // 10 * 10 + 20)
    return {
        "labels": [date_text(level.date) for level in levels],
        "series": [
            {
                "name": "Average health",
                "values": [float(level.average) for level in levels],
                "texts": [f"{trimmed(level.average)} over {counted(level.accounts, 'account')}" for level in levels],
                "tone": "green",
            }
        ],
        "x_title": "Week",
        "y_title": "Average score",
        "minimum": low,
        "maximum": high,
        "note": f"The axis shows {low} to {high} of 100",
    }


def average_finding(levels: Sequence[HealthLevel]) -> str:
    if len(levels) < 2:
        return "Too few weeks to compare"
    first, last = levels[0], levels[-1]
    return (
        f"Average health went from {trimmed(first.average)} on {date_text(first.date)} "
        f"to {trimmed(last.average)} on {date_text(last.date)}"
    )


def week_bars(weeks: Sequence[HealthWeek]) -> list[BandBar]:
    return [
        {
            "label": f"{date_text(week.start)} to {date_text(week.end)}",
            "value": None if week.score is None else float(week.score),
            "text": UNKNOWN_BAND if week.score is None else f"{trimmed(week.score)} {week.band}",
            "tone": f"band-{TONES[week.band] if week.band else 'unknown'}",
        }
        for week in weeks
    ]


def weeks_in_words(weeks: Sequence[HealthWeek]) -> str:
    """`Watchlist in 11 weeks, At Risk in 1 week`: the bands in their order, so colour is not all there is."""
    counts = Counter(week.band for week in weeks)
    return ", ".join(
        f"{band or UNKNOWN_BAND} in {counted(counts[band], 'week')}" for band in (*Band, None) if counts[band]
    )


def history_finding(points: Sequence[HealthPoint]) -> str:
    """The one sentence that stands for the chart."""
    known = [point for point in points if point.score is not None]
    if len(known) < 2:
        return f"{counted(len(known), 'score')} in this time"
    first, last = known[0], known[-1]
    return (
        f"Health went from {trimmed(first.score or 0)} on {date_text(first.date)} "
        f"to {trimmed(last.score or 0)} on {date_text(last.date)}"
    )


def _score_text(point: HealthPoint) -> str:
    return UNKNOWN_BAND if point.score is None else f"{trimmed(point.score)} ({point.band})"


def _shaded_bands() -> list[ShadedBand]:
    tops = [HIGHEST, *(floor for floor, _ in BANDS)]
    return [
        {"low": floor, "high": top, "label": str(band), "tone": TONES[band]}
        for (floor, band), top in zip(BANDS, tops, strict=False)
    ]
