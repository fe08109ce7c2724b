"""What a metrics import overwrites, kept for an undo: each image in the transaction of the piece that wrote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Max

from accounts.services.import_accounts import Written
from billing.models import MrrMovement
from csplatform.imports.before import pack_columns, pack_record
from csplatform.imports.columns import Mask
from csplatform.imports.registry import Before
from csplatform.models import Organization
from csplatform.querysets import among

ACCOUNTS, METRICS, FIGURES = "accounts", "metrics", "figures"
FIGURE_FIELDS = ("arr", "updated_at", "health_score", "last_known_health_score", "health_coverage")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows ready to be written, and how they compare with what is stored."""

    accounts: npt.NDArray[np.int64]
    days: npt.NDArray[np.int64]
    measures: dict[str, npt.NDArray[np.float64]]
    arr: npt.NDArray[Any]
    exists: Mask
    differs: Mask
    before: dict[str, npt.NDArray[Any]]
    """By column what the rows hold that are there and will differ, and when they were written."""


def accounts_before(written: Written, *, seen: Sequence[int], written_at: datetime) -> Before:
    """Which accounts were made, what the others' facts were, and whom the step was about at all."""
    return Before(
        part=ACCOUNTS,
        written_at=written_at,
        changes=len(written.created) + len(written.replaced),
        content=pack_record({"created": written.created, "replaced": written.replaced, "seen": seen}),
    )


def metrics_before(prepared: Prepared, columns: Sequence[str], *, written_at: datetime) -> Before:
    """Of new days only whose they are and how many: `created_at` finds them. Of others what they held."""
    created, replaced = prepared.differs & ~prepared.exists, prepared.differs & prepared.exists
    days = prepared.days[created]
    return Before(
        part=METRICS,
        written_at=written_at,
        changes=int(prepared.differs.sum()),
        content=pack_columns(
            {
                "created": np.unique(prepared.accounts[created]),
                "created_count": np.array([created.sum()]),
                "created_between": np.array([days.min(), days.max()] if len(days) else [], dtype=np.int64),
                "accounts": prepared.accounts[replaced],
                "days": prepared.days[replaced].astype(np.int32),
                "updated_at": prepared.before["updated_at"],
                **{f"old_{name}": prepared.before[name] for name in columns if name in prepared.before},
            }
        ),
    )


class FiguresBefore:
    """What accounts paid, and how healthy they were, before the file's ARR is settled and they are scored."""

    def __init__(self, organization: Organization, keys: Sequence[int], *, reported: Collection[int]) -> None:
        self._accounts = organization.accounts.filter(among("pk", keys)).order_by("pk")
        locked = self._accounts.select_for_update(no_key=True) if reported else self._accounts
        self._old = {key: values for key, *values in locked.values_list("pk", *FIGURE_FIELDS)}
        # PERFORMANCE: not begun at the organisation, whose index has all its movements; the accounts are its own.
        self._movements = MrrMovement.objects.filter(among("account", sorted(reported))).order_by()
        self._last = (reported and self._movements.aggregate(last=Max("pk"))["last"]) or 0

    def image(self, *, written_at: datetime) -> Before:
        """Afterwards: with what was booked meanwhile, for which the accounts are locked."""
        moved = list(self._accounts.filter(updated_at=written_at).values_list("pk", flat=True))
        booked = list(self._movements.filter(pk__gt=self._last).values_list("pk", flat=True))
        return Before(
            part=FIGURES,
            written_at=written_at,
            changes=len(moved),
            content=pack_record({"old": self._old, "moved": moved, "movements": booked}),
        )
