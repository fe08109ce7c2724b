"""The accounts import: facts about accounts without their daily metrics, one row an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from accounts.arr_sources import sourced_arr
from accounts.enums import AccountStatus
from accounts.imports.account_columns import PREFIX
from accounts.imports.before import NamesBefore
from accounts.imports.parents import Parents, settled_parents
from accounts.imports.people import NamedPeople
from accounts.models import Account
from accounts.services.account import ACCOUNT_NUMBERS
from accounts.services.custom_fields import stored_value
from accounts.services.import_accounts import FACTS, ImportedAccounts, settle_arr
from accounts.services.import_tags import stored_tags, write_tags
from accounts.services.status_news import Was, pass_on_statuses
from csplatform import bulk
from csplatform.bulk import Upserted
from csplatform.formatting import counted, date_text
from csplatform.imports.before import pack_record
from csplatform.imports.columns import Rows, Values
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Before, Checked, Order, Step, Tally
from csplatform.money import ZERO
from csplatform.querysets import among
from csplatform.services.sequence import lock_sequence
from csplatform.tenancy import organization_scope

ACCOUNT_FACTS = {**FACTS, "team": "team_id", "contract_term_months": "contract_term_months"}
MORE_FIELDS = ("status", "churned_on", "churn_reason", "arr", "custom_fields")
APART = ("status", "churned_on", "churn_reason", "tags", "parent", "arr")
"""Columns that are more than a field to fill; an organisation's own are, too."""
FACTS_PART, PARENTS_PART = "facts", "parents"
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows last checked, and the places of their accounts."""

    lines: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


class AccountsLoader:
    """Takes one file of accounts in; the engine's `Loader` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self.accounts = ImportedAccounts(
            order.organization, facts=ACCOUNT_FACTS, more_fields=MORE_FIELDS, more=self._more
        )
        self.people = NamedPeople(order.organization)
        self._said: dict[int, dict[str, Any]] = {}
        self._last: dict[int, int] = {}
        self._repeated = 0
        self._is_checked = False
        self._parents = Parents()
        self._seen = Seen(*(np.empty(0, dtype=np.int64),) * 2)
        with organization_scope(self.organization, write=False):
            self._custom = {field.key: field for field in self.organization.custom_fields.in_use()}

    # -- checking -----------------------------------------------------------------------------------

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        rows, problems = _with_outcomes(rows)
        rows, found = _without_contradictions(rows)
        problems += found
        with organization_scope(self.organization, write=False):
            for step in (self.people.read, self.accounts.refuse):
                rows, found = step(rows)
                problems += found
            rows, places, strangers = self.accounts.match(rows)
        if not self._is_checked:
            today = np.full(len(rows), self.order.today.toordinal(), dtype=np.int64)
            self.accounts.note(rows, places, today)
            self._note(rows, places)
        self._seen = Seen(rows.lines, places)
        return rows, problems + strangers

    def _note(self, rows: Rows, places: npt.NDArray[np.int64]) -> None:
        """Remember what the last row of each account says beside plain facts."""
        cells = {name: rows.values[name].rows for name in rows.values if name in APART or name.startswith(PREFIX)}
        for at, (place, line) in enumerate(zip(places.tolist(), rows.lines.tolist(), strict=True)):
            self._repeated += place in self._last
            self._last[place] = line
            self._said[place] = {name: texts[at] for name, texts in cells.items() if texts[at] not in (None, "")}

    def checked(self) -> Checked:
        self._is_checked = True
        new = [place for place in self._last if self.accounts.accounts[place].key is None]
        with organization_scope(self.organization, write=False):
            self._parents = self._settled_parents()
        return Checked(
            repeated=self._repeated,
            details={"accounts": len(self._last), "accounts_created": len(new)},
            newcomers=partial(self.accounts.newcomers, new) if new else None,
            notices=[*self._parents.notices, *self._undated_churns()],
        )

    def _undated_churns(self) -> list[str]:
        """That accounts will count as churned today, because the file does not know better."""
        undated = [
            place
            for place, said in self._said.items()
            if said.get("status") == AccountStatus.CHURNED and "churned_on" not in said
        ]
        keys = sorted(key for place in undated if (key := self.accounts.accounts[place].key) is not None)
        with organization_scope(self.organization, write=False):
            stored = self.organization.accounts.filter(among("pk", keys), status=AccountStatus.CHURNED)
            count = len(undated) - stored.count()
        if count <= 0:
            return []
        verb = "has" if count == 1 else "have"
        day = date_text(self.order.today)
        return [f"{counted(count, 'account')} {verb} left on a day that the file does not say; stored is {day}."]

    def _settled_parents(self) -> Parents:
        return settled_parents(
            self.accounts, {place: said["parent"] for place, said in self._said.items() if "parent" in said}
        )

    def _more(self, place: int, held: Mapping[str, Any]) -> dict[str, object]:
        """Status, with what goes with it, and custom fields: what an account that holds this will hold."""
        said = self._said.get(place, {})
        more: dict[str, object] = {}
        status = said.get("status", held["status"])
        if status != held["status"]:
            leaves = status == AccountStatus.CHURNED
            more |= {
                "status": status,
                "churned_on": said.get("churned_on", self.order.today) if leaves else None,
                "churn_reason": said.get("churn_reason", "") if leaves else "",
            }
            if leaves:
                more["arr"] = ZERO
        own = {name.removeprefix(PREFIX): value for name, value in said.items() if name.startswith(PREFIX)}
        if own:
            more["custom_fields"] = held["custom_fields"] | {
                key: stored_value(self._custom[key], value) for key, value in own.items()
            }
        return more

    # -- the rows -----------------------------------------------------------------------------------

    def prepare(self, after: int) -> Iterator[Step]:
        return iter(())

    def load(self, rows: Rows) -> Callable[[], Tally]:
        return partial(self._write, self._places(rows))

    def forecast(self, rows: Rows) -> Tally:
        with organization_scope(self.organization, write=False):
            return Tally(rows=self._compared(self._places(rows)))

    def _places(self, rows: Rows) -> list[int]:
        """The accounts of which these rows are the last."""
        places = self._seen.places[np.searchsorted(self._seen.lines, rows.lines)].tolist()
        return [
            place for place, line in zip(places, rows.lines.tolist(), strict=True) if self._last.get(place) == line
        ]

    def _compared(self, places: Sequence[int]) -> Upserted:
        """How the accounts compare with what is stored, before anything is written."""
        known = {key: place for place in places if (key := self.accounts.accounts[place].key) is not None}
        changed, _, _ = self.accounts.differing(list(known.values()))
        differ = set(changed) | (self.accounts.with_new_identity().keys() & known.keys())
        wanted = self._wanted_tags(known)
        held = stored_tags(self.organization, wanted)
        differ |= {key for key, tags in wanted.items() if held[key] != tags}
        reported, parents = self._reported(known), self._parents.taken
        subscribed = sourced_arr(self.organization, list(reported))
        stored = self.organization.accounts.filter(pk__in=list(known)).order_by()
        for key, arr, parent, status in stored.values_list("pk", "arr", "parent_id", "status"):
            place = known[key]
            leaves = self._said[place].get("status", status) == AccountStatus.CHURNED
            if key in reported and reported[key] != arr and key not in subscribed and not leaves:
                differ.add(key)
            if place in parents and self.accounts.accounts[parents[place]].key != parent:
                differ.add(key)
        return Upserted(created=len(places) - len(known), updated=len(differ), unchanged=len(known) - len(differ))

    def _write(self, places: Sequence[int]) -> Tally:
        now, by, reason = timezone.now(), self.order.by, self.order.reason
        rows = self._compared(places)
        held = self._held(places)
        written = self.accounts.write(places, by=by, reason=reason, now=now)
        keys = {key: place for place in places if (key := self.accounts.accounts[place].key) is not None}
        tags = write_tags(self.organization, self._wanted_tags(keys), by=by, reason=reason, now=now)
        notices = written.notices
        if "arr" in self.order.header:
            reported = {key: [(self.order.today, arr)] for key, arr in self._reported(keys).items()}
            notices += settle_arr(organization=self.organization, reported=reported, by=by, cause=reason, now=now)
        moved = self._tell(held)
        changed = {key: held[key] for key in self._written(held, now)}
        created = list(written.created)
        record = {
            "created": created,
            "replaced": changed,
            "tags": {key: sorted(names) for key, names in tags.items() if key in held},
            "day": self.order.today,
            "moved": moved,
        }
        image = Before(
            part=FACTS_PART,
            written_at=now,
            changes=len(created) + len(changed),
            content=pack_record(record),
        )
        return Tally(rows=rows, notices=notices, before=[image])

    def _held(self, places: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What the known ones among the accounts hold now, with the lock that the whole piece needs."""
        fields = [*ACCOUNT_FACTS.values(), *MORE_FIELDS, "updated_at"]
        keys = [key for place in places if (key := self.accounts.accounts[place].key) is not None]
        stored = self.organization.accounts.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        return {key: dict(zip(fields, values, strict=True)) for key, *values in stored.values_list("pk", *fields)}

    def _written(self, held: Mapping[int, Mapping[str, Any]], now: datetime) -> list[int]:
        keys = self.organization.accounts.filter(pk__in=list(held), updated_at=now).order_by("pk")
        return list(keys.values_list("pk", flat=True))

    def _wanted_tags(self, keys: Mapping[int, int]) -> dict[int, set[str]]:
        return {
            key: set(self._said[place]["tags"].split(", "))
            for key, place in keys.items()
            if "tags" in self._said[place]
        }

    def _reported(self, keys: Mapping[int, int]) -> dict[int, Any]:
        """What accounts are said to pay; `settle_arr` decides whether that counts."""
        return {key: self._said[place]["arr"] for key, place in keys.items() if "arr" in self._said[place]}

    def _tell(self, held: Mapping[int, Mapping[str, Any]]) -> list[int]:
        """Pass on who left and who came back, as `update_account` does for one; returns whom that was about."""
        rows = list(self.organization.accounts.filter(pk__in=list(held)).order_by("pk"))
        was = {key: Was(facts["status"], facts["arr"]) for key, facts in held.items()}
        return pass_on_statuses(self.organization, rows, was=was, by=self.order.by)

    # -- after the rows -----------------------------------------------------------------------------

    def settle(self, after: int) -> Iterator[Step]:
        places = sorted(place for place, said in self._said.items() if "parent" in said)
        for start in range(0, len(places), ROWS_AT_ONCE):
            some = [place for place in places[start : start + ROWS_AT_ONCE] if place >= after]
            if some:
                yield Step(position=some[-1] + 1, total=places[-1] + 1, ready=partial(partial, self._link, some))

    def _link(self, places: Sequence[int]) -> Tally:
        """Give accounts their parents, under the lock that other givers of parents take."""
        now = timezone.now()
        lock_sequence(self.organization, ACCOUNT_NUMBERS)
        taken = self._settled_parents().taken
        wanted = {
            key: self.accounts.accounts[taken[place]].key
            for place in places
            if place in taken and (key := self.accounts.accounts[place].key) is not None
        }
        stored = self.organization.accounts.filter(pk__in=list(wanted)).order_by("pk").select_for_update(no_key=True)
        old = {
            key: {"parent_id": parent, "updated_at": updated_at}
            for key, parent, updated_at in stored.values_list("pk", "parent_id", "updated_at")
            if parent != wanted[key]
        }
        if not old:
            return Tally()
        keys = list(old)
        bulk.update_from(Account, keys, {"parent_id": [wanted[key] for key in keys]}, stamps={"updated_at": now})
        bulk.record_history(Account, keys, kind="~", by=self.order.by, reason=self.order.reason)
        image = Before(part=PARENTS_PART, written_at=now, changes=len(old), content=pack_record({"replaced": old}))
        return Tally(before=[image])

    def close(self) -> Tally:
        changed, now = self.accounts.with_new_identity(), timezone.now()
        names = NamesBefore(self.organization, list(changed))
        written = self.accounts.write_identities(by=self.order.by, reason=self.order.reason, now=now)
        if not written.replaced:
            return Tally()
        return Tally(
            details={"accounts_renamed": len(written.replaced)}, before=[names.image(written, written_at=now)]
        )


def _with_outcomes(rows: Rows) -> tuple[Rows, list[Problem]]:
    """The rows with the status that a plain yes to "has churned" comes to; without those whose status denies it."""
    if "has_churned" not in rows or not len(rows):
        return rows, []
    left = rows.values["has_churned"].rows
    said = rows.values["status"].rows if "status" in rows else np.full(len(rows), None, dtype=object)
    status = np.where(left == AccountStatus.CHURNED, left, said)
    wrong = np.array([bool(old) and old != new for old, new in zip(said, status, strict=True)], dtype=bool)
    problems = [
        rows.problem(at, "has_churned", "yes", "cannot be: the same row gives the account another status")
        for at in np.flatnonzero(wrong).tolist()
    ]
    values = {name: each for name, each in rows.values.items() if name != "has_churned"}
    values["status"] = Values(np.arange(len(rows)), status)
    return replace(rows, values=values).keep(~wrong), problems


def _without_contradictions(rows: Rows) -> tuple[Rows, list[Problem]]:
    """The rows without those that contradict themselves, each with the first thing that is wrong."""
    problems: list[Problem] = []
    cells = {
        name: rows.values[name].rows
        for name in ("status", "churned_on", "churn_reason", "arr", "account_name", "external_id", "parent")
        if name in rows
    }
    for at in range(len(rows)):
        said = {name: texts[at] for name, texts in cells.items() if texts[at] not in (None, "")}
        wrong = _contradiction(said)
        if wrong:
            column, reason = wrong
            problems.append(rows.problem(at, column, str(said[column]), reason))
    if not problems:
        return rows, []
    bad = np.isin(rows.lines, [problem.line for problem in problems])
    return rows.keep(~bad), problems


def _contradiction(said: Mapping[str, Any]) -> tuple[str, str] | None:
    if said.get("status") != AccountStatus.CHURNED:
        for column in ("churned_on", "churn_reason"):
            if column in said:
                return column, "needs the status Churned in the same row"
    elif said.get("arr"):
        return "arr", "cannot be: the same row says that the account has left"
    if "parent" in said and said["parent"].casefold() in {
        str(said.get(name, "")).casefold() for name in ("account_name", "external_id")
    }:
        return "parent", "is the account itself"
    return None
