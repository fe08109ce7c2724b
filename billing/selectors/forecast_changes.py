"""Who changed what the forecast assumes, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from billing.models import ForecastAssumptions
from billing.services.forecast import FIGURES
from csplatform.formatting import trimmed
from csplatform.models import Organization

MOST_SHOWN = 10
LABELS = {
    "healthy_pct": "Healthy",
    "watchlist_pct": "Watchlist",
    "at_risk_pct": "At Risk",
    "critical_pct": "Critical",
    "unknown_pct": "Unknown health",
    "weight": "Weight",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastChange:
    at: datetime
    who: str
    what: str
    """`Healthy from 95 to 90 %, weight from 10 to 20`"""


def forecast_changes(organization: Organization) -> Sequence[ForecastChange]:
    """The newest first. One query."""
    rows = ForecastAssumptions.history.filter(organization=organization).select_related("history_user")
    versions: list[Any] = list(rows.order_by("-history_date", "-history_id")[: MOST_SHOWN + 1])
    if len(versions) <= MOST_SHOWN:
        versions.append(ForecastAssumptions(organization=organization))  # the first one changed the defaults
    return [
        ForecastChange(
            at=new.history_date,
            who=new.history_user.display_name if new.history_user else "System",
            what=_difference(old, new),
        )
        for new, old in pairwise(versions)
    ]


def _difference(old: Any, new: Any) -> str:
    changed = [name for name in FIGURES if getattr(old, name) != getattr(new, name)]
    return ", ".join(f"{LABELS[name]} from {_figure(name, old)} to {_figure(name, new)}" for name in changed)


def _figure(name: str, version: Any) -> str:
    value = getattr(version, name)
    return str(value) if name == "weight" else f"{trimmed(value, 2)}%"
