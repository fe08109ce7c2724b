"""Which accounts belong together: a group and its subsidiaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db.models import QuerySet, Value

from accounts.models import Account
from accounts.querysets import AccountQuerySet
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
    """The group seen from one account, in at most two queries."""
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
    """The accounts below, a list a level; an account that is not stored yet has none. One query."""
    if account.pk is None:
        return []
    found = _at_any_distance(account, "parent")
    return [list(level) for _, level in groupby(found, key=attrgetter("distance"))]


def _above(account: Account) -> list[Account]:
    """Its parent, the parent's parent … up to the top. One query at most."""
    if account.parent_id is None:
        return []
    return list(_at_any_distance(account, "children"))


def _at_any_distance(account: Account, step: str) -> QuerySet[Account]:
    """The accounts that come to this one by one step, two, three …; the nearest first.

    PERFORMANCE: a branch a level, each following an index; conditions joined by OR would read every account."""
    accounts: AccountQuerySet = account.organization.accounts.order_by()
    paths = ["__".join([step] * level) for level in range(1, MOST_LEVELS + 1)]
    levels = [
        accounts.filter(**{path: account.pk}).annotate(distance=Value(level))
        for level, path in enumerate(paths, start=1)
    ]
    return levels[0].union(*levels[1:], all=True).order_by("distance", "name_key")
