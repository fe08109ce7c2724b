"""Revenue as charts draw it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from billing.selectors.mrr import MrrBridge, RevenuePoint
from csplatform.charts import ChartData, Tone
from csplatform.formatting import lakh_number, month_text, rupees_compact, rupees_full


def bridge_chart(bridge: MrrBridge) -> ChartData:
    """From opening to closing, each movement standing where the one before ended."""
    steps: list[tuple[str, Decimal, Tone]] = [
        ("New", bridge.new, "green"),
        ("Reactivation", bridge.reactivation, "green"),
        ("Expansion", bridge.expansion, "green"),
        ("Contraction", bridge.contraction, "amber"),
        ("Churn", bridge.churn, "red"),
    ]
    labels, values, spans = ["Opening"], [lakh_number(bridge.opening)], [[0.0, lakh_number(bridge.opening)]]
    texts, tones = [rupees_full(bridge.opening)], ["blue"]
    level = bridge.opening
    for label, amount, tone in steps:
        labels.append(label)
        values.append(lakh_number(amount))
        spans.append([lakh_number(level), lakh_number(level + amount)])
        texts.append(f"{'+' if amount > 0 else ''}{rupees_full(amount)}")
        tones.append(tone)
        level += amount
    labels.append("Closing")
    values.append(lakh_number(bridge.closing))
    spans.append([0.0, lakh_number(bridge.closing)])
    texts.append(rupees_full(bridge.closing))
    tones.append("blue")
    return {
        "labels": labels if bridge.opening or bridge.closing or any(amount for _, amount, _ in steps) else [],
        "series": [{"name": "MRR", "values": [*values], "texts": texts, "spans": spans}],
        "tones": tones,  # type: ignore[typeddict-item]  # made of the tones above
        "x_title": "Movement",
        "y_title": "MRR, ₹ lakh",
        "tick_prefix": "₹",
        "tick_suffix": "L",
    }


def bridge_finding(bridge: MrrBridge) -> str:
    """The one sentence that stands for the chart."""
    return (
        f"MRR went from {rupees_compact(bridge.opening)} to {rupees_compact(bridge.closing)}: "
        f"{rupees_compact(bridge.new + bridge.reactivation + bridge.expansion)} came, "
        f"{rupees_compact(-(bridge.contraction + bridge.churn))} went"
    )


def mrr_chart(points: Sequence[RevenuePoint]) -> ChartData:
    """MRR month by month; a ledger that was always empty has nothing to draw."""
    shown = [point for at, point in enumerate(points) if any(each.mrr for each in points[: at + 1])]
    return {
        "labels": [month_text(point.month) for point in shown],
        "series": [
            {
                "name": "MRR",
                "values": [lakh_number(point.mrr) for point in shown],
                "texts": [rupees_full(point.mrr) for point in shown],
                "tone": "blue",
            }
        ],
        "x_title": "Month",
        "y_title": "MRR, ₹ lakh",
        "tick_prefix": "₹",
        "tick_suffix": "L",
        "minimum": 0,
    }


def mrr_finding(points: Sequence[RevenuePoint]) -> str:
    shown = [point for point in points if point.mrr]
    if not shown:
        return "No MRR in this time"
    first, last = shown[0], points[-1]
    return f"MRR went from {rupees_compact(first.mrr)} in {month_text(first.month)} to {rupees_compact(last.mrr)} now"
