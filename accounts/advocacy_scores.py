"""Who speaks for us: scored by a room further right, which knows health, NPS and what is overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization

ADVOCATE_FROM = 70


class Standing(NamedTuple):
    """How likely an account is to speak for us, 0 to 100, with what that is made of.

    PERFORMANCE: without the account itself, since there may be thousands and ten are shown.
    """

    account_id: int
    name_key: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Advocate:
    """The same with its account."""

    account: Account
    score: int
    health_points: int
    nps_points: int
    tenure_points: int
    reference_points: int
    excluded: str

    @property
    def is_ready(self) -> bool:
        return self.score >= ADVOCATE_FROM and not self.excluded


Reader = Callable[[Organization, AccountQuerySet, date], Sequence[Standing]]
_READERS: list[Reader] = []


def offer_reader(reader: Reader) -> None:
    """Say who scores accounts; called from the `ready` of the room that can."""
    _READERS[:] = [reader]


def standings(organization: Organization, accounts: AccountQuerySet, *, as_of: date) -> list[Standing]:
    """The accounts by score, highest first, the excluded ones behind. One query."""
    found = _READERS[0](organization, accounts, as_of) if _READERS else ()
    return sorted(found, key=lambda each: (bool(each.excluded), -each.score, each.name_key, each.account_id))


def ready_standings(organization: Organization, accounts: AccountQuerySet, *, as_of: date) -> list[Standing]:
    """Those of them that may be asked, the highest score first."""
    return [each for each in standings(organization, accounts, as_of=as_of) if each.is_ready]


def advocates(organization: Organization, accounts: AccountQuerySet, *, as_of: date) -> list[Advocate]:
    """The standings with their accounts, which know their owners. Two queries."""
    return with_accounts(standings(organization, accounts, as_of=as_of), accounts)


def with_accounts(found: Iterable[Standing], accounts: AccountQuerySet) -> list[Advocate]:
    """These standings with their accounts, in their order."""
    by_key = {account.pk: account for account in accounts.order_by().select_related("owner")}
    return [
        Advocate(
            account=by_key[each.account_id],
            score=each.score,
            health_points=each.health_points,
            nps_points=each.nps_points,
            tenure_points=each.tenure_points,
            reference_points=each.reference_points,
            excluded=each.excluded,
        )
        for each in found
        if each.account_id in by_key
    ]
