"""The signals that a scorecard may have, and what they must keep to, said in sentences that name the signal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from accounts.enums import Segment
from health.enums import ScorecardKind
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD
from health.scoring.measures import MEASURES
from health.scoring.signals import SIGNALS_SCORECARD

MOST_POINTS = 1000
ONLY_OFFERED: tuple[dict[str, Any], ...] = (
    {"key": "session_minutes", "label": "Session length", "max_points": 0, "worst": 0, "best": 30},
    {"key": "pulse", "label": "Pulse", "max_points": 0, "worst": 1, "best": 5},
    {"key": "training_completion_pct", "label": "Training completed", "max_points": 0, "worst": 0, "best": 100},
)
"""Signals that the default scorecard does without."""
BOUNDS: dict[str, tuple[float, float]] = {"rate": (0, 1), "percent": (-100, 1000), "of 5": (1, 5)}
"""What measures of the customer-360 scorecard can be, by their unit; the others are counts."""


def catalogue(kind: str) -> dict[str, Mapping[str, Any]]:
    """What a scorecard of this kind may measure, as its built-in rows have it."""
    rows: Sequence[Mapping[str, Any]]
    rows = CUSTOMER_360_SCORECARD if kind == ScorecardKind.CUSTOMER_360 else (*SIGNALS_SCORECARD, *ONLY_OFFERED)
    return {str(row["key"]): row for row in rows}


def signal_rows(kind: str, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows to store: what was given with its built-in label, in the catalogue's order; no weight leaves one out."""
    chosen = {row["key"]: row for row in given if row["max_points"] > 0}
    return [
        {**known, **{name: chosen[at][name] for name in ("max_points", "worst", "best")}}
        for at, known in catalogue(kind).items()
        if at in chosen
    ]


def signal_problems(kind: str, rows: object) -> list[str]:
    """What is wrong with the signals of a scorecard; nothing where all is well."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return ["Signals are a list, each with a key, max_points, worst and best."]
    known = catalogue(kind)
    problems = [problem for row in rows for problem in _row(row, known)]
    keys = [row.get("key") for row in rows]
    problems += [f"{known[at]['label']} is there twice." for at in known if keys.count(at) > 1]
    if not problems and not any(row["max_points"] > 0 for row in rows):
        problems.append("At least one signal needs a weight above 0.")
    return problems


def segment_problems(segments: object) -> list[str]:
    """What is wrong with the segments that a scorecard is for."""
    allowed = ", ".join(Segment.values)
    if not isinstance(segments, list):
        return [f"Segments are a list; there are {allowed}."]
    return [f"“{each}” is no segment; there are {allowed}." for each in segments if each not in Segment.values]


def _row(row: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    built_in = known.get(str(row.get("key")))
    if built_in is None:
        yield f"“{row.get('key')}” is no known signal; there are {', '.join(known)}."
        return
    label, weight = built_in["label"], row.get("max_points")
    if not _is_number(weight) or not 0 <= weight <= MOST_POINTS:
        yield f"{label}: the weight is a number from 0 to {MOST_POINTS}."
    yield from (f"{label}: {problem}" for problem in _curve(row.get("worst"), row.get("best"), built_in))


def _curve(worst: object, best: object, built_in: Mapping[str, Any]) -> Iterator[str]:
    lowest, highest, better = _nature(built_in)
    if best is None and built_in["best"] is None:
        # The account's own target stands there.
        ends = [worst]
        better = 0
    else:
        ends = [worst, best]
    if not all(_is_number(end) for end in ends):
        yield "the worst and the best value are numbers."
    elif not all(lowest <= end <= highest for end in ends):  # type: ignore[operator]  # numbers, see above
        yield f"its values lie between {lowest:g} and {highest:g}."
    elif better and (best - worst) * better <= 0:  # type: ignore[operator]
        yield f"the worst value must be {'below' if better > 0 else 'above'} the best."


def _nature(built_in: Mapping[str, Any]) -> tuple[float, float, int]:
    """The least and the most it can be, and 1 where more is better, -1 where less is."""
    measure = MEASURES.get(str(built_in["key"]))
    if measure is not None and "unit" not in built_in:
        return measure.lowest, measure.highest, measure.better
    lowest, highest = BOUNDS.get(built_in["unit"], (0, 10_000))
    return lowest, highest, 1 if built_in["worst"] < built_in["best"] else -1


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
