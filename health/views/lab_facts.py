"""A run of the lab over customer facts, in the words of its page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from csplatform.formatting import counted, number, percent
from health.models import LabRun


def facts_context(run: LabRun) -> dict[str, Any]:
    """What the page prints of a result; nothing while there is none. Columns are parted by whether they tell more
    than chance would."""
    found = run.result
    if found is None:
        return {"found": None}
    columns = [
        {
            "label": column["label"],
            "auc": column["separation"]["auc"],
            "low": column["separation"]["low"],
            "high": column["separation"]["high"],
            "tells": column["separation"]["tells_apart"],
            "way": _way(column),
            "missing": number(column["missing"]) if column["missing"] else "none",
        }
        for column in found["columns"]
    ]
    return {
        "found": found,
        "base_rate": _share(found["churned"], found["accounts"]),
        "flagged": [_flagged(each) for each in found["flagged"]],
        "telling": [column for column in columns if column["tells"]],
        "silent": [column["label"] for column in columns if not column["tells"]],
    }


def _way(column: dict[str, Any]) -> str:
    """In which direction a column tells."""
    if column["medians"]:
        left, stayed = column["medians"]
        word = "Lower" if left < stayed else "Higher" if left > stayed else "Otherwise spread"
        return f"{word}: {_figure(left)} in the middle of those who left, {_figure(stayed)} of the others"
    if column["levels"]:
        most, fewest = column["levels"]
        return f"{_level(most)} left; {_level(fewest)}"
    return ""


def _level(level: dict[str, Any]) -> str:
    return f"{level['text']}: {_share(level['churned'], level['customers'])} of {number(level['customers'])}"


def _flagged(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"The riskiest {percent(Decimal(str(round(100 * each['share']))))}",
        "customers": counted(each["flagged"], "customer"),
        "hits": each["hits"],
        "precision": percent(Decimal(str(round(100 * each["precision"], 1)))),
        "recall": percent(Decimal(str(round(100 * each["recall"], 1)))),
    }


def _share(part: int, whole: int) -> str:
    return percent(Decimal(str(round(100 * part / whole, 1)))) if whole else "–"


def _figure(value: float) -> str:
    return number(Decimal(str(value)), 0 if value == int(value) else 2)
