"""Who speaks for us: scored by a room further right, which knows health, NPS and what is overdue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization

ADVOCATE_FROM = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Advocate:
    """An account by its advocacy score, 0 to 100, with what that is made of."""

    account: Account
    score: int
    health_points: int
    nps_points: int
    tenure_points: int
    reference_points: int
    excluded: str
    """Why it is not asked now; empty for one that may be."""

    @property
    def is_ready(self) -> bool:
        return self.score >= ADVOCATE_FROM and not self.excluded


Reader = Callable[[Organization, AccountQuerySet, date], Sequence[Advocate]]
_READERS: list[Reader] = []


def offer_reader(reader: Reader) -> None:
    """Say who scores accounts; called from the `ready` of the room that can."""
    _READERS[:] = [reader]


def advocates(organization: Organization, accounts: AccountQuerySet, *, as_of: date) -> Sequence[Advocate]:
    """The accounts by score, highest first, the excluded ones behind."""
    found = _READERS[0](organization, accounts, as_of) if _READERS else ()
    return sorted(found, key=lambda each: (bool(each.excluded), -each.score, each.account.name_key))
