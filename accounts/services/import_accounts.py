"""Accounts out of files: which account a row speaks of, what its newest row says of it, and writing both."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction

from accounts.arr_sources import Contract, sourced_arr, sourced_contracts
from accounts.enums import AccountStatus, AliasKind, AliasOrigin
from accounts.models import Account
from accounts.names import clean_name, name_key
from accounts.selectors.look_alikes import look_alikes
from accounts.services.account import ACCOUNT_NUMBERS, remember_names
from accounts.services.account_lines import tell_imported
from accounts.signals import ArrChange, arr_changed, contracts_changed
from csplatform import bulk
from csplatform.formatting import date_text, rupees_full
from csplatform.imports.columns import Rows, Values
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Newcomers
from csplatform.models import Organization, User
from csplatform.querysets import among
from csplatform.services.sequence import lock_sequence, take_numbers

LOOKED_UP_AT_ONCE = 5_000
NAMED_NEWCOMERS = 20
NEVER: Mapping[int, date] = {}
FACTS = {
    "segment": "segment",
    "size": "size",
    "region": "region",
    "industry": "industry",
    "lead_source": "lead_source",
    "seats": "seats",
    "owner": "owner_id",
    "contract_start": "contract_start",
    "contract_end": "contract_end",
}
"""Columns of a file that say something about the account, and the fields they fill."""

CONTRACT = ("contract_start", "contract_end")

More = Callable[[int, Mapping[str, Any]], Mapping[str, object]]
"""What else a file says of the account at a place, given what its fields hold: fields that the kind itself reads."""

DEFAULTS = {each.attname: each.get_default() for each in Account._meta.concrete_fields if not each.primary_key}

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one step did to accounts."""

    created: Sequence[int] = ()
    """The keys of the accounts that were made."""
    replaced: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    """What the accounts that were changed had in their fields before, `updated_at` among them, by key."""
    notices: list[str] = field(default_factory=list)


class Refused(Exception):
    """Why a row speaks of no account that it may speak of."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(slots=True)
class ImportedAccount:
    """An account that the file speaks of: a known one, or one to be made."""

    key: int | None
    name: str
    external_id: str
    is_archived: bool = False
    renamed_to: str = ""
    has_new_external_id: bool = False


class ImportedAccounts:
    """The accounts of one file, by their place in the order in which they first appear.

    Rows are shown to it in the order of the file. Asked again about the same rows it gives the same answers, also
    when the accounts it wants have been made meanwhile: so a killed import can be taken up by reading the file
    again. That is why a new name or external id of an account is written last, by `write_identities`.
    """

    def __init__(
        self,
        organization: Organization,
        *,
        facts: Mapping[str, str] = FACTS,
        more_fields: Sequence[str] = (),
        more: More = lambda place, held: {},
    ) -> None:
        self.organization = organization
        self.fields = facts
        self._more_fields, self._more = tuple(more_fields), more
        self.accounts: list[ImportedAccount] = []
        self._by_name: dict[str, int] = {}
        self._by_external_id: dict[str, int] = {}
        self._by_key: dict[int, int] = {}
        self._former_names: dict[str, AliasOrigin] = {}
        self._by_pair: dict[tuple[str, str], int | Refused] = {}
        self._looked_up: set[str] = set()
        self._newest = _Growing(np.int64)
        self._facts = {column: _Growing(np.int32) for column in facts}
        self._pool: list[object] = [None]
        self._place_in_pool: dict[object, int] = {None: 0}
        self._owners: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.accounts)

    # -- which account ------------------------------------------------------------------------------

    def refuse(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        """The rows without those whose owner is no member, or whose contract ends before it starts."""
        problems: list[Problem] = []
        if "owner" in rows:
            emails = rows.values["owner"]
            strange = np.array([bool(email) and email not in self._members() for email in emails.distinct])
            rows, found = _without(
                rows, strange[emails.codes] if len(strange) else None, "owner", "is not an active member"
            )
            problems += found
        if "contract_start" in rows and "contract_end" in rows:
            starts, ends = rows.values["contract_start"].rows, rows.values["contract_end"].rows
            wrong = np.array([bool(a and b and b < a) for a, b in zip(starts, ends, strict=True)], dtype=bool)
            rows, found = _without(rows, wrong, "contract_end", "is before the contract starts")
            problems += found
        return rows, problems

    def match(self, rows: Rows) -> tuple[Rows, Indices, list[Problem]]:
        """For each row the place of its account; without the rows that may not be taken, and why not."""
        if not len(rows):
            return rows, np.empty(0, dtype=np.int64), []
        names, ids = _texts(rows, "account_name"), _texts(rows, "external_id")
        pairs = names.codes.astype(np.int64) * len(ids.distinct) + ids.codes
        distinct, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
        wanted = [
            (names.distinct[pair // len(ids.distinct)] or "", ids.distinct[pair % len(ids.distinct)] or "")
            for pair in distinct.tolist()
        ]
        self._look_up(pair for pair in wanted if pair not in self._by_pair)
        places = np.full(len(distinct), -1, dtype=np.int64)
        refusals: dict[int, Refused] = {}
        for which in np.argsort(first).tolist():  # in the order of the file: the first to use a name has it
            found = self._by_pair.get(wanted[which])
            if found is None:
                found = self._by_pair[wanted[which]] = self._find(*wanted[which])
            if isinstance(found, Refused):
                refusals[which] = found
            else:
                places[which] = found
        by_row = places[inverse]
        if not refusals:
            return rows, by_row, []
        problems = []
        for row in np.flatnonzero(by_row < 0).tolist():
            refused = refusals[int(inverse[row])]
            name, external_id = wanted[int(inverse[row])]
            value = external_id if refused.column == "external_id" else name
            problems.append(rows.problem(row, refused.column, value, refused.reason))
        taken = by_row >= 0
        return rows.keep(taken), by_row[taken], problems

    def find(self, texts: Collection[str]) -> dict[str, int | None]:
        """The accounts, known or of the file, that people name by their name or else by their external id."""
        self._look_up(("", text) for text in texts)
        return {
            text: self._by_external_id.get(text) if (place := self._by_name.get(name_key(text))) is None else place
            for text in texts
        }

    def note(self, rows: Rows, places: Indices, days: npt.NDArray[np.int64]) -> None:
        """Remember what the newest row of each account says; of equally new ones the last in the file."""
        if not len(rows):
            return
        order = np.lexsort((rows.lines, days, places))
        is_last = np.append(np.diff(places[order]) > 0, True)
        newest = order[is_last]
        newest = newest[days[newest] >= self._newest.get(places[newest])]
        at = places[newest]
        self._newest.put(at, days[newest])
        for column, stored in self._facts.items():
            if column in rows:
                values = rows.values[column]
                pooled = np.array([self._pooled(column, value) for value in values.distinct], dtype=np.int32)
                stored.put(at, pooled[values.codes[newest]])
        if "external_id" in rows and "account_name" in rows:
            self._note_names(rows, newest, at)

    def seen(self) -> list[int]:
        """The accounts that a row which may be taken is about."""
        return [place for place in range(len(self)) if self._newest.at(place)]

    def newcomers(self, places: Sequence[int]) -> Newcomers:
        """What there is to say of the accounts that would be made, and which are probably slips of the finger."""
        names = [self.accounts[place].name for place in places]
        known = self.organization.accounts.count()
        return Newcomers(
            count=len(names),
            names=names[:NAMED_NEWCOMERS],
            look_alikes=look_alikes(self.organization, names) if known else [],
            known=known,
        )

    def newest_days(self, places: Indices) -> npt.NDArray[np.int64]:
        """The day (as an ordinal) of each account's newest row."""
        return self._newest.get(places)

    # -- writing ------------------------------------------------------------------------------------

    @transaction.atomic
    def write(
        self,
        places: Sequence[int],
        *,
        by: User | None,
        reason: str,
        now: datetime,
        newest_known: Mapping[int, date] = NEVER,
    ) -> Written:
        """Make the new ones among some of the accounts, and bring the facts of the others up to date.

        `newest_known` is the day of the newest metrics that known accounts already have: theirs stay where those
        are newer than the file's.
        """
        # First in the order of locks; under it nobody else makes an account of the same name.
        new = [place for place in places if self.accounts[place].key is None]
        if new:
            lock_sequence(self.organization, ACCOUNT_NUMBERS)
            self._adopt_those_made_meanwhile(new)
            new = [place for place in new if self.accounts[place].key is None]
        known = [
            place
            for place in places
            if (key := self.accounts[place].key) is not None
            and self._newest.at(place) >= newest_known.get(key, date.min).toordinal()
        ]
        replaced, notices = self._update(known, by=by, reason=reason, now=now)
        self._create(new, by=by, reason=reason, now=now)
        created = [key for place in new if (key := self.accounts[place].key) is not None]
        return Written(created=created, replaced=replaced, notices=notices)

    def with_new_identity(self) -> dict[int, int]:
        """Known accounts that the file gives another name or an external id: key to place."""
        return {
            account.key: place
            for place, account in enumerate(self.accounts)
            if account.key is not None and (account.renamed_to or account.has_new_external_id)
        }

    @transaction.atomic
    def write_identities(
        self, *, by: User | None, reason: str, now: datetime, newest_known: Mapping[int, date] = NEVER
    ) -> Written:
        """Write the new names and external ids of accounts, all at once."""
        changed = {
            key: self.accounts[place]
            for key, place in self.with_new_identity().items()
            if self._newest.at(place) >= newest_known.get(key, date.min).toordinal()
        }
        if not changed:
            return Written()
        fields = ("name", "name_key", "external_id", "updated_at")
        stored = self.organization.accounts.filter(pk__in=list(changed)).order_by()
        replaced = {key: dict(zip(fields, old, strict=True)) for key, *old in stored.values_list("pk", *fields)}
        names = [account.renamed_to or account.name for account in changed.values()]
        keys = list(changed)
        bulk.update_from(
            Account,
            keys,
            {
                "name": names,
                "name_key": [name_key(name) for name in names],
                "external_id": [account.external_id for account in changed.values()],
            },
            stamps={"updated_at": now},
        )
        bulk.record_history(Account, keys, kind="~", by=by, reason=reason)
        olds = [account.name for account in changed.values()]
        remember_names(organization=self.organization, renamed=zip(keys, olds, names, strict=True))
        return Written(replaced=replaced)

    # -- matching, in detail ------------------------------------------------------------------------

    def _find(self, name: str, external_id: str) -> int | Refused:
        try:
            place = self._find_or_add(clean_name(name), external_id)
        except Refused as refused:
            return refused
        if self.accounts[place].is_archived:
            return Refused(
                "external_id" if external_id else "account_name", "is an archived account; restore it first"
            )
        return place

    def _find_or_add(self, name: str, external_id: str) -> int:
        if not name and not external_id:
            raise Refused("account_name", "is missing")
        key = name_key(name or external_id)
        if not key:
            raise Refused("account_name", "is not a name")
        by_name = self._by_name.get(key)
        if not external_id:
            return self._add(name, external_id) if by_name is None else by_name
        by_id = self._by_external_id.get(external_id)
        if by_id is not None:
            if name and by_name not in {None, by_id}:
                what = "a former name" if key in self._former_names else "the name"
                raise Refused("account_name", f"is {what} of another account than the one with this external_id")
            if name:
                self._by_name[key] = by_id
            return by_id
        if by_name is None:
            return self._add(name or external_id, external_id)
        account = self.accounts[by_name]
        if account.external_id:
            raise Refused("external_id", "is not the external_id that this account name has")
        account.external_id, account.has_new_external_id = external_id, True
        self._by_external_id[external_id] = by_name
        return by_name

    def _add(self, name: str, external_id: str) -> int:
        return self._remember(ImportedAccount(None, name, external_id), name_key(name))

    def _remember(self, account: ImportedAccount, key: str) -> int:
        self.accounts.append(account)
        place = len(self.accounts) - 1
        if account.key is not None:
            self._by_key[account.key] = place
        self._by_name[key] = place
        if account.external_id:
            self._by_external_id[account.external_id] = place
        return place

    def _look_up(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Fetch the accounts that names and external ids not met before may mean."""
        names, ids = set(), set()
        for name, external_id in pairs:
            names.add(name_key(name or external_id))
            ids.add(external_id)
        names = {name for name in names if f"n{name}" not in self._looked_up}
        ids = {each for each in ids if each and f"i{each}" not in self._looked_up}
        self._looked_up |= {f"n{name}" for name in names} | {f"i{each}" for each in ids}
        for key, name, its_key, external_id, archived_at in self._stored(names, ids):
            if its_key not in self._by_name and (not external_id or external_id not in self._by_external_id):
                self._remember(ImportedAccount(key, name, external_id, archived_at is not None), its_key)
        self._look_up_former(names, ids)

    def _look_up_former(self, names: Iterable[str], ids: Iterable[str]) -> None:
        """What an account was called, or an account that was merged into it, means it too."""
        fields = ("pk", "name", "name_key", "external_id", "archived_at")
        former = ("kind", "key", "origin", *(f"account__{each}" for each in fields))
        aliases = self.organization.account_aliases.order_by()
        for narrow, wanted in ((aliases.names, sorted(names)), (aliases.external_ids, sorted(ids))):
            for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
                found = narrow(wanted[start : start + LOOKED_UP_AT_ONCE]).values_list(*former)
                for kind, alias, origin, key, name, its_key, external_id, archived_at in found:
                    place = self._by_key.get(key, self._by_name.get(its_key))
                    if place is None:
                        account = ImportedAccount(key, name, external_id, archived_at is not None)
                        place = self._remember(account, its_key)
                    if kind == AliasKind.EXTERNAL_ID:
                        self._by_external_id.setdefault(alias, place)
                    elif self._by_name.setdefault(alias, place) == place:
                        self._former_names[alias] = AliasOrigin(origin)

    def _stored(self, names: Iterable[str], ids: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        fields = ("pk", "name", "name_key", "external_id", "archived_at")
        for lookup, wanted in (("name_key__in", sorted(names)), ("external_id__in", sorted(ids))):
            for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
                some = {lookup: wanted[start : start + LOOKED_UP_AT_ONCE]}
                yield from self.organization.accounts.filter(**some).order_by().values_list(*fields)

    def _members(self) -> dict[str, int]:
        if self._owners is None:
            active = self.organization.memberships.active().values_list("user__email", "user_id")
            self._owners = {email.lower(): user for email, user in active}
        return self._owners

    def _pooled(self, column: str, value: object) -> int:
        """Facts are kept as small numbers: of a hundred thousand accounts few differ in their region."""
        if column == "owner" and value is not None:
            value = self._members().get(str(value))  # of a stranger, whose row has been refused, nothing
        elif isinstance(value, float):
            value = None if value != value else int(value)
        place = self._place_in_pool.setdefault(value, len(self._pool))
        if place == len(self._pool):
            self._pool.append(value)
        return place

    def _note_names(self, rows: Rows, newest: Indices, at: Indices) -> None:
        """A row that names an account by its external id may give it a new name.

        The newest row decides, also when it takes back what an older one said in an earlier piece of the file.
        """
        names, ids = rows.values["account_name"].rows, rows.values["external_id"].rows
        for row, place in zip(newest.tolist(), at.tolist(), strict=True):
            account = self.accounts[place]
            name = clean_name(names[row] or "")
            # A merged account's rows go on coming under its old name, which is not the survivor's new one.
            is_said = ids[row] and self._former_names.get(name_key(name)) != AliasOrigin.MERGE
            account.renamed_to = name if is_said and name != account.name else ""

    # -- writing, in detail -------------------------------------------------------------------------

    def _adopt_those_made_meanwhile(self, places: Sequence[int]) -> None:
        keys = {name_key(self.accounts[place].name): place for place in places}
        for key, _, its_key, _, _ in self._stored(keys, ()):
            self.accounts[keys[its_key]].key = key

    def _create(self, places: Sequence[int], *, by: User | None, reason: str, now: datetime) -> None:
        if not places:
            return
        first = take_numbers(self.organization, ACCOUNT_NUMBERS, len(places))
        accounts = [self.accounts[place] for place in places]
        uuids = [uuid.uuid4() for _ in places]
        columns: dict[str, Sequence[object]] = {
            "uuid": uuids,
            "number": list(range(first, first + len(places))),
            "name": [account.name for account in accounts],
            "name_key": [name_key(account.name) for account in accounts],
            "external_id": ["" if account.has_new_external_id else account.external_id for account in accounts],
        }
        for column, name in self.fields.items():
            columns[name] = [DEFAULTS[name] if value is None else value for value in self._facts_at(column, places)]
        more = [{**DEFAULTS, **self._more(place, DEFAULTS)} for place in places] if self._more_fields else []
        columns |= {name: [facts[name] for facts in more] for name in self._more_fields}
        columns["contract_start"], columns["contract_end"] = zip(
            *map(_possible_contract, columns["contract_start"], columns["contract_end"]), strict=True
        )
        constants = {name: default for name, default in DEFAULTS.items() if name not in columns}
        constants |= {"organization_id": self.organization.pk, "created_at": now, "updated_at": now}
        keys = bulk.insert(Account, columns, constants=constants)
        bulk.record_history(Account, keys, kind="+", by=by, reason=reason)
        numbers = self.organization.accounts.filter(number__range=(first, first + len(places) - 1))
        by_number = dict(numbers.order_by().values_list("number", "pk"))
        for number, account in enumerate(accounts, start=first):
            account.key = by_number[number]
        made = {by_number[first + at]: each for at, each in enumerate(uuids)}
        tell_imported(self.organization, made, by=by, reason=reason, now=now)
        if any(columns["contract_end"]):
            contracts_changed.send(sender=Account, organization=self.organization, account_ids=keys, by=by)

    def _update(
        self, places: Sequence[int], *, by: User | None, reason: str, now: datetime
    ) -> tuple[dict[int, dict[str, object]], list[str]]:
        changed, replaced, notices = self.differing(places, lock=True)
        keys, fields = list(changed), [*self.fields.values(), *self._more_fields]
        columns = {each: [facts[each] for facts in changed.values()] for each in fields}
        bulk.update_from(Account, keys, columns, stamps={"updated_at": now})
        bulk.record_history(Account, keys, kind="~", by=by, reason=reason)
        if keys and "contract_end" in self.fields:
            ends = [key for key in keys if changed[key]["contract_end"] != replaced[key]["contract_end"]]
            if ends:
                contracts_changed.send(sender=Account, organization=self.organization, account_ids=ends, by=by)
        return replaced, notices

    def differing(
        self, places: Sequence[int], *, lock: bool = False
    ) -> tuple[dict[int, dict[str, object]], dict[int, dict[str, object]], list[str]]:
        """Which known accounts the file would change: what they would hold and what they hold, by key; and
        sentences about what stays against the file."""
        said = {column: self._facts_at(column, places) for column in self.fields}
        said = {column: values for column, values in said.items() if any(value is not None for value in values)}
        if not said and not self._more_fields:
            return {}, {}, []
        fields = [*self.fields.values(), *self._more_fields]
        place_of = {key: at for at, place in enumerate(places) if (key := self.accounts[place].key) is not None}
        dated = "contract_start" in said or "contract_end" in said
        subscribed = sourced_contracts(self.organization, list(place_of)) if dated else {}
        stored = self.organization.accounts.filter(pk__in=list(place_of)).order_by("pk")
        changed: dict[int, dict[str, object]] = {}
        replaced: dict[int, dict[str, object]] = {}
        notices = []
        if lock:
            stored = stored.select_for_update(no_key=True)
        for key, name, updated_at, *values in stored.values_list("pk", "name", "updated_at", *fields):
            facts = dict(zip(fields, values, strict=True))
            wanted = facts | {
                self.fields[column]: given[place_of[key]]
                for column, given in said.items()
                if given[place_of[key]] is not None
            }
            wanted |= self._more(places[place_of[key]], facts)
            stays = _contract_stays(name, wanted, facts, subscribed.get(key))
            if stays:
                notices.append(stays)
                wanted |= {each: facts[each] for each in CONTRACT}
            if wanted != facts:
                changed[key] = wanted
                replaced[key] = facts | {"updated_at": updated_at}
        return changed, replaced, notices

    def _facts_at(self, column: str, places: Sequence[int]) -> list[object]:
        codes = self._facts[column].get(np.array(places, dtype=np.int64))
        return [self._pool[code] for code in codes.tolist()]


@transaction.atomic
def settle_arr(
    *,
    organization: Organization,
    reported: Mapping[int, Sequence[tuple[date, Decimal]]],
    by: User | None,
    cause: str,
    now: datetime,
) -> list[str]:
    """Let accounts pay what was reported of them: for each the days from which it paid how much, oldest first.

    Their last figure is the account's ARR, and all of them go to the ledger. Churned accounts pay nothing, and those
    with subscriptions what these amount to. Returns sentences about what was left as it is.
    """
    accounts = (
        organization.accounts.filter(among("pk", sorted(reported))).order_by("pk").select_for_update(no_key=True)
    )
    changes: list[ArrChange] = []
    moved: dict[int, Decimal] = {}
    notices = []
    stored = list(accounts.values_list("pk", "name", "arr", "status"))
    subscribed = sourced_arr(organization, list(reported))
    for key, name, arr, status in stored:
        figures = reported[key]
        newest = figures[-1][1]
        if status == AccountStatus.CHURNED:
            if newest:
                notices.append(f"{name} has churned, so its ARR stays at 0.")
            continue
        if key in subscribed:
            if newest != subscribed[key]:
                notices.append(f"{name} has subscriptions, so its ARR stays at {rupees_full(subscribed[key])}.")
            continue
        if arr is None or any(figure != arr for _, figure in figures):
            changes += [ArrChange(key, day, figure) for day, figure in figures]
        if arr != newest:
            moved[key] = newest
    bulk.update_from(Account, list(moved), {"arr": list(moved.values())}, stamps={"updated_at": now})
    bulk.record_history(Account, list(moved), kind="~", by=by, reason=cause)
    if changes:
        arr_changed.send(sender=Account, organization=organization, changes=changes, cause=cause)
    return notices


def _contract_stays(
    name: str, wanted: Mapping[str, object], facts: Mapping[str, object], subscribed: Contract | None
) -> str:
    """Why the contract of an account stays as it is against the file, if it does."""
    start, end = (wanted[each] for each in CONTRACT)
    if subscribed and (start, end) not in {subscribed, tuple(facts[each] for each in CONTRACT)}:
        first, last = (date_text(day) for day in subscribed)
        return f"{name} has subscriptions, so its contract stays as they say: {first} to {last}."
    if _possible_contract(start, end)[1] != end:
        return f"The contract dates of {name} stay: with the file's they would end before they start."
    return ""


def _possible_contract(start: object, end: object) -> tuple[object, object]:
    """Both dates, or the start alone where the end would lie before it."""
    if isinstance(start, date) and isinstance(end, date) and end < start:
        return start, None
    return start, end


def _texts(rows: Rows, column: str) -> Values:
    """A column of texts; all empty where the file has no such column."""
    if column in rows:
        return rows.values[column]
    empty = np.array([""], dtype=object)
    return Values(np.zeros(len(rows), dtype=np.intp), empty)


def _without(rows: Rows, bad: npt.NDArray[np.bool_] | None, column: str, reason: str) -> tuple[Rows, list[Problem]]:
    if bad is None or not bad.any():
        return rows, []
    values = rows.values[column].rows
    problems = [rows.problem(row, column, str(values[row]), reason) for row in np.flatnonzero(bad).tolist()]
    return rows.keep(~bad), problems


class _Growing:
    """One number per account, zero until it is put; grows with the highest place."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._numbers = np.zeros(1024, dtype=kind)

    def get(self, places: Indices) -> npt.NDArray[Any]:
        self._reach(places)
        return self._numbers[places]

    def at(self, place: int) -> int:
        return int(self._numbers[place]) if place < len(self._numbers) else 0

    def put(self, places: Indices, numbers: npt.NDArray[Any]) -> None:
        self._reach(places)
        self._numbers[places] = numbers

    def _reach(self, places: Indices) -> None:
        need = int(places.max(initial=0)) + 1
        if need > len(self._numbers):
            self._numbers = np.concatenate([self._numbers, np.zeros(need, dtype=self._numbers.dtype)])
