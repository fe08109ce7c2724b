"""Who else says what an account pays.

ARR has one source. A room to the right that knows it better than people and files do (billing, of accounts with
subscriptions) registers a function here; what is written beside it is then refused, or kept out with a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from csplatform.models import Organization

ArrSource = Callable[[Organization, Collection[int]], Mapping[int, Decimal]]
"""Given an organisation and keys of accounts, what those pay a year of which it knows."""

_sources: list[ArrSource] = []


def register_arr_source(source: ArrSource) -> None:
    """Called once by each source, when its room is ready."""
    if source not in _sources:
        _sources.append(source)


def sourced_arr(organization: Organization, account_ids: Collection[int]) -> dict[int, Decimal]:
    """What accounts pay a year by a source of its own; the rest of them is left out."""
    known: dict[int, Decimal] = {}
    if account_ids:
        for source in _sources:
            known |= source(organization, account_ids)
    return known
