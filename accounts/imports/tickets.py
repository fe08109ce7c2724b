"""The tickets import: what customers asked support for, found by its id in the support system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.models import SupportTicket
from accounts.services.import_accounts import ImportedAccounts
from accounts.services.import_tickets import (
    TicketWork,
    known_tickets,
    remove_tickets,
    restore_tickets,
    ticket_work,
    told_ticket,
    write_tickets,
)
from accounts.signals import support_called
from csplatform.bulk import Upserted
from csplatform.exceptions import DomainError
from csplatform.formatting import counted
from csplatform.imports.before import pack_record, unpack_record
from csplatform.imports.columns import Rows
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Before, Checked, Order, Step, Tally
from csplatform.models import ImportBefore
from csplatform.tenancy import organization_scope

TICKETS = "tickets"
YES = frozenset({"yes", "true", "1"})
SAID = (
    "external_id", "subject", "description", "priority", "status", "is_escalated", "opened_at", "first_response_at",
    "due_at", "resolved_at", "csat",
)  # fmt: skip


class TicketsLoader:
    """Takes one file of tickets in; the engine's `Loader` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self.accounts = ImportedAccounts(order.organization)
        self.now = timezone.now()
        self._last: dict[str, int] = {}
        self._keys: dict[int, int] = {}
        self._repeated = 0
        self._is_checked = False

    # -- checking -----------------------------------------------------------------------------------

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        with organization_scope(self.organization, write=False):
            rows, problems = self._with_accounts(rows)
            rows, refused = self._possible(rows)
        if not self._is_checked:
            for external_id, line in zip(rows.values["external_id"].rows, rows.lines.tolist(), strict=True):
                self._repeated += external_id in self._last
                self._last[external_id] = line
        return rows, problems + refused

    def checked(self) -> Checked:
        self._is_checked = True
        return Checked(repeated=self._repeated, details={"accounts": len(set(self._keys.values()))})

    def _with_accounts(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        """The rows about accounts that are there; whose each is stays in `_keys`, by its line."""
        named = {"account_name": "account_name", "external_id": "account_external_id"}
        said = {name: rows.values[column] for name, column in named.items() if column in rows}
        found, places, problems = self.accounts.match(replace(rows, values=said))
        problems = [replace(each, column=named[each.column]) for each in problems]
        keys = [self.accounts.accounts[place].key for place in places.tolist()]
        column = "account_name" if "account_name" in rows else "account_external_id"
        for at, key in enumerate(keys):
            if key is None:
                problems.append(_about(found, at, said, column))
            else:
                self._keys[int(found.lines[at])] = key
        known = [line for line, key in zip(found.lines.tolist(), keys, strict=True) if key is not None]
        return rows.keep(np.isin(rows.lines, known)), problems

    def _possible(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        """The rows that can be written over what is stored, or as a new ticket."""
        facts = self._facts(rows)
        known = known_tickets(self.organization, [each["external_id"] for each in facts])
        problems = []
        for at, said in enumerate(facts):
            try:
                told_ticket(self.organization, known.get(said["external_id"]), said, now=self.now)
            except DomainError as error:
                field, reasons = next(iter((error.errors or {"": [error.message]}).items()))
                problems.append(rows.problem(at, _column(field), _text(said.get(field)), _reason(reasons[0])))
        bad = np.isin(rows.lines, [problem.line for problem in problems])
        return rows.keep(~bad), problems

    # -- the rows -----------------------------------------------------------------------------------

    def prepare(self, after: int) -> Iterator[Step]:
        return iter(())

    def settle(self, after: int) -> Iterator[Step]:
        return iter(())

    def close(self) -> Tally:
        support_called.send(sender=SupportTicket, organization=self.organization)
        return Tally()

    def load(self, rows: Rows) -> Callable[[], Tally]:
        return partial(self._write, self._that_count(rows))

    def forecast(self, rows: Rows) -> Tally:
        with organization_scope(self.organization, write=False):
            return _tally(ticket_work(self.organization, self._that_count(rows), now=self.now))

    def _that_count(self, rows: Rows) -> list[dict[str, Any]]:
        """Of a ticket's rows the last of the file."""
        return [
            facts
            for facts, line in zip(self._facts(rows), rows.lines.tolist(), strict=True)
            if self._last.get(facts["external_id"]) == line
        ]

    def _write(self, facts: list[dict[str, Any]]) -> Tally:
        now, by = timezone.now(), self.order.by
        work = ticket_work(self.organization, facts, now=self.now, lock=True)
        write_tickets(self.organization, work, by=by, reason=self.order.reason, now=now)
        created = [ticket.pk for ticket in work.new]
        tally = _tally(work)
        tally.before.append(
            Before(
                part=TICKETS,
                written_at=now,
                changes=len(created) + len(work.replaced),
                content=pack_record({"created": created, "replaced": work.replaced}),
            )
        )
        return tally

    def _facts(self, rows: Rows) -> list[dict[str, Any]]:
        """What each row says; an empty cell says nothing."""
        columns = {name: rows.values[name].rows for name in (*SAID, "severity") if name in rows}
        facts = []
        for at, line in enumerate(rows.lines.tolist()):
            said = {name: texts[at] for name, texts in columns.items() if not _is_empty(texts[at])}
            severity = said.pop("severity", None)
            if severity:
                said.setdefault("priority", severity)
            if "is_escalated" in said:
                said["is_escalated"] = said["is_escalated"] in YES
            if "csat" in said:
                said["csat"] = int(said["csat"])
            if "resolved_at" in said:
                said.setdefault("status", "resolved")
            facts.append({**said, "account_id": self._keys[line]})
        return facts


class TicketsUndo:
    """Takes an import of tickets back; the engine's `Undo`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self._vouched: set[int] = set()

    def check(self, image: ImportBefore) -> str:
        record = unpack_record(image.content)
        keys = [key for key in (*record["created"], *map(int, record["replaced"])) if key not in self._vouched]
        self._vouched.update(keys)
        now = self.organization.tickets.filter(pk__in=keys).order_by("pk")
        stored = {ticket.pk: ticket for ticket in now}
        touched = [key for key in keys if key not in stored or stored[key].updated_at != image.written_at]
        if not touched:
            return ""
        first = next((stored[key] for key in touched if key in stored), None)
        if first is None:
            return f"{counted(len(touched), 'ticket')} of it no longer exist{'s' if len(touched) == 1 else ''}."
        others = f", and {counted(len(touched) - 1, 'other ticket')} too" if len(touched) > 1 else ""
        return f"Ticket {first} was changed since{others}."

    def restore(self, image: ImportBefore) -> None:
        self._vouched = set()
        touched = self.check(image)
        if touched:
            raise UndoRefused(touched)
        record, by, reason = unpack_record(image.content), self.order.by, self.order.reason[:100]
        replaced = {int(key): facts for key, facts in record["replaced"].items()}
        restore_tickets(self.organization, replaced, by=by, reason=reason)
        remove_tickets(self.organization, record["created"], by=by, reason=reason)


def _tally(work: TicketWork) -> Tally:
    return Tally(rows=Upserted(created=len(work.new), updated=len(work.changed), unchanged=work.unchanged))


def _about(rows: Rows, at: int, said: Mapping[str, Any], column: str) -> Problem:
    """The row names an account that is not there."""
    name = "account_name" if column == "account_name" else "external_id"
    text = str(said[name].rows[at] or "")
    if not text and "external_id" in said:
        column, text = "account_external_id", str(said["external_id"].rows[at] or "")
    return rows.problem(at, column, text, "is no account that is there")


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value != value


def _column(field: str) -> str:
    return {"account": "account_name"}.get(field, field)


def _text(value: object) -> str:
    return value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else str(value or "")


def _reason(sentence: str) -> str:
    """A form's sentence as the end of one that begins with the cell: no capital, no full stop."""
    text = sentence.rstrip(".").removeprefix("It ")
    return text[:1].lower() + text[1:]
