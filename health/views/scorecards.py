"""The scorecards page, and the customer-360 card of an account, as templates print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.bands import band
from csplatform.formatting import counted, percent, trimmed
from csplatform.http import AuthenticatedRequest
from csplatform.models import Organization
from csplatform.permissions import Action, can
from csplatform.views.base import page
from health.enums import ScorecardKind
from health.models import Scorecard
from health.risk_factors import STALE_AFTER_DAYS
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD, MeasureRow, Result
from health.scoring.guards import guard_words
from health.scoring.signals import SIGNALS_SCORECARD
from health.selectors.scorecard_versions import drafts, guard_condition_words, live_scorecards
from health.selectors.signal_words import signal_value

SIGNALS_HOW = (
    "Each signal gives points along a straight line from its worst value to its best, from the newest daily metrics. "
    "A signal that was not reported is left out and the others weigh more; under 40% of all points there is no score."
)
CUSTOMER_HOW = (
    "Each group is the mean of what is known in it, the score the mean of the groups by their points. It is worked "
    "out from the platform's records: live on each account's health page, and in every recompute while it is the "
    "health score or scored beside it. Under 40% of all points there is no score."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMeasure:
    """One row of the account's card."""

    label: str
    value: str | None
    curve: str
    adds: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    name: str
    points: Decimal | None
    max_points: Decimal | None
    measures: tuple[ShownMeasure, ...]


def customer_card(result: Result) -> dict[str, Any]:
    """The context of the account's card."""
    groups = tuple(
        ShownGroup(
            name=group.name,
            points=group.points,
            max_points=group.max_points,
            measures=tuple(
                ShownMeasure(
                    label=measure.row["label"],
                    value=None if measure.value is None else in_unit(measure.value, measure.row["unit"]),
                    curve=_curve(measure.row),
                    adds=measure.adds,
                )
                for measure in group.measures
            ),
        )
        for group in result.groups
    )
    return {
        "customer_360": {"score": result.score, "groups": groups},
        "customer_360_band": band(result.score),
        "customer_360_coverage": Decimal(str(round(result.coverage * 100, 1))),
    }


@require_safe
@page()
def scorecards(request: AuthenticatedRequest) -> HttpResponse:
    """Every live scorecard with its measures and guards, and whether a new version is being drafted."""
    live, waiting = _live(request.organization), drafts(request.organization)
    context = {
        "cards": [{"shown": shown_scorecard(card), "draft": waiting.get(card.key)} for card in live],
        "new_drafts": [waiting[key] for key in waiting.keys() - {card.key for card in live}],
        "may_edit": can(request.member, Action.EDIT_SCORECARDS),
    }
    return render(request, "health/scorecards.html", context)


def shown_scorecard(card: Scorecard) -> dict[str, Any]:
    """One version as templates print it: its groups with their measures, and its guards."""
    is_grouped = card.kind == ScorecardKind.CUSTOMER_360
    groups = (
        list(_groups(card.signals))
        if is_grouped
        else [{"name": "", "points": None, "measures": [_signal(row) for row in card.signals]}]
    )
    return {
        "card": card,
        "how": CUSTOMER_HOW if is_grouped else SIGNALS_HOW,
        "groups": groups,
        "guards": [
            {
                "words": guard_words(row["effect"], row["score"], row["text"]),
                "when": [guard_condition_words(each) for each in row["conditions"]],
            }
            for row in card.guards
        ],
    }


def _live(organization: Organization) -> list[Scorecard]:
    """The organisation's own; of those it was never given, what it would begin with."""
    own = live_scorecards(organization)
    built_in = {
        ScorecardKind.SIGNALS: ("Signals", SIGNALS_SCORECARD),
        ScorecardKind.CUSTOMER_360: ("Customer 360", CUSTOMER_360_SCORECARD),
    }
    missing = (kind for kind in built_in if kind not in {card.key for card in own})
    return own + [
        Scorecard(
            organization=organization,
            key=kind,
            kind=kind,
            name=built_in[kind][0],
            signals=list(built_in[kind][1]),
        )
        for kind in missing
    ]


def in_unit(value: float, unit: str) -> str:
    """`78%`, `3.5 of 5`, `12 days`"""
    number = Decimal(str(value))
    if unit == "rate":
        return percent(number * 100)
    return percent(number) if unit == "percent" else f"{trimmed(number)} {unit}"


def _curve(row: MeasureRow) -> str:
    best = row["best"]
    return f"{in_unit(row['worst'], row['unit'])} to {in_unit(best or 0.0, row['unit'])}"


def _groups(rows: Iterable[MeasureRow]) -> Iterable[dict[str, Any]]:
    names = dict.fromkeys(row["group"] for row in rows)
    for name in names:
        members = [row for row in rows if row["group"] == name]
        points = sum((Decimal(str(row["max_points"])) for row in members), Decimal(0))
        yield {"name": name, "points": points, "measures": [_measure(row) for row in members]}


def _measure(row: MeasureRow) -> dict[str, str]:
    return {
        "label": row["label"],
        "points": trimmed(Decimal(str(row["max_points"])), 2),
        "curve": _curve(row),
        "window": counted(row["window_days"], "day"),
        "max_age": counted(row["max_age_days"], "day"),
    }


def _signal(row: Mapping[str, Any]) -> dict[str, str]:
    best = row["best"]
    worst = signal_value(row["key"], row["worst"])
    return {
        "label": row["label"],
        "points": trimmed(Decimal(str(row["max_points"])), 2),
        "curve": f"{worst} to {'the account’s seats' if best is None else signal_value(row['key'], best)}",
        "window": "the newest day",
        "max_age": f"any; after {STALE_AFTER_DAYS} days it is a risk of its own",
    }
