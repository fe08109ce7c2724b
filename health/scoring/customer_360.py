"""The customer-360 scorecard: four groups of measures, each group a mean of what is known in it.

A measure gives 0 to 1 along a straight line from its `worst` value to its `best`. A group is the mean of its known
measures by their points, the score the mean of the groups that have any by theirs: a group in which one measure is
missing keeps its whole weight, one that is missing altogether leaves its weight to the others. The share of all
points that is known is the coverage; under 40 % there is no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

import numpy as np

from health.scoring.parts import share_out
from health.scoring.score import MINIMUM_COVERAGE, round_half_up

NEWEST = 0


class MeasureRow(TypedDict):
    """A measure as a scorecard row stores it.

    `window_days` is over which days it is taken, `max_age_days` how old a record may be to count."""

    key: str
    label: str
    group: str
    max_points: float
    worst: float
    best: float | None
    window_days: int
    max_age_days: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureResult:
    """What one measure gave: `share` (0-1) and what it `adds` to the score; None where it is not known."""

    row: MeasureRow
    value: float | None
    share: float | None
    adds: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """`points` of `max_points` of the score; None where nothing of the group is known."""

    name: str
    weight: float
    points: Decimal | None
    max_points: Decimal | None
    measures: tuple[MeasureResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The parts add up to the score exactly."""

    score: Decimal | None
    coverage: float
    groups: tuple[GroupResult, ...]


def score_customer(rows: Iterable[MeasureRow], values: Mapping[str, float | None]) -> Result:
    """Score one account by these rows."""
    rows = list(rows)
    groups: dict[str, list[MeasureRow]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    shares = {row["key"]: _share(row, values.get(row["key"])) for row in rows}
    weights = {name: sum(row["max_points"] for row in members) for name, members in groups.items()}
    present = {
        name: sum(row["max_points"] for row in members if shares[row["key"]] is not None)
        for name, members in groups.items()
    }
    coverage = sum(present.values()) / sum(weights.values())
    whole = sum(weights[name] for name in groups if present[name])
    exact = {
        row["key"]: 100 * weights[row["group"]] / whole * row["max_points"] / present[row["group"]] * share
        for row in rows
        if (share := shares[row["key"]]) is not None
    }
    score = None
    if coverage >= MINIMUM_COVERAGE:
        score = Decimal(str(round_half_up(np.array([sum(exact.values())]))[0]))
    most = share_out(Decimal("100.0"), {name: weights[name] for name in groups if present[name]})
    points, adds = _shared_out(score, groups, exact, most)
    return Result(
        score=score,
        coverage=coverage,
        groups=tuple(
            GroupResult(
                name=name,
                weight=weights[name],
                points=points.get(name),
                max_points=most.get(name),
                measures=tuple(
                    MeasureResult(
                        row=row, value=values.get(row["key"]), share=shares[row["key"]], adds=adds.get(row["key"])
                    )
                    for row in members
                ),
            )
            for name, members in groups.items()
        ),
    )


def _shared_out(
    score: Decimal | None,
    groups: Mapping[str, list[MeasureRow]],
    exact: Mapping[str, float],
    most: Mapping[str, Decimal],
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """The score among the groups, and each group's points among its measures, both to the tenth."""
    if score is None:
        return {}, {}
    known = {name: [row["key"] for row in members if row["key"] in exact] for name, members in groups.items()}
    sums = {name: sum(exact[key] for key in keys) for name, keys in known.items() if keys}
    points = share_out(score, sums, at_most=most)
    adds: dict[str, Decimal] = {}
    for name, total in points.items():
        adds |= share_out(total, {key: exact[key] for key in known[name]})
    return points, adds


def _share(row: MeasureRow, value: float | None) -> float | None:
    best = row["best"]
    if value is None or best is None or best == row["worst"]:
        return None
    return min(max((value - row["worst"]) / (best - row["worst"]), 0.0), 1.0)


def _row(
    group: str,
    key: str,
    label: str,
    ends: tuple[float, float],
    unit: str,
    *,
    points: float,
    days: int,
    age: int = NEWEST,
) -> MeasureRow:
    return {
        "key": key,
        "label": label,
        "group": group,
        "max_points": points,
        "worst": ends[0],
        "best": ends[1],
        "window_days": days,
        "max_age_days": age or days,
        "unit": unit,
    }


USAGE, SUPPORT, ENGAGEMENT, BUSINESS = "Product usage", "Support", "Engagement", "Business"
CUSTOMER_360_SCORECARD: tuple[MeasureRow, ...] = (
    _row(USAGE, "login_rate", "Login frequency", (0, 1), "rate", points=10, days=30),
    _row(USAGE, "adoption_pct", "Feature adoption", (0, 100), "percent", points=10, days=30),
    _row(USAGE, "session_minutes", "Session length", (0, 30), "minutes", points=10, days=30),
    _row(USAGE, "active_share", "Active users of those expected", (0, 1), "rate", points=10, days=30),
    _row(SUPPORT, "tickets_opened", "Tickets opened", (10, 0), "tickets", points=6.25, days=90),
    _row(SUPPORT, "grave_tickets", "Open and critical, escalated or late", (3, 0), "tickets", points=6.25, days=90),
    _row(SUPPORT, "resolution_hours", "Time to resolve", (120, 8), "hours", points=6.25, days=90),
    _row(SUPPORT, "csat", "Customer satisfaction", (1, 5), "of 5", points=6.25, days=90),
    _row(ENGAGEMENT, "contact_share", "Contacts of those the cadence asks for", (0, 1), "rate", points=5, days=90),
    _row(ENGAGEMENT, "tasks_in_time", "Tasks done in time", (0, 1), "rate", points=5, days=90),
    _row(ENGAGEMENT, "good_outcomes", "Outcomes", (0, 1), "rate", points=5, days=90),
    _row(ENGAGEMENT, "people_met", "People who took part", (0, 3), "people", points=5, days=90),
    _row(BUSINESS, "arr_to_average", "ARR beside the average account's", (0, 1), "rate", points=3.75, days=365),
    _row(BUSINESS, "average_delay", "Payment delay", (45, 0), "days", points=3.75, days=365),
    _row(BUSINESS, "arr_change_pct", "Change of ARR", (-20, 20), "percent", points=3.75, days=365),
    _row(BUSINESS, "renewal_pct", "Renewal likelihood", (0, 100), "percent", points=3.75, days=120),
)
"""40, 25, 20 and 15 points."""
