"""The billing dashboard's figures as charts draw them."""

from __future__ import annotations

from billing.enums import AgeBucket
from billing.selectors.dashboard.receivables import CollectionPoint, Receivables
from billing.selectors.dashboard.revenue import BillingRevenue, ProductRevenue, SalesMonth
from csplatform.charts import ChartData, Tone
from csplatform.formatting import counted, lakh_number, month_text, percent, rupees_full, rupees_kpi, share_pct

AGE_TONES: dict[AgeBucket, Tone] = {
    AgeBucket.UP_TO_30: "green",
    AgeBucket.UP_TO_60: "amber",
    AgeBucket.UP_TO_90: "orange",
    AgeBucket.OVER_90: "red",
}
LAKH_AXIS = "₹ lakh"
CUT_BY = 10


def sales_chart(months: list[SalesMonth]) -> ChartData:
    """Two lines, and what is pending of each month as bars."""
    nothing = not any(month.invoiced or month.collected for month in months)
    return {
        "labels": [] if nothing else [month_text(month.month) for month in months],
        "series": [
            {
                "name": "Invoiced",
                "values": [lakh_number(month.invoiced) for month in months],
                "texts": [rupees_full(month.invoiced) for month in months],
                "tone": "blue",
                "kind": "line",
            },
            {
                "name": "Collected",
                "values": [lakh_number(month.collected) for month in months],
                "texts": [rupees_full(month.collected) for month in months],
                "tone": "green",
                "kind": "line",
                "dashed": True,
            },
            {
                "name": "Pending",
                "values": [lakh_number(month.pending) for month in months],
                "texts": [rupees_full(month.pending) for month in months],
                "tone": "amber",
                "kind": "bar",
            },
        ],
        "x_title": "Month of issue",
        "y_title": LAKH_AXIS,
        "tick_prefix": "₹",
        "tick_suffix": "L",
        "minimum": 0,
    }


def sales_finding(months: list[SalesMonth]) -> str:
    invoiced, collected = sum(month.invoiced for month in months), sum(month.collected for month in months)
    return (
        f"Of {rupees_kpi(invoiced)} invoiced in six months, {rupees_kpi(collected)} "
        f"({percent(share_pct(collected, invoiced))}) has come in"
    )


def ages_chart(owed: Receivables) -> ChartData:
    return {
        "labels": [bucket.label for bucket in AgeBucket] if owed.overdue else [],
        "series": [
            {
                "name": "Overdue",
                "values": [lakh_number(owed.ages[bucket]) for bucket in AgeBucket],
                "texts": [
                    f"{rupees_full(owed.ages[bucket])} ({percent(share_pct(owed.ages[bucket], owed.overdue))})"
                    for bucket in AgeBucket
                ],
            }
        ],
        "tones": [AGE_TONES[bucket] for bucket in AgeBucket],
        "x_title": "Days past the due date",
        "y_title": LAKH_AXIS,
        "tick_prefix": "₹",
        "tick_suffix": "L",
        "minimum": 0,
    }


def ages_finding(owed: Receivables) -> str:
    parts = [f"{bucket.label} {rupees_kpi(owed.ages[bucket])}" for bucket in AgeBucket]
    return f"Overdue {rupees_kpi(owed.overdue)}: {', '.join(parts)}"


def trend_chart(points: list[CollectionPoint]) -> ChartData:
    """The axis is cut a little below the lowest point, and says so."""
    lowest = min((float(point.rate_pct) for point in points), default=0.0)
    floor = max(0.0, (lowest // CUT_BY - 1) * CUT_BY)
    chart: ChartData = {
        "labels": [point.label for point in points] if any(point.rate_pct for point in points) else [],
        "series": [
            {
                "name": "Collection rate",
                "values": [float(point.rate_pct) for point in points],
                "texts": [percent(point.rate_pct) for point in points],
                "tone": "blue",
            }
        ],
        "x_title": "Stretch of the window",
        "y_title": "Collected of what should have come in, %",
        "tick_suffix": "%",
        "minimum": floor,
        "maximum": 100.0,
    }
    if floor:
        chart["note"] = f"The axis begins at {floor:.0f}%"
    return chart


def trend_finding(points: list[CollectionPoint]) -> str:
    return ", ".join(f"{point.label} {percent(point.rate_pct)}" for point in points)


def reasons_chart(revenue: BillingRevenue) -> ChartData:
    """Bars, the largest first."""
    ranked = sorted(revenue.refund_reasons.items(), key=lambda each: -each[1])
    return {
        "labels": [reason.label for reason, _ in ranked] if revenue.refunds else [],
        "series": [
            {
                "name": "Refunds",
                "values": [float(count) for _, count in ranked],
                "texts": [f"{count} of {revenue.refunds}" for _, count in ranked],
                "tone": "orange",
            }
        ],
        "x_title": "Reason",
        "y_title": "Refunds (a count)",
    }


def reasons_finding(revenue: BillingRevenue) -> str:
    said = [f"{reason.label} {count}" for reason, count in revenue.refund_reasons.items() if count]
    return f"{counted(revenue.refunds, 'refund')}: {', '.join(said)}"


def products_chart(rows: list[ProductRevenue]) -> ChartData:
    nothing = not any(row.invoiced or row.collected for row in rows)
    return {
        "labels": [] if nothing else [row.label.label for row in rows],
        "series": [
            {
                "name": "Invoiced",
                "values": [lakh_number(row.invoiced) for row in rows],
                "texts": [rupees_full(row.invoiced) for row in rows],
                "tone": "blue",
            },
            {
                "name": "Collected",
                "values": [lakh_number(row.collected) for row in rows],
                "texts": [
                    f"{rupees_full(row.collected)} (difference {rupees_full(row.invoiced - row.collected)})"
                    for row in rows
                ],
                "tone": "green",
            },
        ],
        "x_title": "Product",
        "y_title": LAKH_AXIS,
        "tick_prefix": "₹",
        "tick_suffix": "L",
        "minimum": 0,
    }


def products_finding(rows: list[ProductRevenue]) -> str:
    largest = max(rows, key=lambda row: row.invoiced)
    return f"{largest.label.label} brings the most: {rupees_kpi(largest.invoiced)} invoiced"
