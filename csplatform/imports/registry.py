"""Kinds of import: what a room brings so that the engine can take its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from csplatform.bulk import Upserted
from csplatform.exceptions import InvalidInput
from csplatform.imports.columns import Column, ColumnSet, Rows
from csplatform.imports.reading import Problem
from csplatform.imports.unread import NewColumns
from csplatform.models import ImportBefore, Organization, User
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a loader needs to know about the import it works for."""

    organization: Organization
    by: User | None
    today: date
    reason: str
    """What histories say about why a row changed."""
    header: dict[str, str]
    """Our column to the file's heading."""
    places: dict[str, int] = field(default_factory=dict)
    """Our column to its place among the cells of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a piece of work overwrote, kept for an undo; see `csplatform.models.ImportBefore`."""

    part: str
    written_at: datetime
    content: bytes
    changes: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a piece of work did; the engine adds these up and keeps them with the rows they speak of."""

    rows: Upserted = field(default_factory=Upserted)
    details: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    before: list[Before] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.rows += other.rows
        self.details = {
            name: self.details.get(name, 0) + other.details.get(name, 0) for name in {**self.details, **other.details}
        }
        self.notices += other.notices
        self.before += other.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is known once the whole file has been seen."""

    repeated: int
    """Rows that a later row of the file replaces."""
    details: dict[str, int]
    """Counts of the kind's own."""
    newcomers: Callable[[], Newcomers] | None = None
    """Gathers what there is to say about accounts that the file would make; none where it makes none."""
    notices: list[str] = field(default_factory=list)
    """Sentences about what the kind decides by itself."""
    problems: list[Problem] = field(default_factory=list)
    """Rows that were taken one by one and that only the whole file shows to be wrong, each at least once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Accounts that a file would make."""

    count: int
    names: list[str]
    """The first of them, in the order of the file."""
    look_alikes: list[tuple[str, str]]
    """Names that are nearly those of known accounts, each with the known one."""
    known: int
    """How many accounts there are already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A piece of work short enough for one transaction, and how far the phase has come with it.

    `ready` gathers what the work needs, before the transaction; the work is what it returns.
    """

    position: int
    total: int
    ready: Callable[[], Callable[[], Tally]]


class Loader(Protocol):
    """Takes the rows of one file to where they belong.

    The engine shows it the whole file once to check it, asks for the steps before the rows, shows it the file
    again to write the rows, and asks for the steps after them. A killed import starts over with a new loader:
    `check` sees the whole file again and has to come to the same answers, whatever has been written already;
    the steps and the rows go on behind the last position that was committed.
    """

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        """Get to know rows, in the order of the file; returns those that may be taken, and why not the others."""

    def checked(self) -> Checked:
        """The whole file has been seen."""

    def prepare(self, after: int) -> Iterator[Step]:
        """What has to be there before the rows."""

    def load(self, rows: Rows) -> Callable[[], Tally]:
        """Get rows ready, outside of any transaction; the result writes them, inside one."""

    def forecast(self, rows: Rows) -> Tally:
        """What `load` would do, writing nothing."""

    def settle(self, after: int) -> Iterator[Step]:
        """What follows from the rows."""

    def close(self) -> Tally:
        """What has to come last, in one transaction."""


@runtime_checkable
class HearsOfBadRows(Protocol):
    """A loader to whom rows that could not be read matter: where several rows are one thing, one less is another."""

    def hear_of(self, problems: Sequence[Problem]) -> None:
        """These lines, each with its cells, will not come. Told before the good rows around them are checked."""


class Undo(Protocol):
    """Puts back what an import overwrote, image by image, the newest first.

    The engine shows every image to `check` before the first one is restored. `restore` runs in one transaction with
    the deletion of its image, so a killed undo goes on with the images that are left.
    """

    def check(self, image: ImportBefore) -> str:
        """What has touched the image's rows since it was written, as a sentence; empty when nothing has."""

    def restore(self, image: ImportBefore) -> None:
        """Put the rows back; refuses with a `DomainError` when they were touched after the check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """A kind of file that can be imported."""

    name: str
    label: str
    description: str
    columns: ColumnSet
    loader: Callable[[Order], Loader]
    template: str
    """A static file with the headings."""
    sample: str
    """A static file that imports without a complaint."""
    records_url_name: str
    """The page that shows what was brought in, and what its link says."""
    records_label: str
    units: str = "rows"
    """What a row of it is, as the pages count them: `contacts`, `days of metrics`."""
    permission: Action = Action.RUN_IMPORTS
    is_usual: bool = False
    """What most files are: offered first, and meant where nobody says."""
    undo: Callable[[Order], Undo] | None = None
    """Takes an import back; without it the kind's imports cannot be undone."""
    own_columns: Callable[[Organization], Sequence[Column]] | None = None
    """Further columns that an organisation has defined for itself; a fixed column's name or alias is never theirs."""
    new_columns: NewColumns | None = None
    """Makes such columns of what a file holds besides; without it that is left out."""
    rows_at_once: int | None = None
    """Rows in one transaction, where a row costs more than one row of one table."""

    def columns_of(self, organization: Organization) -> ColumnSet:
        """The columns as this organisation knows them. Its own are asked for in a read scope."""
        if self.own_columns is None:
            return self.columns
        with organization_scope(organization, write=False):
            return self.columns.extended(self.own_columns(organization))


_KINDS: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Offer a kind; called from the `ready` of the room that brings it."""
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Two kinds of import called {kind.name!r}.")


def kinds() -> list[ImportKind]:
    return sorted(_KINDS.values(), key=lambda kind: not kind.is_usual)


def kind_named(name: str) -> ImportKind:
    """The kind of that name; refuses one that nobody brought."""
    try:
        return _KINDS[name]
    except KeyError:
        listed = ", ".join(_KINDS)
        raise InvalidInput(f"kind: takes one of {listed}.", errors={"kind": [f"takes one of {listed}."]}) from None
