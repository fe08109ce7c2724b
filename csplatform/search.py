"""Finding anything: each room registers how its rows are searched; the dialog, the page and the API ask them all.

Nothing is ranked across kinds: groups come in the order of registration, the best of each first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from csplatform.models import Membership
from csplatform.navigation import reachable_items
from csplatform.permissions import Action, can

SHORTEST = 1
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that was found."""

    title: str
    url: str
    detail: str = ""
    """What tells it from others of its name: the account of a contact, the status of a ticket."""
    id: str = ""
    """The public id, where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """How one kind of thing is found."""

    kind: str
    """As the API calls its group: `accounts`."""
    label: str
    icon: str
    find: Callable[[Membership, str, int], Sequence[Hit]]
    """The best first: exact, then by the beginning, then by any part. Two queries at most."""
    position: int
    more: str = ""
    """The name of a list's address that takes `q`, for all that was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was found of one kind."""

    kind: str
    label: str
    icon: str
    hits: Sequence[Hit]
    more_url: str = ""


_SEARCHERS: dict[str, Searcher] = {}


def register_searcher(searcher: Searcher) -> None:
    if _SEARCHERS.setdefault(searcher.kind, searcher) is not searcher:
        raise ValueError(f"Two searchers are for {searcher.kind!r}.")


def search_everything(member: Membership, text: str, *, limit: int) -> list[Group]:
    """What the words match, by kind; kinds without a hit are left out, as is everything for no words."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST]
    if len(text) < SHORTEST:
        return []
    groups = []
    for searcher in sorted(_SEARCHERS.values(), key=lambda each: each.position):
        hits = list(searcher.find(member, text, limit))
        if hits:
            groups.append(
                Group(
                    kind=searcher.kind,
                    label=searcher.label,
                    icon=searcher.icon,
                    hits=hits,
                    more_url=_address(searcher.more) if searcher.more and len(hits) == limit else "",
                )
            )
    return groups


def search_kinds() -> list[str]:
    return [searcher.kind for searcher in sorted(_SEARCHERS.values(), key=lambda each: each.position)]


# -- the platform's own: pages and commands ---------------------------------------------------------

COMMANDS = (
    ("New account", "accounts:account_create", Action.CREATE_ACCOUNTS),
    ("New engagement", "accounts:engagement_create", Action.EDIT_OWN_ACCOUNTS),
    ("New follow-up", "accounts:follow_up_create", Action.EDIT_OWN_ACCOUNTS),
    ("New ticket", "accounts:ticket_create", Action.EDIT_OWN_ACCOUNTS),
    ("Import a file", "csplatform:import_list", Action.BRING_FILES),
    ("Invite somebody", "csplatform:invitation_create", Action.MANAGE_MEMBERS),
    ("New API key", "csplatform:api_key_list", Action.OWN_KEYS),
    ("Change your password", "account_change_password", Action.READ),
)


def find_pages(member: Membership, text: str, limit: int) -> list[Hit]:
    """Pages of the menu by a word of their name: `bill`, or `go to billing`."""
    wanted = text.casefold().removeprefix("go to ").removeprefix("open ")
    pages = [(item.label, url) for item, url in reachable_items() if can(member, item.needs)]
    return [Hit(title=label, url=url) for label, url in _best_first(pages, wanted)][:limit]


def find_commands(member: Membership, text: str, limit: int) -> list[Hit]:
    commands = [(label, url) for label, name, needs in COMMANDS if can(member, needs) and (url := _address(name))]
    return [Hit(title=label, url=url) for label, url in _best_first(commands, text.casefold())][:limit]


def _best_first(named: Sequence[tuple[str, str]], wanted: str) -> list[tuple[str, str]]:
    """Those whose name holds a word that begins so; by where it begins, then in their order."""
    found = [(at, label, url) for label, url in named if (at := f" {label.casefold()}".find(f" {wanted}")) >= 0]
    return [(label, url) for at, label, url in sorted(found, key=lambda each: each[0] > 0)]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def register_own() -> None:
    """Called once, when the platform is ready."""
    register_searcher(Searcher(kind="pages", label="Pages", icon="layout-columns", find=find_pages, position=90))
    register_searcher(Searcher(kind="commands", label="Commands", icon="bolt", find=find_commands, position=95))
