"""Which account belongs to which, by a file: found once all of it has been seen, and never in a circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from accounts.selectors.account_group import MOST_LEVELS
from accounts.services.import_accounts import ImportedAccounts


@dataclass(slots=True)
class Parents:
    """What comes of the links that a file wants."""

    taken: dict[int, int] = field(default_factory=dict)
    """Place of an account to the place of the one it will belong to."""
    notices: list[str] = field(default_factory=list)
    """Why the others stay as they are."""


def settled_parents(accounts: ImportedAccounts, wanted: Mapping[int, str]) -> Parents:
    """Follow the links one by one, in the order of the file; what would close a circle or go too deep is left."""
    parents = Parents()
    if not wanted:
        return parents
    found = accounts.find(set(wanted.values()))
    targets = {place: found[text] for place, text in wanted.items()}
    group = _Group(_stored_links(accounts))
    for place, target in targets.items():
        if target is not None:
            group.cut(_node(accounts, place))
    for place, target in targets.items():
        name, text = accounts.accounts[place].name, wanted[place]
        if target is None:
            parents.notices.append(f"The parent of {name} stays: there is no account “{text}”.")
        elif accounts.accounts[target].is_archived:
            parents.notices.append(f"The parent of {name} stays: {text} is archived.")
        elif reason := group.impossible(_node(accounts, place), _node(accounts, target)):
            parents.notices.append(f"The parent of {name} stays: {reason}.")
        else:
            group.link(_node(accounts, place), _node(accounts, target))
            parents.taken[place] = target
    return parents


def _node(accounts: ImportedAccounts, place: int) -> int:
    """An account's key; of one that is still to be made, a number that is no key."""
    key = accounts.accounts[place].key
    return -1 - place if key is None else key


def _stored_links(accounts: ImportedAccounts) -> dict[int, int]:
    links = accounts.organization.accounts.filter(parent__isnull=False).order_by()
    return dict(links.values_list("pk", "parent_id"))


class _Group:
    """Who belongs to whom while links are taken one by one."""

    def __init__(self, links: Mapping[int, int]) -> None:
        self._above: dict[int, int] = {}
        self._below: defaultdict[int, set[int]] = defaultdict(set)
        for child, parent in links.items():
            self.link(child, parent)

    def link(self, child: int, parent: int) -> None:
        self._above[child] = parent
        self._below[parent].add(child)

    def cut(self, child: int) -> None:
        parent = self._above.pop(child, None)
        if parent is not None:
            self._below[parent].discard(child)

    def impossible(self, child: int, parent: int) -> str:
        """Why the child cannot belong to the parent, if it cannot."""
        line = list(self._line(parent))
        if child in line:
            return "a group cannot be a circle"
        if len(line) + self._height(child) > MOST_LEVELS:
            return f"a group has at most {MOST_LEVELS} levels"
        return ""

    def _line(self, node: int) -> Iterator[int]:
        """A node and those above it."""
        yield node
        while (found := self._above.get(node)) is not None:
            node = found
            yield node

    def _height(self, node: int) -> int:
        """Levels from the node down, its own among them."""
        levels, level = 0, {node}
        while level and levels <= MOST_LEVELS:
            levels += 1
            level = {child for each in level for child in self._below[each]}
        return levels
