"""Taking a metrics import back: the images of `health.imports.before`, restored newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count

from accounts.imports.before import by_key
from accounts.imports.undo import AccountImagesUndo
from accounts.services.undo_import import NOBODYS, delete_accounts, derived_rows, hanging_on, restore_accounts
from billing.services.reversal import moved_since, reverse_movements
from csplatform import bulk
from csplatform.formatting import date_text, moment_text
from csplatform.imports.before import unpack_columns, unpack_record
from csplatform.imports.registry import Order
from csplatform.models import ImportBefore
from health.imports.before import ACCOUNTS, FIGURE_FIELDS, FIGURES, METRICS
from health.models import DailyMetrics
from health.querysets import DailyMetricsQuerySet
from health.services.scoring import recompute_health


class MetricsUndo(AccountImagesUndo):
    """Takes one import back; the engine's `Undo` says in which order it is asked."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._pieces: set[datetime] = set()
        self._derived = {**derived_rows(), "health.DailyMetrics": NOBODYS}  # its metrics are counted before
        self._checks |= {
            ACCOUNTS: self._touched_made,
            METRICS: self._touched_days,
            FIGURES: self._touched_figures,
        }
        self._restorers |= {
            ACCOUNTS: self._restore_accounts,
            METRICS: self._restore_days,
            FIGURES: self._restore_figures,
        }

    # -- what was touched since ---------------------------------------------------------------------

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
        touched = self._touched_rows([*created, *by_key(record["replaced"])], image)
        if touched or not created:
            return touched
        days = DailyMetrics.objects.filter(account__in=created).exclude(created_at__in=self._pieces)
        day = days.select_related("account").first()
        if day is not None:
            return f"{day.account} has newer metrics, of {date_text(day.date)}{self._named(day.created_at)}."
        return hanging_on(self.organization, created, derived=self._derived)

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

    def _restore_figures(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        old = {key: dict(zip(FIGURE_FIELDS, values, strict=True)) for key, values in by_key(record["old"]).items()}
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
        self._write_accounts(by_key(record["replaced"]))
        delete_accounts(
            organization=self.organization,
            keys=record["created"],
            derived=self._derived,
            by=self.order.by,
            reason=self.order.reason,
        )
        left = set(record["seen"]) - set(record["created"])
        recompute_health(organization=self.organization, today=self.order.today, account_ids=left)

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


def _moment(text: str) -> datetime:
    """A database's text of a moment; SQLite leaves out that it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
