"""The contacts import: people at accounts that are there, found by their address, else by their name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import Contact
from accounts.names import clean_email, clean_name
from accounts.services.import_accounts import ImportedAccounts
from csplatform.bulk import Upserted
from csplatform.imports.columns import Rows
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Checked, Order, Step, Tally
from csplatform.tenancy import organization_scope

TEXTS = ("name", "email", "phone", "title", "role")
WRITTEN = [*TEXTS, "is_primary", "left_on", "updated_at"]
YES = frozenset({"yes", "true", "1"})
PersonKey = tuple[int, str]
"""An account's key, and the address or else the name in lower case."""


@dataclass(slots=True)
class _Work:
    """What some rows come to."""

    new: list[Contact]
    changed: list[Contact]
    unchanged: int
    primaries: dict[int, Contact]
    """By account, who becomes its primary contact."""


class ContactsLoader:
    """Takes one file of contacts in; the engine's `Loader` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self.accounts = ImportedAccounts(order.organization)
        self._last: dict[PersonKey, int] = {}
        self._repeated = 0
        self._is_checked = False

    # -- checking -----------------------------------------------------------------------------------

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        with organization_scope(self.organization, write=False):
            rows, places, problems = self.accounts.match(rows)
        keys = [self.accounts.accounts[place].key for place in places.tolist()]
        column = "account_name" if "account_name" in rows else "external_id"
        unknown = [at for at, key in enumerate(keys) if key is None]
        problems += [
            rows.problem(at, column, str(rows.values[column].rows[at] or ""), "is no account that is there")
            for at in unknown
        ]
        both = self._primary_and_gone(rows)
        problems += [
            rows.problem(at, "is_primary", "Yes", "cannot be: the same row says they have left") for at in both
        ]
        bad = set(unknown) | set(both)
        rows = rows.keep(np.array([at not in bad for at in range(len(rows))], dtype=bool))
        if not self._is_checked:
            for person, line in zip(self._people(rows), rows.lines, strict=True):
                self._repeated += person in self._last
                self._last[person] = int(line)
        return rows, problems

    def checked(self) -> Checked:
        self._is_checked = True
        return Checked(repeated=self._repeated, details={"accounts": len({account for account, _ in self._last})})

    def _primary_and_gone(self, rows: Rows) -> list[int]:
        if "is_primary" not in rows or "left_on" not in rows:
            return []
        pairs = zip(rows.values["is_primary"].rows, rows.values["left_on"].rows, strict=True)
        return [at for at, (primary, left) in enumerate(pairs) if primary in YES and isinstance(left, date)]

    def _people(self, rows: Rows) -> list[PersonKey]:
        with organization_scope(self.organization, write=False):
            _, places, _ = self.accounts.match(rows)
        accounts = [self.accounts.accounts[place].key or 0 for place in places.tolist()]
        return [
            (account, clean_email(facts.get("email", "")) or clean_name(facts["name"]).casefold())
            for account, facts in zip(accounts, self._facts(rows), strict=True)
        ]

    # -- the rows -----------------------------------------------------------------------------------

    def prepare(self, after: int) -> Iterator[Step]:
        return iter(())

    def settle(self, after: int) -> Iterator[Step]:
        return iter(())

    def close(self) -> Tally:
        return Tally()

    def load(self, rows: Rows) -> Callable[[], Tally]:
        return partial(self._write, rows, self._people(rows))

    def forecast(self, rows: Rows) -> Tally:
        people = self._people(rows)
        with organization_scope(self.organization, write=False):
            return _tally(self._work(rows, people))

    def _write(self, rows: Rows, people: list[PersonKey]) -> Tally:
        now, by, reason = timezone.now(), self.order.by, self.order.reason[:100]
        accounts = sorted({account for account, _ in people})
        # The accounts are the lock, as in `accounts.services.contact`; read in one order by all.
        list(self.organization.accounts.filter(pk__in=accounts).order_by("pk").select_for_update(no_key=True))
        work = self._work(rows, people)
        known = {contact.pk for contact in work.primaries.values()}
        demoted = list(self.organization.contacts.primary().filter(account__in=work.primaries).exclude(pk__in=known))
        changing = {contact.pk: contact for contact in work.changed}
        for contact in demoted:
            changing.setdefault(contact.pk, contact).is_primary = False
        # At no moment are there two: all give way first, then those who take over are written.
        first = [contact for contact in changing.values() if not contact.is_primary]
        then = [contact for contact in changing.values() if contact.is_primary]
        history: dict[str, Any] = {"default_user": by, "default_change_reason": reason, "batch_size": 500}
        for some in (first, then):
            for contact in some:
                contact.updated_at = now
            bulk_update_with_history(some, Contact, WRITTEN, **history)
        bulk_create_with_history(work.new, Contact, **history)
        return _tally(work)

    def _work(self, rows: Rows, people: list[PersonKey]) -> _Work:
        """What the rows come to beside what is stored; of a person's rows the last of the file counts."""
        stored: dict[PersonKey, Contact] = {}
        named: dict[PersonKey, Contact] = {}
        accounts = {account for account, _ in people}
        for contact in self.organization.contacts.current().filter(account__in=accounts).order_by("pk"):
            stored[contact.account_id, contact.email or contact.name.casefold()] = contact
            named.setdefault((contact.account_id, contact.name.casefold()), contact)
        work = _Work([], [], 0, {})
        for person, line, facts in zip(people, rows.lines, self._facts(rows), strict=True):
            if self._last.get(person) != int(line):
                continue
            account = person[0]
            known = stored.get(person) or self._without_address(named, account, facts)
            is_new = known is None
            if known is None:
                if "left_on" in facts and self._has_left(account, facts):
                    work.unchanged += 1
                    continue
                known = Contact(organization=self.organization, account_id=account)
            contact = known
            before = [getattr(contact, name) for name in WRITTEN]
            for name, value in facts.items():
                setattr(contact, name, value)
            if contact.left_on:
                contact.is_primary = False
            if is_new:
                work.new.append(contact)
            elif [getattr(contact, name) for name in WRITTEN] != before:
                work.changed.append(contact)
            else:
                work.unchanged += 1
            if contact.is_primary:
                earlier = work.primaries.get(account)
                if earlier is not None and earlier is not contact:
                    earlier.is_primary = False
                work.primaries[account] = contact
        return work

    def _without_address(
        self, named: dict[PersonKey, Contact], account: int, facts: dict[str, Any]
    ) -> Contact | None:
        """Somebody of that name whose address is not known yet, or a row that gives none."""
        contact = named.get((account, clean_name(facts["name"]).casefold()))
        return contact if contact is not None and not (contact.email and facts.get("email")) else None

    def _has_left(self, account: int, facts: dict[str, Any]) -> bool:
        """Whether the same departure is stored already: the same file again changes nothing."""
        gone = self.organization.contacts.filter(account_id=account, left_on=facts["left_on"], name=facts["name"])
        return gone.exists()

    def _facts(self, rows: Rows) -> list[dict[str, Any]]:
        """What each row says; an empty cell says nothing."""
        columns = {name: rows.values[name].rows for name in (*TEXTS, "is_primary", "left_on") if name in rows}
        facts = []
        for at in range(len(rows)):
            said = {
                name: column[at] for name, column in columns.items() if column[at] is not None and column[at] != ""
            }
            if "is_primary" in said:
                said["is_primary"] = said["is_primary"] in YES
            if "email" in said:
                said["email"] = clean_email(said["email"])
            said["name"] = clean_name(said["name"])
            facts.append(said)
        return facts


def _tally(work: _Work) -> Tally:
    return Tally(rows=Upserted(created=len(work.new), updated=len(work.changed), unchanged=work.unchanged))
