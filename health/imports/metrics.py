"""The metrics import: accounts and their days out of one file, scored as they are written."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db import connection
from django.db.models import CharField, F, FloatField, Max, Q, Window
from django.db.models.functions import Cast, Lag
from django.utils import timezone

from accounts.imports.before import NamesBefore
from accounts.services.import_accounts import FACTS, ImportedAccounts, settle_arr
from csplatform import bulk
from csplatform.bulk import Upserted
from csplatform.imports.columns import Mask, Rows
from csplatform.imports.reading import Problem
from csplatform.imports.registry import Checked, Newcomers, Order, Step, Tally
from csplatform.money import ZERO
from csplatform.querysets import among
from csplatform.tenancy import organization_scope
from health.imports.before import FiguresBefore, Prepared, accounts_before, metrics_before
from health.imports.owners import NamedOwners
from health.models import DailyMetrics
from health.querysets import DailyMetricsQuerySet
from health.services.alert_jobs import order_evaluation
from health.services.scorecard import scorecards_to_score_by
from health.services.scoring import recompute_health, score_rows

ACCOUNTS_AT_ONCE = {"sqlite": 500, "postgresql": 2_500}
"""By database: on SQLite a page's write waits for as long as a transaction takes."""
MEASURES = {
    "daily_active_users": "daily_active_users",
    "feature_adoption_rate": "adoption_pct",
    "support_tickets_open": "tickets_open",
    "nps_score": "nps",
    "login_frequency": "login_rate",
}
"""Columns of the file that are measured daily, and where they are stored."""
_DAY_BITS = 22  # an ordinal day has at most 3,652,059

Days = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the rows last checked, beside their values."""

    lines: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    days: Days
    counts: Mask
    """False where a later row of the file is about the same account and day."""


class MetricsLoader:
    """Takes one file of metrics in; the engine's `Loader` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self.accounts = ImportedAccounts(order.organization)
        self.people = NamedOwners(order.organization)
        self._keys = array("q")
        self._is_checked = False
        self._repeated_keys: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._still_to_come: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._seen = Seen(*(np.empty(0, dtype=np.int64),) * 3, np.empty(0, dtype=bool))
        self._known_before: Mask = np.empty(0, dtype=bool)
        self._earliest = date.max
        self._facts: dict[int, tuple[float, int]] = {}
        with organization_scope(self.organization, write=True, touch=False):
            self._scorecards = scorecards_to_score_by(self.organization, now=timezone.now())
        self._rules = [card.rules for card in self._scorecards.counting]

    # -- checking -----------------------------------------------------------------------------------

    def check(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        with organization_scope(self.organization, write=False):
            rows = self.people.owners(rows)
            rows, problems = self.accounts.refuse(rows)
            rows, places, strangers = self.accounts.match(rows)
        days = self._days_of(rows)
        keys = (places << _DAY_BITS) | days
        if not self._is_checked:
            self.accounts.note(rows, places, days)
            self._keys.frombytes(keys.tobytes())
        self._seen = Seen(rows.lines, places, days, self._which_count(keys))
        return rows, problems + strangers

    def checked(self) -> Checked:
        keys = np.frombuffer(self._keys, dtype=np.int64)
        keys.sort()
        mask = (1 << _DAY_BITS) - 1
        self._earliest = date.fromordinal(int((keys & mask).min())) if len(keys) else date.max
        again = keys[1:][keys[1:] == keys[:-1]]
        self._repeated_keys, times = np.unique(again, return_counts=True)
        self._still_to_come = times + 1
        self._keys = array("q")
        self._is_checked = True
        self._known_before = np.array([each.key is not None for each in self.accounts.accounts], dtype=bool)
        created = int((~self._known_before).sum())
        return Checked(
            repeated=len(again),
            details={"accounts": len(self.accounts.seen()), "accounts_created": created},
            newcomers=self._newcomers if created else None,
            notices=self.people.notices(),
        )

    def _newcomers(self) -> Newcomers:
        """The accounts that the file would make, and which of them are probably slips of the finger."""
        with organization_scope(self.organization, write=False):
            return self.accounts.newcomers(np.flatnonzero(~self._known_before).tolist())

    def _days_of(self, rows: Rows) -> Days:
        if "date" not in rows:
            return np.full(len(rows), self.order.today.toordinal(), dtype=np.int64)
        dates = rows.values["date"]
        ordinals = [day.toordinal() if isinstance(day, date) else 0 for day in dates.distinct]
        return np.array(ordinals, dtype=np.int64)[dates.codes]

    def _which_count(self, keys: npt.NDArray[np.int64]) -> Mask:
        """Of the rows about one account and day only the last in the file is written."""
        counts = np.ones(len(keys), dtype=bool)
        if not len(self._repeated_keys) or not len(keys):
            return counts
        at = np.searchsorted(self._repeated_keys, keys)
        at[at == len(self._repeated_keys)] = 0
        for row in np.flatnonzero(self._repeated_keys[at] == keys).tolist():
            self._still_to_come[at[row]] -= 1
            counts[row] = self._still_to_come[at[row]] == 0
        return counts

    # -- before the rows ----------------------------------------------------------------------------

    def prepare(self, after: int) -> Iterator[Step]:
        total, size = len(self.accounts), ACCOUNTS_AT_ONCE[connection.vendor]
        for start in range(after, total, size):
            end = min(start + size, total)
            yield Step(position=end, total=total, ready=partial(self._accounts_ready, start, end))

    def _accounts_ready(self, start: int, end: int) -> Callable[[], Tally]:
        known = [each.key for each in self.accounts.accounts[start:end] if each.key is not None]
        has_facts = not {*FACTS, "cs_owner"}.isdisjoint(self.order.header)
        newest = self._newest_known(known) if has_facts else {}
        return partial(self._write_accounts, start, end, newest)

    def _write_accounts(self, start: int, end: int, newest_known: Mapping[int, date]) -> Tally:
        now = timezone.now()
        written = self.accounts.write(
            range(start, end), newest_known=newest_known, by=self.order.by, reason=self.order.reason, now=now
        )
        seen = [each.key for each in self.accounts.accounts[start:end] if each.key is not None]
        return Tally(
            details={"accounts_changed": len(written.replaced)},
            notices=written.notices,
            before=[accounts_before(written, seen=seen, written_at=now)],
        )

    def _newest_known(self, keys: list[int]) -> dict[int, date]:
        """The day of the newest metrics of each account that has any."""
        if not keys:
            return {}
        with organization_scope(self.organization, write=False):
            # PERFORMANCE: grouped, not looked up account by account: right after a large first import PostgreSQL has
            # no figures yet, and takes the wrong index for each of them (6 s for 1,000 accounts).
            return dict(self._days_of_accounts(keys).values_list("account").annotate(Max("date")))

    def _days_of_accounts(self, keys: list[int]) -> DailyMetricsQuerySet:
        """The metrics of accounts, which are this organisation's: they were found among its own.

        PERFORMANCE: the one query that does not begin at the organisation. With it databases choose its index on
        dates and look at every account's days: 25 times the rows.
        """
        return DailyMetrics.objects.filter(among("account", sorted(keys))).order_by()

    # -- the rows -----------------------------------------------------------------------------------

    def load(self, rows: Rows) -> Callable[[], Tally]:
        prepared = self._prepared(rows)
        return partial(self._write, prepared)

    def forecast(self, rows: Rows) -> Tally:
        prepared = self._prepared(rows)
        return Tally(
            rows=Upserted(
                created=int((~prepared.exists).sum()),
                updated=int((prepared.exists & prepared.differs).sum()),
                unchanged=int((prepared.exists & ~prepared.differs).sum()),
            )
        )

    def _prepared(self, rows: Rows) -> Prepared:
        """The rows as they will stand in the table: merged with what is there, scored, and compared with it."""
        at = np.searchsorted(self._seen.lines, rows.lines)
        counts = self._seen.counts[at]
        rows, at = rows.keep(counts), at[counts]
        places, days = self._seen.places[at], self._seen.days[at]
        accounts = np.array([each.key or 0 for each in self.accounts.accounts], dtype=np.int64)[places]
        measures = {
            stored: rows.values[column].rows.astype(np.float64)
            for column, stored in MEASURES.items()
            if column in rows
        }
        amounts = rows.values["arr"].rows if "arr" in rows else np.full(len(rows), None, dtype=object)
        with organization_scope(self.organization, write=False):
            old = self._stored(accounts, days, may_exist=self._known_before[places])
            targets, cards = self._scored_against(accounts)
        exists = old["exists"].astype(bool)
        merged = {name: np.where(np.isnan(values), old[name], values) for name, values in measures.items()}
        arr = np.array([np.nan if amount is None else float(amount) for amount in amounts])
        arr_differs = ~np.isnan(arr) & (arr != old["arr"])
        frame = pd.DataFrame({name: merged.get(name, old[name]) for name in self._measured} | {"target": targets})
        merged["health_score"] = self._scores(frame, cards)
        differs = ~exists | arr_differs
        for name, values in merged.items():
            # A recompute may have guarded the stored score by the account's records: that is no news of the file's.
            if name == "health_score" and any(rules.asks_accounts for rules in self._rules):
                continue
            differs |= ~((values == old[name]) | (np.isnan(values) & np.isnan(old[name])))
        kept = np.isnan(arr) & ~np.isnan(old["arr"])
        amounts[kept] = [_paise(amount) for amount in old["arr"][kept].tolist()]
        replaced = exists & differs
        before = {name: values[replaced] for name, values in old.items() if name != "exists"}
        before["updated_at"] = self._last_written(accounts[replaced], days[replaced])
        return Prepared(accounts, days, merged, amounts, exists, differs, before)

    @property
    def _measured(self) -> list[str]:
        return list(dict.fromkeys([*MEASURES.values(), *(name for rules in self._rules for name in rules.columns)]))

    def _scores(self, frame: pd.DataFrame, cards: npt.NDArray[np.int64]) -> Floats:
        """The health score of each row, by the scorecard of its account's segment."""
        scores = np.full(len(frame), np.nan)
        for at, rules in enumerate(self._rules):
            mine = cards == at
            if mine.any():
                scores[mine] = score_rows(frame[mine], rules).to_numpy(dtype=np.float64)
        return scores

    def _stored(self, accounts: npt.NDArray[np.int64], days: Days, *, may_exist: Mask) -> dict[str, Floats]:
        """What the table holds for each account and day; NaN where it holds nothing."""
        names = [*self._measured, "health_score"]
        old = {name: np.full(len(accounts), np.nan) for name in ("arr", *names)}
        old["exists"] = np.zeros(len(accounts))
        if not may_exist.any():
            return old
        texts = _iso_days(days)
        place_of = {
            (account, texts[place]): place for place, account in enumerate(accounts.tolist()) if may_exist[place]
        }
        stored = self._days_of_accounts(np.unique(accounts[may_exist]).tolist()).filter(date__in=sorted(set(texts)))
        # PERFORMANCE: as plain numbers and texts; making dates and decimals of them takes longer than all the rest.
        columns = [Cast(name, FloatField()) for name in ("arr", *names)]
        found = [
            (place, values)
            for account, day, *values in stored.values_list("account_id", Cast("date", CharField()), *columns)
            if (place := place_of.get((account, day))) is not None
        ]
        if found:
            at = np.array([place for place, _ in found])
            table = np.array([values for _, values in found], dtype=np.float64)
            for column, name in enumerate(("arr", *names)):
                old[name][at] = table[:, column]
            old["exists"][at] = 1
        return old

    def _last_written(self, accounts: npt.NDArray[np.int64], days: Days) -> npt.NDArray[Any]:
        """When the rows that will be overwritten were written, as texts: an undo puts that back too."""
        if not len(accounts):
            return np.empty(0, dtype=str)
        texts = _iso_days(days)
        with organization_scope(self.organization, write=False):
            rows = self._days_of_accounts(np.unique(accounts).tolist()).filter(date__in=sorted(set(texts)))
            moments = {
                (account, day): moment
                for account, day, moment in rows.values_list(
                    "account_id", Cast("date", CharField()), Cast("updated_at", CharField())
                )
            }
        return np.array([moments[key] for key in zip(accounts.tolist(), texts, strict=True)], dtype=str)

    def _scored_against(self, accounts: npt.NDArray[np.int64]) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Per row how many active users count as full use, the seats or else the organisation's setting; and which
        of the scorecards its account is scored by."""
        distinct, inverse = np.unique(accounts, return_inverse=True)
        unknown = [key for key in distinct.tolist() if key and key not in self._facts]
        default = (float(self.organization.active_users_target), self._card_at[""])
        if unknown:
            rows = self.organization.accounts.filter(among("pk", unknown)).order_by()
            self._facts |= dict.fromkeys(unknown, default) | {
                key: (float(seats or default[0]), self._card_at[segment])
                for key, seats, segment in rows.values_list("pk", "seats", "segment")
            }
        facts = [self._facts.get(key, default) for key in distinct.tolist()]
        targets = np.array([target for target, _ in facts])
        cards = np.array([card for _, card in facts], dtype=np.int64)
        return targets[inverse], cards[inverse]

    @property
    def _card_at(self) -> dict[str, int]:
        """Segment to the place of its scorecard."""
        places = {card.pk: at for at, card in enumerate(self._scorecards.counting)}
        return {segment: places[card.pk] for segment, card in self._scorecards.by_segment.items()}

    def _write(self, prepared: Prepared) -> Tally:
        now = timezone.now()
        differs = prepared.differs
        columns: dict[str, bulk.Column] = {
            "account_id": prepared.accounts[differs].tolist(),
            "date": _iso_days(prepared.days[differs]),
            **{name: values[differs] for name, values in prepared.measures.items()},
        }
        if "arr" in self.order.header:
            columns["arr"] = prepared.arr[differs].tolist()
        upserted = bulk.upsert(
            DailyMetrics,
            columns,
            unique=["account_id", "date"],
            update=[name for name in columns if name not in {"account_id", "date"}],
            constants={"organization_id": self.organization.pk, "created_at": now, "updated_at": now},
            stamps=["updated_at"],
        )
        return Tally(
            rows=upserted + Upserted(unchanged=int((~differs).sum())),
            before=[metrics_before(prepared, list(columns), written_at=now)] if differs.any() else [],
        )

    # -- after the rows -----------------------------------------------------------------------------

    def settle(self, after: int) -> Iterator[Step]:
        places = {self.accounts.accounts[place].key or 0: place for place in self.accounts.seen()}
        touched, size = sorted(key for key in places if key > after), ACCOUNTS_AT_ONCE[connection.vendor]
        for start in range(0, len(touched), size):
            batch = {key: places[key] for key in touched[start : start + size]}
            yield Step(position=max(batch), total=touched[-1], ready=partial(self._figures_ready, batch))

    def _figures_ready(self, places: Mapping[int, int]) -> Callable[[], Tally]:
        reported = self._reported_arr(places) if "arr" in self.order.header else {}
        return partial(self._settle, list(places), reported)

    def _settle(self, keys: list[int], reported: Mapping[int, list[tuple[date, Decimal]]]) -> Tally:
        now = timezone.now()
        figures = FiguresBefore(self.organization, keys, reported=reported)
        notices = settle_arr(
            organization=self.organization,
            reported=reported,
            by=self.order.by,
            cause=self.order.reason,
            now=now,
        )
        before = figures.image(written_at=now)
        recompute_health(organization=self.organization, today=self.order.today, account_ids=keys)
        return Tally(notices=notices, before=[before])

    def _reported_arr(self, places: Mapping[int, int]) -> dict[int, list[tuple[date, Decimal]]]:
        """For each account the days from which another ARR was reported, oldest first.

        Read from the table, not from the file: so it does not matter in which order or in how many pieces the rows
        came. Accounts that had newer metrics before keep theirs. Days before the file's first are left out; an
        account's first day here may then repeat an older figure, which changes nothing.
        """
        newest = self._newest_known([key for key, place in places.items() if self._known_before[place]])
        mine = [
            key
            for key, place in places.items()
            if newest.get(key, date.min).toordinal() <= self.accounts.newest_days(np.array([place]))[0]
        ]
        reported = (
            self._days_of_accounts(mine)
            .filter(arr__isnull=False, date__gte=self._earliest)
            .annotate(arr_before=Window(Lag("arr"), partition_by="account", order_by="date"))
        )
        changes = reported.filter(Q(arr_before=None) | ~Q(arr_before=F("arr"))).order_by("account_id", "date")
        by_account: dict[int, list[tuple[date, Decimal]]] = {}
        with organization_scope(self.organization, write=False):
            for account, day, arr in changes.values_list("account_id", "date", "arr"):
                by_account.setdefault(account, []).append((day, arr or ZERO))
        return by_account

    def close(self) -> Tally:
        order_evaluation(self.organization)
        changed, now = self.accounts.with_new_identity(), timezone.now()
        names = NamesBefore(self.organization, list(changed))
        written = self.accounts.write_identities(
            newest_known=self._newest_known(list(changed)), by=self.order.by, reason=self.order.reason, now=now
        )
        if not written.replaced:
            return Tally()
        return Tally(
            details={"accounts_renamed": len(written.replaced)}, before=[names.image(written, written_at=now)]
        )


def _paise(amount: float) -> Decimal:
    """An amount as it was stored: twelve digits come through a float unharmed."""
    return Decimal(f"{amount:.2f}")


def _iso_days(days: Days) -> list[str]:
    """Days as ISO texts, each distinct one written once."""
    distinct, inverse = np.unique(days, return_inverse=True)
    texts = np.array([date.fromordinal(day).isoformat() for day in distinct.tolist()], dtype=object)
    return texts[inverse].tolist() if len(distinct) else []
