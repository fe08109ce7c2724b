"""What health adds to the account list: how the score moved in ninety days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.columns import ACCOUNT_COLUMNS
from accounts.models import Account
from csplatform.formatting import trimmed
from csplatform.lists import Column, ListContext
from health.models import DailyMetrics

DAYS = 90
POINTS = 30
"""Points of one line: a day in three, which is as much as its width can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """The scores of the last ninety days, oldest first, a gap where none is known."""

    points: tuple[float | None, ...]
    change: Decimal | None
    """The last known score minus the first one."""

    @property
    def tone(self) -> str:
        return "flat" if not self.change else "up" if self.change > 0 else "down"

    @property
    def text(self) -> str:
        """`+4.5`, `-12`"""
        return "" if self.change is None else f"{'+' if self.change > 0 else ''}{trimmed(self.change)}"

    @property
    def label(self) -> str:
        if self.change is None:
            return "Not enough history"
        words = (
            "unchanged" if not self.change else f"{'up' if self.change > 0 else 'down'} {trimmed(abs(self.change))}"
        )
        return f"Health in {DAYS} days: {words}"


def score_lines(context: ListContext, accounts: Sequence[Account]) -> Mapping[int, ScoreLine]:
    """The lines of all accounts of a page, in one query."""
    start = context.today - timedelta(days=DAYS - 1)
    keys = [account.pk for account in accounts]
    rows = (
        DailyMetrics.objects.filter(account__in=keys, date__range=(start, context.today))
        .scored()
        .order_by("account", "date")
        .values_list("account_id", "date", "health_score")
    )
    known: dict[int, list[tuple[date, Decimal]]] = {}
    for account_id, day, score in rows:
        if score is None:
            continue
        known.setdefault(account_id, []).append((day, score))
    return {account: _line(scores, start) for account, scores in known.items()}


def _line(scores: Sequence[tuple[date, Decimal]], start: date) -> ScoreLine:
    points: list[float | None] = [None] * POINTS
    for day, score in scores:
        points[(day - start).days * POINTS // DAYS] = float(score)
    first, last = next(iter(scores))[1], scores[-1][1]
    return ScoreLine(points=tuple(points), change=last - first if len(scores) > 1 else None)


def add_columns() -> None:
    """Called once, when the room is ready."""
    ACCOUNT_COLUMNS.add(
        Column(
            name="health_trend",
            label="90 days",
            gather=score_lines,
            template="health/cells/trend.html",
            export=lambda line: line and line.change,
        ),
        after="health",
    )
