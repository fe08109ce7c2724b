"""What other rooms add to the head of an account's pages.

The head stands over the tabs of every room. Health, to the right, registers here how the score has moved."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from accounts.models import Account

ScoreChange = Callable[[Account], Decimal | None]
"""Given an account, by how much its score moved in the last thirty days; None where that is not known."""

_sources: list[ScoreChange] = []


def register_score_change(source: ScoreChange) -> None:
    """Called once, when the room that scores is ready."""
    _sources[:] = [source]


def score_change(account: Account) -> Decimal | None:
    return _sources[0](account) if _sources else None
