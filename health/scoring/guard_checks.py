"""What guards must keep to, said in sentences that name the guard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

from health.scoring.guards import Comparison, Effect, Guard, guards_from_rows
from health.scoring.measures import MEASURES

MOST_GUARDS = 10
MOST_CONDITIONS = 4
TEXT_LENGTH = 120
LESS = (Comparison.BELOW, Comparison.AT_MOST)


def guard_problems(rows: object) -> list[str]:
    """What is wrong with the guards of a scorecard; nothing where all is well."""
    if not isinstance(rows, list):
        return ["Guards are a list."]
    if len(rows) > MOST_GUARDS:
        return [f"A scorecard takes at most {MOST_GUARDS} guards."]
    problems = [f"Guard {at}: {problem}" for at, row in enumerate(rows, 1) for problem in _shape(row)]
    if problems:
        return problems
    guards = guards_from_rows(rows)
    problems = [f"Guard {at}: {problem}" for at, guard in enumerate(guards, 1) for problem in _sense(guard)]
    return problems or list(_order(guards))


def _shape(row: object) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield "takes conditions, an effect, a score and a text."
        return
    if row.get("effect") not in list(Effect):
        yield f"the effect is {_either(Effect)}."
    score, text, conditions = row.get("score"), row.get("text"), row.get("conditions")
    if not _is_number(score) or not 0 <= score <= 100:
        yield "the score is a number from 0 to 100."
    elif round(score, 1) != score:
        yield "the score has at most one decimal."
    if not isinstance(text, str) or not text.strip():
        yield "say in a few words why, for whoever reads the score."
    elif len(text) > TEXT_LENGTH:
        yield f"the text has at most {TEXT_LENGTH} characters."
    if not isinstance(conditions, list) or not conditions:
        yield "needs at least one condition."
    elif len(conditions) > MOST_CONDITIONS:
        yield f"takes at most {MOST_CONDITIONS} conditions."
    else:
        yield from (problem for condition in conditions for problem in _condition(condition))


def _condition(row: object) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield "a condition takes a measure, a comparison and a value."
        return
    measure = MEASURES.get(str(row.get("measure")))
    if measure is None:
        yield f"“{row.get('measure')}” is no known measure; there are {', '.join(MEASURES)}."
    if row.get("comparison") not in list(Comparison):
        yield f"the comparison is {_either(Comparison)}."
    value = row.get("value")
    if not _is_number(value):
        yield "the value of a condition is a number."
    elif measure is not None and not measure.lowest <= value <= measure.highest:
        yield f"{measure.label} lies between {measure.lowest:g} and {measure.highest:g}."


def _sense(guard: Guard) -> Iterator[str]:
    """A cap on what is good, or a floor under what is bad, would let a score rise as its signals get worse."""
    for condition in guard.conditions:
        measure = MEASURES[condition.measure]
        asks_for_less = condition.comparison in LESS
        is_bad = asks_for_less == (measure.better > 0)
        if measure.better and is_bad != (guard.effect is Effect.CAP):
            reward = (
                "cap a score because it is good" if guard.effect is Effect.CAP else "lift a score because it is bad"
            )
            yield (
                f"“{measure.label} {condition.comparison.words} {condition.value:g}” would {reward}; "
                "a score must not rise when a signal gets worse."
            )


def _order(guards: tuple[Guard, ...]) -> Iterator[str]:
    """The first one that holds counts, so one that a worse signal switches on (or off) must not be the milder one."""
    for at, guard in enumerate(guards):
        if not any(MEASURES[condition.measure].better for condition in guard.conditions):
            continue
        for later, other in enumerate(guards[at + 1 :], at + 2):
            if other.effect is not guard.effect:
                continue
            if guard.effect is Effect.CAP and other.score < guard.score:
                yield (
                    f"Guard {later} caps at {other.score:g}, lower than guard {at + 1} at {guard.score:g}: put it "
                    "first, or a signal that gets worse could raise a score."
                )
            if guard.effect is Effect.FLOOR and other.score > guard.score:
                yield (
                    f"Guard {later} raises to {other.score:g}, higher than guard {at + 1} to {guard.score:g}: put it "
                    "first, or a signal that gets worse could raise a score."
                )


def _either(choices: Iterable[str]) -> str:
    *most, last = (choice.value for choice in choices)  # type: ignore[attr-defined]
    return f"{', '.join(most)} or {last}"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
