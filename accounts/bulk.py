"""What can be done to many accounts at once: the registry that the list page, the API and the job ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.querysets import AccountQuerySet
from csplatform.models import Membership, Organization, User
from csplatform.permissions import Action, can

Before = list[tuple[Any, list[int]]]
"""What accounts were: an old value, and the keys that had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """One thing to do with a selection. Values are JSON, checked by `clean` before anything is written."""

    name: str
    label: str
    needs: Action
    """Without it the action is neither offered nor done at all; which accounts are theirs is asked beside it."""
    control: str
    """What the page asks for: `none`, `owner`, `tag`, `status`, `task`, or what `choices` are a list of."""
    clean: Callable[[Membership, Any], Any]
    """The value as it is stored; InvalidInput names `value`."""
    told: Callable[[Organization, Any], str]
    """What it does, in words: `Give to Bob`."""
    differing: Callable[[AccountQuerySet, Any], AccountQuerySet]
    """Those that it would change."""
    apply: Callable[[Organization, AccountQuerySet, Any, User | None], Before]
    """Change accounts, in the caller's transaction; set-based, with history."""
    undo: Callable[[Organization, AccountQuerySet, Any, Any, User | None], int] | None = None
    """Give the old value back (organization, accounts, old, new, by) to those that nobody changed since."""
    can_undo: Callable[[Any, Sequence[tuple[Any, list[int]]]], bool] = lambda value, before: True
    """Whether this value can be taken back."""
    stays: str = "This can't be undone."
    """Why it cannot, where it cannot."""
    includes_archived: bool = False
    choices: Callable[[Organization], Sequence[tuple[str, str]]] | None = None
    """Values and labels that the page offers, where another room knows them."""


_ACTIONS: dict[str, BulkAction] = {}


def register_bulk_action(action: BulkAction) -> None:
    if _ACTIONS.setdefault(action.name, action) is not action:
        raise ValueError(f"Two bulk actions are called {action.name!r}.")


def bulk_actions() -> Mapping[str, BulkAction]:
    return dict(_ACTIONS)


def bulk_actions_for(member: Membership) -> list[BulkAction]:
    """What the member's role may do at all, in the order of registration."""
    return [action for action in _ACTIONS.values() if can(member, action.needs)]
