"""Who else says what an account pays, and until when.

ARR and the days of a contract have one source. A room to the right that knows them better than people and files do
(billing, of accounts with subscriptions) registers functions here; what is written beside it is then refused, or kept
out with a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal

from csplatform.models import Organization

ArrSource = Callable[[Organization, Collection[int]], Mapping[int, Decimal]]
"""Given an organisation and keys of accounts, what those pay a year of which it knows."""

Contract = tuple[date, date]
"""Its first and its last day."""
ContractSource = Callable[[Organization, Collection[int]], Mapping[int, Contract]]

_sources: list[ArrSource] = []
_contract_sources: list[ContractSource] = []


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


def register_contract_source(source: ContractSource) -> None:
    """Called once by each source, when its room is ready."""
    if source not in _contract_sources:
        _contract_sources.append(source)


def sourced_contracts(organization: Organization, account_ids: Collection[int]) -> dict[int, Contract]:
    """The contracts of accounts that have a source for them; the rest of them is left out."""
    known: dict[int, Contract] = {}
    if account_ids:
        for source in _contract_sources:
            known |= source(organization, account_ids)
    return known
