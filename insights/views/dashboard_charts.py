"""The account-management dashboard's figures as charts draw them."""

from __future__ import annotations

from typing import Any

from django.utils.http import urlencode

from accounts.enums import Band, TicketPriority
from accounts.selectors.support import SupportStats
from csplatform.charts import ChartData, Tone
from csplatform.formatting import (
    counted,
    lakh_number,
    month_text,
    number,
    percent,
    rupees_compact,
    rupees_full,
    share_pct,
)
from insights.selectors.dashboard.health import PortfolioHealth
from insights.selectors.dashboard.revenue import PortfolioRevenue

BAND_TONES: dict[Band, Tone] = {
    Band.HEALTHY: "healthy",
    Band.WATCHLIST: "watchlist",
    Band.AT_RISK: "at-risk",
    Band.CRITICAL: "critical",
}
PRIORITY_TONES: dict[TicketPriority, Tone] = {
    TicketPriority.CRITICAL: "red",
    TicketPriority.HIGH: "orange",
    TicketPriority.MEDIUM: "amber",
    TicketPriority.LOW: "blue",
}
CUT_FROM = 0.25
"""Lines may begin above 0 where all of them lie higher than this share of the largest value."""


def band_link(query: dict[str, str], band: Band | None) -> str:
    """The page with its lists narrowed to a band, or with all of them again."""
    kept = {name: value for name, value in query.items() if name not in {"band", "page"}}
    return f"?{urlencode(kept | ({'band': band.value} if band else {}))}"


def health_chart(health: PortfolioHealth, query: dict[str, str]) -> ChartData:
    total = sum(health.bands.values())
    return {
        "labels": [band.label for band in health.bands] if total else [],
        "series": [
            {
                "name": "Accounts",
                "values": list(health.bands.values()),
                "texts": [_of(count, total) for count in health.bands.values()],
            }
        ],
        "tones": [BAND_TONES[band] for band in health.bands],
        "links": [band_link(query, band) for band in health.bands],
        "x_title": "Band",
        "y_title": "Accounts",
        "centre": number(total),
        "centre_label": "accounts",
    }


def health_finding(health: PortfolioHealth) -> str:
    total = sum(health.bands.values())
    parts = ", ".join(f"{band.label} {count}" for band, count in health.bands.items())
    return f"{health.at_risk} of {counted(total, 'scored account')} are at risk: {parts}"


def health_legend(health: PortfolioHealth, query: dict[str, str], chosen: Band | None) -> list[dict[str, Any]]:
    """One line for each band; the chosen one leads back to all."""
    total = sum(health.bands.values())
    return [
        {
            "label": band.label,
            "value": number(count),
            "share": percent(share_pct(count, total)),
            "tone": BAND_TONES[band],
            "url": band_link(query, None if band is chosen else band),
            "is_chosen": band is chosen,
        }
        for band, count in health.bands.items()
    ]


def mrr_chart(revenue: PortfolioRevenue) -> ChartData:
    """Two lines, the second dashed; the axis may begin above 0 and then says so."""
    lines = [[point.mrr for point in revenue.months], revenue.collected]
    highest, lowest = max(map(max, lines)), min(map(min, lines))
    chart: ChartData = {
        "labels": [month_text(point.month) for point in revenue.months] if highest else [],
        "series": [
            {
                "name": "Existing MRR",
                "values": [lakh_number(mrr) for mrr in lines[0]],
                "texts": [rupees_full(mrr) for mrr in lines[0]],
                "tone": "blue",
                "kind": "line",
            },
            {
                "name": "Collected MRR",
                "values": [lakh_number(mrr) for mrr in lines[1]],
                "texts": [rupees_full(mrr) for mrr in lines[1]],
                "tone": "green",
                "kind": "line",
                "dashed": True,
            },
        ],
        "x_title": "Month",
        "y_title": "₹ lakh",
        "tick_prefix": "₹",
        "tick_suffix": "L",
    }
    if highest and lowest > highest * type(highest)(CUT_FROM):
        chart["note"] = "The axis does not begin at 0"
    else:
        chart["minimum"] = 0
    return chart


def mrr_finding(revenue: PortfolioRevenue) -> str:
    return (
        f"MRR went from {rupees_compact(revenue.months[0].mrr)} to {rupees_compact(revenue.mrr)} in six months; "
        f"{rupees_compact(revenue.collected[-1])} of it has been paid for"
    )


def tickets_chart(support: SupportStats, links: dict[str, str]) -> ChartData:
    chart: ChartData = {
        "labels": [priority.label for priority in support.by_priority] if support.open else [],
        "series": [
            {
                "name": "Open tickets",
                "values": list(support.by_priority.values()),
                "texts": [_of(count, support.open) for count in support.by_priority.values()],
            }
        ],
        "tones": [PRIORITY_TONES[priority] for priority in support.by_priority],
        "x_title": "Priority",
        "y_title": "Open tickets",
        "centre": number(support.open),
        "centre_label": "open",
    }
    if links:
        chart["links"] = [links[priority] for priority in support.by_priority]
    return chart


def tickets_finding(support: SupportStats) -> str:
    parts = ", ".join(f"{priority.label} {count}" for priority, count in support.by_priority.items())
    return f"{counted(support.open, 'open ticket')}: {parts}"


def tickets_legend(support: SupportStats, links: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": priority.label,
            "value": number(count),
            "share": percent(share_pct(count, support.open)),
            "tone": PRIORITY_TONES[priority],
            "url": links.get(priority, ""),
        }
        for priority, count in support.by_priority.items()
    ]


def _of(count: int, total: int) -> str:
    return f"{number(count)} of {number(total)} ({percent(share_pct(count, total))})"
