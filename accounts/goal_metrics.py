"""Where the values of automatic goals come from: each room registers readers of what it owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.enums import GoalMetric

if TYPE_CHECKING:
    from accounts.models import Goal
    from csplatform.models import Organization

Reader = Callable[["Organization", Sequence["Goal"], date], Mapping[int, Decimal]]
"""Reads the values of many goals of one organisation at once, by the goals' keys. What is not known is left out."""

READERS: dict[GoalMetric, Reader] = {}


def register(metric: GoalMetric | str, reader: Reader) -> None:
    """Say who reads a metric; called from the `ready` of the room that owns the facts."""
    metric = GoalMetric(metric)
    if READERS.setdefault(metric, reader) is not reader:
        raise ValueError(f"Two readers of {metric!r}.")


def read_values(organization: Organization, goals: Sequence[Goal], *, today: date) -> dict[int, Decimal]:
    """The live values of automatic goals, one call per metric; unknown values are left out."""
    by_metric: dict[GoalMetric, list[Goal]] = defaultdict(list)
    for goal in goals:
        by_metric[GoalMetric(goal.metric_type)].append(goal)
    found: dict[int, Decimal] = {}
    for metric, some in by_metric.items():
        if metric in READERS:
            found |= READERS[metric](organization, some, today)
    return found
