"""Files in which several rows are one document: all of them are taken, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from accounts.services.import_accounts import ImportedAccounts
from csplatform.bulk import Upserted
from csplatform.imports.columns import Rows
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Checked, Order, Step, Tally
from csplatform.tenancy import organization_scope


class Refused(Exception):
    """Why a document cannot be taken, with the column and, where it is about one, the row that shows it."""

    def __init__(self, column: str, reason: str, *, row: int = 0) -> None:
        super().__init__(reason)
        self.column, self.reason, self.row = column, reason, row


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file and what it says; an empty cell says nothing."""

    line: int
    cells: tuple[str, ...]
    said: dict[str, Any]


@dataclass(slots=True)
class Group:
    """The rows of one document, in the order of the file."""

    key: str
    account: int = 0
    rows: list[Row] = field(default_factory=list)
    bad_line: int = 0
    """A line of it that could not be taken at all."""
    why: Refused | None = None
    """What is wrong with its rows beside each other."""
    is_known: bool = False
    """There already, just as the file says it."""

    def shared(self, *columns: str) -> dict[str, Any]:
        """What its rows say together of the document; refuses rows that contradict each other."""
        facts: dict[str, Any] = {}
        for at, row in enumerate(self.rows):
            for column in columns:
                value = row.said.get(column)
                if value is None:
                    continue
                if facts.setdefault(column, value) != value:
                    raise Refused(column, f"is not what line {self.rows[0].line} says of the same document", row=at)
        return facts


class GroupedLoader:
    """The engine's `Loader` for such files: rows are gathered while they are checked, and written in `settle`."""

    key_column: str
    noun: str
    """What the rows of one key are together: `invoice`."""
    at_once = 100
    """Documents in one transaction."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self.accounts = ImportedAccounts(order.organization)
        self.groups: dict[str, Group] = {}
        self._taken: list[Group] = []
        self._by_line: dict[int, Group] = {}
        self._is_checked = False

    # -- what a kind brings -------------------------------------------------------------------------

    def judge(self, groups: Sequence[Group]) -> list[tuple[Group, Refused]]:
        """Which documents cannot be taken; marks those that are there already. Asked once, in a read scope."""
        raise NotImplementedError

    def write(self, groups: Sequence[Group]) -> Tally:
        """Write new documents, in one transaction; the tally's rows are counted by the caller."""
        raise NotImplementedError

    # -- checking -----------------------------------------------------------------------------------

    def hear_of(self, problems: Sequence[Problem]) -> None:
        """A document that lacks a row would be another document."""
        place = self.order.places.get(self.key_column)
        if self._is_checked or place is None:
            return
        for problem in problems:
            if place < len(problem.cells) and (key := self.key_of(problem.cells[place])):
                self._group(key).bad_line = problem.line

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        if self._is_checked:
            return rows, []
        with organization_scope(self.organization, write=False):
            taken, keys, problems = self._accounts(rows)
        self.hear_of(problems)
        names = [name for name in taken.values if name not in {"account_name", "account_external_id"}]
        cells = {name: taken.values[name].rows for name in names}
        for at, line in enumerate(taken.lines.tolist()):
            said = {name: cells[name][at] for name in names if not _is_empty(cells[name][at])}
            group = self._group(self.key_of(said[self.key_column]))
            group.rows.append(Row(line, tuple(taken.chunk.row_cells(int(taken.places[at]))), said))
            group.account = group.account or keys[at]
            if group.account != keys[at] and group.why is None:
                reason = f"is the {self.noun} of another account in line {group.rows[0].line}"
                group.why = Refused(self.key_column, reason, row=len(group.rows) - 1)
            self._by_line[line] = group
        return taken, problems

    def checked(self) -> Checked:
        self._is_checked = True
        refused = [(group, Refused("", "")) for group in self.groups.values() if group.bad_line]
        refused += [(group, group.why) for group in self.groups.values() if group.why and not group.bad_line]
        bad = {group.key for group, _ in refused}
        whole = [group for group in self.groups.values() if group.rows and group.key not in bad]
        with organization_scope(self.organization, write=False):
            refused += self.judge(whole)
        bad = {group.key for group, _ in refused}
        self._taken = [group for group in whole if group.key not in bad]
        new = sum(not group.is_known for group in self._taken)
        return Checked(
            repeated=0,
            details={f"{self.noun}s": len(self.groups), f"{self.noun}s_created": new},
            problems=[problem for group, why in refused for problem in self._problems(group, why)],
        )

    def key_of(self, text: str) -> str:
        return text.strip()

    def _group(self, key: str) -> Group:
        return self.groups.setdefault(key, Group(key))

    def _accounts(self, rows: Rows) -> tuple[Rows, list[int], list[Problem]]:
        """The rows about accounts that are there, whose each is, and what is wrong with the others."""
        named = {"account_name": "account_name", "external_id": "account_external_id"}
        said = {name: rows.values[column] for name, column in named.items() if column in rows}
        found, places, problems = self.accounts.match(replace(rows, values=said))
        problems = [replace(each, column=named[each.column]) for each in problems]
        keys = [self.accounts.accounts[place].key for place in places.tolist()]
        for at, key in enumerate(keys):
            if key is None:
                name = "account_name" if "account_name" in said and said["account_name"].rows[at] else "external_id"
                text = str(said[name].rows[at] or "") if name in said else ""
                problems.append(found.problem(at, named[name], text, "is no account that is there"))
        known = [line for line, key in zip(found.lines.tolist(), keys, strict=True) if key is not None]
        return rows.keep(np.isin(rows.lines, known)), [key for key in keys if key is not None], problems

    def _problems(self, group: Group, why: Refused) -> Iterator[Problem]:
        """The row that shows it says why; the others that they belong to it."""
        shown = 0 if group.bad_line else group.rows[min(why.row, len(group.rows) - 1)].line
        for row in group.rows:
            if row.line == shown:
                value = row.said.get(why.column, group.key if why.column == self.key_column else "")
                yield Problem(row.line, why.column, str(value)[:200], why.reason, row.cells)
            else:
                other = shown or group.bad_line
                reason = f"is of {self.noun} {group.key}, of which line {other} cannot be taken"
                yield Problem(row.line, self.key_column, group.key, reason, row.cells)

    # -- the rows -----------------------------------------------------------------------------------

    def prepare(self, after: int) -> Iterator[Step]:
        return iter(())

    def load(self, rows: Rows) -> Callable[[], Tally]:
        return Tally

    def forecast(self, rows: Rows) -> Tally:
        taken = {group.key for group in self._taken}
        groups = [self._by_line[line] for line in rows.lines.tolist() if line in self._by_line]
        known = [group.is_known for group in groups if group.key in taken]
        return Tally(rows=Upserted(created=known.count(False), unchanged=known.count(True)))

    def settle(self, after: int) -> Iterator[Step]:
        total = len(self._taken)
        for start in range(0, total, self.at_once):
            end = min(start + self.at_once, total)
            if end > after:
                yield Step(position=end, total=total, ready=partial(partial, self._write, self._taken[start:end]))

    def _write(self, groups: Sequence[Group]) -> Tally:
        new = [group for group in groups if not group.is_known]
        tally = self.write(new) if new else Tally()
        tally.rows = Upserted(
            created=sum(len(group.rows) for group in new),
            unchanged=sum(len(group.rows) for group in groups if group.is_known),
        )
        return tally

    def close(self) -> Tally:
        return Tally()


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value != value
