"""What other rooms add to the head of an account's pages.

The head stands over the tabs of every room. Health, to the right, registers here how the score has moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMove:
    """By how much a score moved in the last thirty days; None where that is not known.

    Days before `anew_until` were scored by another scorecard then, and are scored here by the one of today.
    """

    change: Decimal | None = None
    anew_until: date | None = None


ScoreChange = Callable[[Account], ScoreMove]

_sources: list[ScoreChange] = []


def register_score_change(source: ScoreChange) -> None:
    """Called once, when the room that scores is ready."""
    _sources[:] = [source]


def score_move(account: Account) -> ScoreMove:
    return _sources[0](account) if _sources else ScoreMove()
