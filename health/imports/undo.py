"""Taking a metrics import back: the images of `health.imports.before`, restored newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count, Q

from accounts.services.undo_import import (
    NOBODYS,
    delete_accounts,
    hanging_on,
    restore_accounts,
    restore_aliases,
    touched_accounts,
)
from billing.enums import RenewalStatus
from billing.services.reversal import moved_since, reverse_movements
from csplatform import bulk
from csplatform.formatting import date_text, moment_text
from csplatform.imports.before import unpack_columns, unpack_record
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.registry import Order
from csplatform.models import ImportBefore
from health.imports.before import ACCOUNTS, FIGURE_FIELDS, FIGURES, METRICS, NAMES
from health.models import DailyMetrics
from health.querysets import DailyMetricsQuerySet
from health.services.scoring import recompute_health

WORKED_ON = (
    ~Q(status=RenewalStatus.NOT_STARTED)
    | ~Q(subscription=None)
    | Q(probability__isnull=False)
    | ~Q(outcome_reason="")
)
DERIVED = {
    "billing.MrrMovement": NOBODYS,
    "billing.Renewal": WORKED_ON,
    "health.DailyMetrics": NOBODYS,
    "health.HealthSnapshot": NOBODYS,
}
"""What goes with an account that the import made; its metrics have been counted before."""


class MetricsUndo:
    """Takes one import back; the engine's `Undo` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self._vouched: dict[int, None] = {}
        self._pieces: set[datetime] = set()
        self._checks = {
            ACCOUNTS: self._touched_made,
            METRICS: self._touched_days,
            FIGURES: self._touched_figures,
            NAMES: self._touched_names,
        }
        self._restorers = {
            ACCOUNTS: self._restore_accounts,
            METRICS: self._restore_days,
            FIGURES: self._restore_figures,
            NAMES: self._restore_names,
        }

    # -- what was touched since ---------------------------------------------------------------------

    def check(self, image: ImportBefore) -> str:
        return self._checks[image.part](image)

    def _touched_rows(self, keys: Sequence[int], image: ImportBefore) -> str:
        """Accounts that somebody has written since; for those in a newer image that one has vouched."""
        written = {key: image.written_at for key in keys if key not in self._vouched}
        self._vouched |= dict.fromkeys(keys)
        return touched_accounts(self.organization, written)

    def _touched_names(self, image: ImportBefore) -> str:
        replaced = _by_key(unpack_record(image.content)["replaced"])
        touched = self._touched_rows(list(replaced), image)
        if touched:
            return touched
        old = {facts["name_key"] for facts in replaced.values()}
        taken = self.organization.accounts.filter(name_key__in=old).exclude(pk__in=list(replaced)).first()
        return f"{taken} has the name that one of its accounts had." if taken else ""

    def _touched_figures(self, image: ImportBefore) -> str:
        record = unpack_record(image.content)
        touched = self._touched_rows(record["moved"], image)
        if touched:
            return touched
        moved = self.organization.accounts.filter(pk__in=moved_since(self.organization, record["movements"])).first()
        return f"The ARR of {moved} has changed." if moved else ""

    def _touched_made(self, image: ImportBefore) -> str:
        record = unpack_record(image.content)
        created = record["created"]
        touched = self._touched_rows([*created, *_by_key(record["replaced"])], image)
        if touched or not created:
            return touched
        days = DailyMetrics.objects.filter(account__in=created).exclude(created_at__in=self._pieces)
        day = days.select_related("account").first()
        if day is not None:
            return f"{day.account} has newer metrics, of {date_text(day.date)}{self._named(day.created_at)}."
        return hanging_on(self.organization, created, derived=DERIVED)

    def _touched_days(self, image: ImportBefore) -> str:
        self._pieces.add(image.written_at)
        columns = unpack_columns(image.content)
        created = self._created(columns, image)
        counts = created.aggregate(all=Count("pk"))["all"]
        later = created.exclude(updated_at=image.written_at).select_related("account").first()
        if later is not None:
            return self._written_again(later)
        if counts != int(columns["created_count"][0]):
            return "Some of its metrics no longer exist; accounts may have been merged or deleted."
        replaced = self._replaced(columns, image)
        if len(replaced) == len(columns["accounts"]):
            return ""
        wanted = set(zip(columns["accounts"].tolist(), columns["days"].tolist(), strict=True))
        account, day = sorted(wanted - replaced.keys())[0]
        rows = DailyMetrics.objects.filter(account=account, date=date.fromordinal(day)).select_related("account")
        row = rows.first()
        return self._written_again(row) if row else "Some of its metrics no longer exist."

    def _written_again(self, row: DailyMetrics) -> str:
        when = moment_text(row.updated_at, self.organization.zone)
        return (
            f"The metrics of {row.account} of {date_text(row.date)} were written again on {when}"
            f"{self._named(row.updated_at)}."
        )

    def _named(self, moment: datetime) -> str:
        """The import that wrote at that moment, if it was one."""
        images = ImportBefore.objects.filter(organization=self.organization, written_at=moment)
        image = images.select_related("file_import__upload").first()
        return f", by the import of {image.file_import.upload}" if image else ""

    # -- putting back -------------------------------------------------------------------------------

    def restore(self, image: ImportBefore) -> None:
        self._vouched = {}
        touched = self.check(image)
        if touched:
            raise UndoRefused(touched)
        self._restorers[image.part](image)

    def _restore_names(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        replaced = _by_key(record["replaced"])
        self._write_accounts(replaced)
        restore_aliases(self.organization, list(replaced), record["aliases"])

    def _restore_figures(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        old = {key: dict(zip(FIGURE_FIELDS, values, strict=True)) for key, values in _by_key(record["old"]).items()}
        moved = set(record["moved"])
        reverse_movements(
            organization=self.organization, movements=record["movements"], cause=self.order.reason[:255]
        )
        self._write_accounts({key: facts for key, facts in old.items() if key in moved})
        health = [name for name in FIGURE_FIELDS if name not in {"arr", "updated_at"}]
        rest = {key: {name: facts[name] for name in health} for key, facts in old.items() if key not in moved}
        restore_accounts(
            organization=self.organization, facts=rest, by=None, reason=self.order.reason, keep_history=False
        )

    def _restore_days(self, image: ImportBefore) -> None:
        columns = unpack_columns(image.content)
        self._created(columns, image)._raw_delete(connection.alias)
        replaced = self._replaced(columns, image)
        keys = [replaced[key] for key in zip(columns["accounts"].tolist(), columns["days"].tolist(), strict=True)]
        old: dict[str, bulk.Column] = {
            name.removeprefix("old_"): values for name, values in columns.items() if name.startswith("old_")
        }
        if "arr" in old:
            old["arr"] = [None if amount != amount else f"{amount:.2f}" for amount in columns["old_arr"].tolist()]
        old["updated_at"] = [_moment(text) for text in columns["updated_at"].tolist()]
        bulk.update_from(DailyMetrics, keys, old)

    def _restore_accounts(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        self._write_accounts(_by_key(record["replaced"]))
        delete_accounts(
            organization=self.organization,
            keys=record["created"],
            derived=DERIVED,
            by=self.order.by,
            reason=self.order.reason,
        )
        left = set(record["seen"]) - set(record["created"])
        recompute_health(organization=self.organization, today=self.order.today, account_ids=left)

    def _write_accounts(self, facts: Mapping[int, Mapping[str, Any]]) -> None:
        restore_accounts(
            organization=self.organization, facts=facts, by=self.order.by, reason=self.order.reason[:100]
        )

    # -- its rows -----------------------------------------------------------------------------------

    def _created(self, columns: Mapping[str, Any], image: ImportBefore) -> DailyMetricsQuerySet:
        """The days that the piece made. Not begun at the organisation: its own accounts are the better index."""
        rows: DailyMetricsQuerySet = DailyMetrics.objects.filter(
            account__in=columns["created"].tolist(), created_at=image.written_at
        ).order_by()
        between = [date.fromordinal(day) for day in columns["created_between"].tolist()]
        return rows.filter(date__range=between) if between else rows.none()

    def _replaced(self, columns: Mapping[str, Any], image: ImportBefore) -> dict[tuple[int, int], int]:
        """The keys of the days that the piece wrote over, by account and day, as far as nobody has since."""
        if not len(columns["accounts"]):
            return {}
        days = columns["days"]
        rows = DailyMetrics.objects.filter(
            account__in=np.unique(columns["accounts"]).tolist(),
            date__range=[date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))],
            updated_at=image.written_at,
        ).exclude(created_at=image.written_at)
        return {
            (key, day.toordinal()): pk for pk, key, day in rows.order_by().values_list("pk", "account_id", "date")
        }


def _by_key(record: Mapping[str, Any]) -> dict[int, Any]:
    """JSON knows texts as keys only."""
    return {int(key): value for key, value in record.items()}


def _moment(text: str) -> datetime:
    """A database's text of a moment; SQLite leaves out that it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
