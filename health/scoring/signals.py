"""What a scorecard measures: signals, their weights and their curves, all of it data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from health.scoring.guards import Guard, GuardRow, daily_measures, guards_from_rows
from health.scoring.measures import MEASURES, Source

WEIGHT = "weight_"
"""Begins the columns that say how much of its weight a fading signal still has, from 0 to 1."""
GATHERED = "gathered_"
"""Begins the columns of what is gathered over a window, where those of the day keep their names."""


class SignalRow(TypedDict):
    """A signal as a scorecard row stores it; a `best` of null means the account's own target."""

    key: str
    label: str
    max_points: float
    worst: float
    best: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A straight line from the worst value (no points) to the best one (all points), level beyond both.

    Where less is better the worst value is the larger one. Without a best value the account's own
    target stands there: its seats, or the organisation's setting.
    """

    worst: float
    best: float | None

    def __post_init__(self) -> None:
        if self.worst == self.best:
            raise ValueError("A curve needs two different ends.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measure of a scorecard: `key` names the column of the daily metrics that holds it.

    One in a group is no column of a day: it is gathered over its own window, from whatever holds it.
    """

    key: str
    label: str
    max_points: float
    curve: Curve
    group: str = ""

    @property
    def column(self) -> str:
        """What holds it in a frame; beside those of the day, which risk factors and guards ask about."""
        return f"{GATHERED}{self.key}" if self.group else self.key

    @property
    def has_own_target(self) -> bool:
        return self.curve.best is None

    @property
    def is_daily(self) -> bool:
        """Whether a row of daily metrics holds it."""
        measure = None if self.group else MEASURES.get(self.key)
        return not self.group and (measure is None or measure.source is Source.METRICS)

    @property
    def fades(self) -> bool:
        return not self.group and self.key in MEASURES and MEASURES[self.key].half_life_days > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardRules:
    """Everything needed to score: the signals in the order they are shown, and the guards in the order they count."""

    signals: tuple[Signal, ...]
    guards: tuple[Guard, ...] = ()

    def __post_init__(self) -> None:
        if not self.signals or any(signal.max_points <= 0 for signal in self.signals):
            raise ValueError("A scorecard needs signals, each with points to give.")

    @property
    def total_points(self) -> float:
        return sum(signal.max_points for signal in self.signals)

    @property
    def is_grouped(self) -> bool:
        """Whether its signals come in groups and are gathered, as those of the customer-360 scorecard are."""
        return any(signal.group for signal in self.signals)

    @property
    def columns(self) -> list[str]:
        """What is read of a day's metrics: the signals, then what only guards ask about."""
        daily = (signal.key for signal in self.signals if signal.is_daily)
        return list(dict.fromkeys([*daily, *daily_measures(self.guards)]))

    @property
    def groups(self) -> list[list[Signal]]:
        """The signals by group; one without a group is a group of its own."""
        found: dict[str, list[Signal]] = {}
        for signal in self.signals:
            found.setdefault(signal.group or f"of {signal.key}", []).append(signal)
        return list(found.values())

    def weights(self, known: Collection[str], left: Mapping[str, float] | None = None) -> dict[str, float]:
        """How many of the 100 points each known signal can add: a group of which one is known keeps its weight.

        `left` says of signals that fade how much of their weight they have.
        """
        points = {each.key: each.max_points * (left or {}).get(each.key, 1.0) for each in self.signals}
        groups = [(group, [each.key for each in group if each.key in known]) for group in self.groups]
        total = sum(_points(group, points) for group, present in groups if present)
        return {
            key: 100.0 * _points(group, points) / total * points[key] / sum(points[each] for each in present)
            for group, present in groups
            for key in present
        }

    @property
    def of_days(self) -> ScorecardRules | None:
        """The same without signals that no row of a day holds, for what looks at days alone; None if none is left."""
        daily = tuple(signal for signal in self.signals if signal.is_daily)
        return replace(self, signals=daily) if daily else None

    def asks_for(self, measure: str) -> bool:
        """Whether a signal or a guard looks at it."""
        return any(signal.key == measure and not signal.group for signal in self.signals) or any(
            condition.measure == measure for guard in self.guards for condition in guard.conditions
        )

    @property
    def asks_accounts(self) -> bool:
        """Whether it takes more than the row of a day to score."""
        return not all(signal.is_daily for signal in self.signals) or any(
            MEASURES[condition.measure].source is Source.ACCOUNT
            for guard in self.guards
            for condition in guard.conditions
        )


def _points(signals: Iterable[Signal], points: Mapping[str, float]) -> float:
    return sum(points[signal.key] for signal in signals)


def rules_from_rows(
    rows: Iterable[SignalRow | Mapping[str, object]], guards: Iterable[GuardRow | Mapping[str, Any]] = ()
) -> ScorecardRules:
    """Read the signals and guards of a stored scorecard."""
    return ScorecardRules(signals=tuple(_signal(row) for row in rows), guards=guards_from_rows(guards))


def _signal(row: SignalRow | Mapping[str, object]) -> Signal:
    best = row["best"]
    return Signal(
        key=str(row["key"]),
        label=str(row["label"]),
        max_points=float(str(row["max_points"])),
        curve=Curve(worst=float(str(row["worst"])), best=None if best is None else float(str(best))),
        group=str(row.get("group", "")),
    )


SIGNALS_SCORECARD: tuple[SignalRow, ...] = (
    {
        "key": "daily_active_users",
        "label": "Daily active users",
        "max_points": 25,
        "worst": 0,
        "best": None,
    },
    {"key": "adoption_pct", "label": "Feature adoption", "max_points": 25, "worst": 0, "best": 100},
    {"key": "tickets_open", "label": "Open support tickets", "max_points": 20, "worst": 10, "best": 0},
    {"key": "nps", "label": "NPS", "max_points": 15, "worst": -100, "best": 100},
    {"key": "login_rate", "label": "Login frequency", "max_points": 15, "worst": 0, "best": 1},
)
