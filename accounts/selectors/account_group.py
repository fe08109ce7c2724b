"""Which accounts belong together: a group and its subsidiaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account
from csplatform.money import ZERO

MOST_LEVELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountGroup:
    """An account among the ones it belongs to and those that belong to it."""

    parents: Sequence[Account]
    """From the top of the group down to the account's own parent."""
    children: Sequence[Account]
    """Those directly below, archived ones left out."""
    members: int
    """The account itself and all that are below it, at any level, in use."""
    arr: Decimal
    """What they pay a year together."""

    def __bool__(self) -> bool:
        return bool(self.parents or self.children)


def account_group(account: Account) -> AccountGroup:
    """The group seen from one account: at most a query a level up and a query a level down."""
    levels = levels_below(account)
    below = [each for level in levels for each in level]
    in_use = [each for each in (account, *below) if not each.is_archived]
    return AccountGroup(
        parents=list(reversed(_above(account))),
        children=[each for each in levels[0] if not each.is_archived] if levels else [],
        members=len(in_use),
        arr=sum((each.arr for each in in_use if each.arr is not None), ZERO),
    )


def ancestors_or_self(account: Account) -> list[int]:
    """The keys of an account and of those it belongs to, at any distance."""
    return [account.pk, *(each.pk for each in _above(account))]


def levels_below(account: Account) -> list[list[Account]]:
    """The accounts below, a list a level; an account that is not stored yet has none."""
    levels: list[list[Account]] = []
    keys = [] if account.pk is None else [account.pk]
    while keys and len(levels) < MOST_LEVELS:
        level = list(account.organization.accounts.filter(parent__in=keys).order_by("name_key"))
        if level:
            levels.append(level)
        keys = [each.pk for each in level]
    return levels


def _above(account: Account) -> list[Account]:
    """Its parent, the parent's parent … up to the top."""
    above: list[Account] = []
    key = account.parent_id
    while key is not None and len(above) < MOST_LEVELS:
        parent = account.organization.accounts.get(pk=key)
        above.append(parent)
        key = parent.parent_id
    return above
