"""What people and imports changed on an account, in words, from its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from simple_history.models import DeletedObject

from accounts.models import Account
from csplatform.formatting import date_text, rupees_full

NOTHING = "nothing"
NOT_TOLD = [
    "updated_at",
    "name_key",
    "health_score",
    "last_known_health_score",
    "health_coverage",
    "churn_risk_score",
]
"""Bookkeeping, and scores, which have a history of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What one person, or the system, changed in one go."""

    at: datetime
    by: str
    lines: tuple[str, ...]


def account_changes(account: Account, *, most: int = 6) -> list[AccountChange]:
    """The latest changes, newest first."""
    records = list(
        account.history.select_related("history_user").order_by("-history_date", "-history_id")[: most + 1]
    )
    changes = []
    for newer, older in zip_longest(records, records[1:]):
        lines = tuple(_lines(newer, older))
        if lines:
            by = newer.history_user.display_name if newer.history_user else "The system"
            changes.append(AccountChange(at=newer.history_date, by=by, lines=lines))
    return changes[:most]


def _lines(newer: Any, older: Any) -> Iterator[str]:
    """History rows are generated classes, hence untyped here."""
    if newer.history_type == "+":
        yield "created the account"
        return
    if older is None:
        return
    delta = newer.diff_against(older, excluded_fields=NOT_TOLD, foreign_keys_are_objs=True)
    for change in delta.changes:
        field = Account._meta.get_field(change.field)
        label = str(getattr(field, "verbose_name", change.field))
        choices = dict(getattr(field, "flatchoices", None) or [])
        before, after = (_words(change.field, choices.get(value, value)) for value in (change.old, change.new))
        yield f"{label}: {before} → {after}"


def _words(field: str, value: object) -> str:
    if value is None or value == "" or (isinstance(value, DeletedObject) and value.pk is None):
        return NOTHING
    if isinstance(value, DeletedObject):
        return f"a {value.model._meta.verbose_name} that is gone"
    if isinstance(value, Decimal) and field == "arr":
        return rupees_full(value)
    if isinstance(value, datetime):
        return date_text(value.date())
    return date_text(value) if isinstance(value, date) else str(value)
